"""What every conversation of a worker shares, given in at the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from core.domain.terminology import Terminology
from core.ports import Clock, Ids, RecordingStore
from core.services.streams import StreamService
from core.services.tool_calls import ToolCallService
from media_worker.audio.turns import TurnRules
from media_worker.engines.ports import Engines
from media_worker.engines.vocabulary import Vocabulary
from media_worker.knowledge.looking_up import Open, nothing
from media_worker.language_models.base import LanguageModel
from media_worker.language_models.budget import Prices
from media_worker.language_models.embedded.model import EmbeddedModel
from media_worker.pipeline.herald import Herald
from media_worker.pipeline.offload import Offload
from media_worker.pipeline.speech_queue import BacklogRules
from media_worker.pipeline.voice_activity import VoiceActivity
from media_worker.telemetry import Telemetry


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much, in one place. Every wait and every queue of the pipeline is named here.

    `hold_s` is how long a voice waits at most for a listener who has cut it short, `yield_s` an agent's for one who
    speaks.
    """

    idle_s: float = 1800.0
    reconnect_s: float = 300.0
    sockets_per_session: int = 16
    attach_s: float = 10.0
    ahead_s: float = 10.0
    checkpoint_s: float = 10.0
    finish_utterance_s: float = 1.0
    flush_s: float = 10.0
    engine_wait_s: float = 15.0
    waiting_utterances: int = 4
    waiting_sentences: int = 8
    waiting_texts: int = 16
    waiting_clauses: int = 16
    backlog: BacklogRules = field(default_factory=BacklogRules)
    speech_ahead_s: float = 1.0
    hold_s: float = 5.0
    yield_s: float = 30.0
    unsaved_turns: int = 500
    missed_turns: int = 500
    tell_final_s: float = 0.5
    unsaved_chunks: int = 12


@dataclass(frozen=True, slots=True)
class Equipment:
    """`time` is monotonic and in seconds; `clock` tells the date. `terminology` of an organization is read where it may
    block; `vocabulary` is a session's own. `language_model` thinks for the agents of all sessions, at
    its `prices`."""

    service: StreamService
    tool_calls: ToolCallService
    recordings: RecordingStore
    engines: Engines
    voice_activity: VoiceActivity
    herald: Herald
    offload: Offload
    time: Callable[[], float]
    clock: Clock
    ids: Ids
    terminology: Callable[[str], Terminology] = lambda organization_id: Terminology()
    knowledge: Open = nothing
    language_model: LanguageModel = field(default_factory=EmbeddedModel)
    prices: Prices = field(default_factory=Prices)
    vocabulary: Vocabulary = field(default_factory=lambda: Vocabulary(Terminology()))
    limits: Limits = field(default_factory=Limits)
    turns: TurnRules = field(default_factory=TurnRules)
    telemetry: Telemetry = field(default_factory=Telemetry)
