"""What travels between a socket and the pipeline, whatever the dialect.

Audio is 16-bit little-endian PCM; times are seconds from the session's first audio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from core.domain.knowledge import Source
from core.domain.sessions import Role, Status
from core.domain.tool_calls import ToolCall
from core.domain.transcripts import Translation
from media_worker.audio.formats import SAMPLE_BYTES
from media_worker.engines.base import LanguageCapability

# From the client.


class ControlAction(StrEnum):
    MUTE = "mute"
    UNMUTE = "unmute"
    PAUSE_TRANSCRIPTION = "pause_transcription"
    RESUME_TRANSCRIPTION = "resume_transcription"
    ORIGINAL_VOICE_ON = "original_voice_on"
    ORIGINAL_VOICE_OFF = "original_voice_off"


class AudioIn(msgspec.Struct, gc=False):
    """`channels` 2 is left customer, right agent, interleaved; `speaker` then says nothing.

    No dataclass, because one is made for every 20 ms of every call and this is three times as fast.
    """

    pcm: bytes
    rate_hz: int
    channels: int
    speaker: Role | None
    sequence: int | None

    @property
    def length_s(self) -> float:
        return len(self.pcm) / SAMPLE_BYTES / self.channels / self.rate_hz


@dataclass(frozen=True, slots=True)
class TextIn:
    text: str
    speaker: Role | None


@dataclass(frozen=True, slots=True)
class Authentication:
    """`token` is empty where a carrier's start message brought none. `participant` is an id or a role.

    `last_sequence` is the last final that the client has; None when it does not say.
    """

    token: str
    participant: str | None = None
    original_voice: bool = False
    last_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Ping:
    pass


@dataclass(frozen=True, slots=True)
class EndRequest:
    pass


@dataclass(frozen=True, slots=True)
class Control:
    action: ControlAction


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that could not be taken; answered as `session.error`. `malformed` ones are counted."""

    code: str
    message: str
    malformed: bool = True


@dataclass(frozen=True, slots=True)
class Marked:
    """A carrier has come to a mark: everything sent before it was played, or thrown away by a `Clear`."""

    name: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """This stream is over; its session is not."""


@dataclass(frozen=True, slots=True)
class CarrierTrouble:
    """The carrier could not do what we sent; `code` is its own."""

    code: str


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What a tool call came to; `failed`: `result` is a text that says why."""

    call_id: str
    result: Any
    failed: bool


ClientMessage = (
    AudioIn
    | TextIn
    | Authentication
    | Ping
    | EndRequest
    | Control
    | Refused
    | Marked
    | Stopped
    | CarrierTrouble
    | ToolAnswer
)

# To the client.


@dataclass(frozen=True, slots=True)
class Ready:
    status: Status
    participant: Role | None
    resumed: bool
    last_sequence: int
    capabilities: tuple[LanguageCapability, ...]
    participant_id: str | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """A partial or final turn. The sequence of a partial is tentative: the one it would get now."""

    segment_id: str
    sequence: int
    speaker: Role
    language: str
    text: str
    is_final: bool
    start_s: float
    end_s: float
    confidence: float
    translation: Translation | None = None
    further_translations: tuple[Translation, ...] = ()
    participant: str | None = None
    sources: tuple[Source, ...] = ()
    interrupted: bool = False


class Speech(msgspec.Struct, gc=False):
    """Audio for the listener named by `target`. Without a segment it is the speaker's own voice, passed on.

    `mark` closes a segment: the listener who comes to it has heard everything. `line` tells voices apart that one
    listener hears as they are. No dataclass, as `AudioIn`.
    """

    segment_id: str | None
    sequence: int
    speaker: Role
    target: Role
    language: str
    pcm: bytes
    rate_hz: int
    mark: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Latency:
    """Of one final segment, from the end of speech to the first audio out; the parts sum to the total."""

    segment_id: str
    parts_ms: Mapping[str, float]
    total_ms: float


@dataclass(frozen=True, slots=True)
class Pong:
    pass


@dataclass(frozen=True, slots=True)
class Ended:
    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    code: str
    message: str
    fatal: bool = False
    segment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """For a carrier, which sends it back when everything before it was played."""

    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Playback of this segment must stop: its listener speaks. A carrier throws away all that it has."""

    segment_id: str
    target: Role


class LagAction(StrEnum):
    """What was done about a translation that waited too long to be spoken."""

    MERGED = "merged"
    FASTER = "faster"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Lag:
    """Speaking to `target` has fallen behind. `into` is the segment under which a merged one is spoken."""

    segment_id: str
    target: Role
    action: LagAction
    waited_ms: int
    tempo: float = 1.0
    into: str | None = None


@dataclass(frozen=True, slots=True)
class ToolAsked:
    """The agent wants something done by the customer's software."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class AgentLeft:
    """The machine has left its place to a human; from now on the call is translated."""


ServerMessage = (
    Ready | Transcript | Speech | Latency | Pong | Ended | Failure | Mark | Clear | Lag | ToolAsked | AgentLeft
)
