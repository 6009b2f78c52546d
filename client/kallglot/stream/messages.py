"""What the server says on a stream, as types (contract section 9), and what the stream says of itself.

As forgiving as the rest of this client: what is missing is a default, what is unknown stays in `raw`, and a message of
a newer server is an `Other`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    raw: Raw = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Ready(_Said):
    """The socket is part of the session; `capabilities` tells what the engines can do in its languages."""

    session_id: str
    status: str
    resumed: bool
    last_sequence: int
    encoding: str
    sample_rate_hz: int
    capabilities: tuple[Raw, ...]


@dataclass(frozen=True, slots=True)
class Transcript(_Said):
    """Partial (`is_final` false) or final. Times in seconds from the session's first audio.

    Of an agent of ours it is what was heard: `interrupted` when there was more, `sources` what it rests on.
    """

    id: str
    sequence: int
    speaker: str
    language: str
    text: str
    is_final: bool
    start_s: float
    end_s: float
    confidence: float
    translation_language: str | None
    translation: str | None
    interrupted: bool = False
    sources: tuple[Raw, ...] = ()


@dataclass(frozen=True, slots=True)
class AudioOutput(_Said):
    """A piece of translated speech for the listener named by `target`; `mark` is on the last one of a segment.

    Without a `segment_id` it is the speaker's own voice, passed on.
    """

    segment_id: str
    sequence: int
    speaker: str
    target: str
    language: str
    encoding: str
    sample_rate_hz: int
    payload: bytes = field(repr=False)
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class AudioClear(_Said):
    """Stop playing this segment: its listener has started to speak."""

    segment_id: str
    target: str | None


@dataclass(frozen=True, slots=True)
class Lag(_Said):
    """Speaking has fallen behind; `action` says what is done about it."""

    segment_id: str
    target: str | None
    action: str
    waited_ms: float
    tempo: float


@dataclass(frozen=True, slots=True)
class Latency(_Said):
    """Where the time of one final segment went; the parts sum to `total_ms`."""

    segment_id: str
    endpoint_ms: float
    asr_ms: float
    mt_ms: float
    tts_ms: float
    queue_ms: float
    total_ms: float
    model_ms: float = 0.0

    @property
    def work_ms(self) -> float:
        """What came after the end of the phrase had been decided."""
        return self.total_ms - self.endpoint_ms


@dataclass(frozen=True, slots=True)
class ToolCall(_Said):
    """An agent of ours wants something done; `Stream.tool_result` answers."""

    id: str
    name: str
    arguments: Raw
    expires_at: str


@dataclass(frozen=True, slots=True)
class AgentLeft(_Said):
    """An agent of ours has handed the call over to a human: from now on it is translated."""

    session_id: str


@dataclass(frozen=True, slots=True)
class Pong(_Said):
    session_id: str


@dataclass(frozen=True, slots=True)
class Ended(_Said):
    session_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class StreamError(_Said):
    """Something could not be done; unless it is `fatal` the stream goes on."""

    code: str
    message: str
    fatal: bool
    segment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Interrupted(_Said):
    """From this client: the connection is lost and is being made again; a `Ready` says when it is."""

    why: str


@dataclass(frozen=True, slots=True)
class Other(_Said):
    """What this version does not know."""

    type: str


Message = (
    Ready
    | Transcript
    | AudioOutput
    | AudioClear
    | Lag
    | Latency
    | ToolCall
    | AgentLeft
    | Pong
    | Ended
    | StreamError
    | Interrupted
    | Other
)
