"""What the sockets are told: `media_worker.dialects`, `core.domain.watched` and `lambdas.websocket` write it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from core.domain.events import EventType
from core.domain.sessions import EndReason, Role, Status
from core.domain.watching import MOST_REPLAYED
from media_worker.audio.formats import RATES_HZ, Encoding
from media_worker.messages import LagAction
from reference.objects.base import Maybe, Seconds, Shown, Timestamp
from reference.objects.recordings import Recording
from reference.objects.sessions import SessionId, SessionTranscript
from reference.objects.tool_calls import ToolCallId
from reference.objects.transcripts import INTERRUPTED, Translation, Turn, TurnSource

SegmentId = Annotated[str, Field(pattern="^seg_")]
Milliseconds = Annotated[float, Field(ge=0)]
Base64 = Annotated[str, Field(json_schema_extra={"contentEncoding": "base64"})]
RateHz = Annotated[int, Field(json_schema_extra={"enum": list(RATES_HZ)})]


class Capability(Shown):
    """What the running engines can do in a language."""

    language: str
    speech_in: bool
    text: bool
    speech_out: bool


class AudioFormat(Shown):
    encoding: Encoding
    sample_rate_hz: RateHz


class AudioPayload(AudioFormat):
    payload: Base64


class OfASession(Shown):
    session_id: SessionId


class Ready(OfASession):
    """The first message: audio may come now."""

    type: Literal["session.ready"]
    status: Status
    participant: Annotated[Role | None, Field(description="Whose voice this stream carries, if it said.")]
    participant_id: Annotated[Maybe[str], Field(description="The participant's own id, if it has one.")] = None
    audio: Annotated[AudioFormat, Field(description="What is sent until the client declares another format.")]
    resumed: Annotated[bool, Field(description="The session goes on; finals after `last_sequence` follow.")]
    last_sequence: Annotated[int, Field(ge=0, description="The last final of the session.")]
    capabilities: list[Capability]


class _Words(OfASession):
    id: SegmentId
    sequence: Annotated[int, Field(ge=1)]
    speaker: Role
    language: str
    text: str
    start_time: Annotated[Seconds, Field(description="Seconds from the session's first audio.")]
    end_time: Seconds
    confidence: Annotated[float, Field(ge=0, le=1)]
    participant: Annotated[Maybe[str], Field(description="The speaker's id, where participants have ids.")] = None
    translation: Maybe[Translation] = None
    further_translations: Annotated[
        Maybe[list[Translation]], Field(description="For participants who speak yet other languages.")
    ] = None
    sources: Maybe[list[TurnSource]] = None
    interrupted: Annotated[Maybe[bool], Field(description=INTERRUPTED)] = None


class PartialTranscript(_Words):
    """What somebody is saying. It may change, and the final of the same `id` replaces it."""

    type: Literal["transcript.partial"]
    is_final: Literal[False]


class FinalTranscript(_Words):
    """What somebody said. It never changes again."""

    type: Literal["transcript.final"]
    is_final: Literal[True]


class AudioOutput(OfASession):
    """Sound for the listener named by `target`: translated speech, or without a segment the speaker's own voice."""

    type: Literal["audio.output"]
    segment_id: SegmentId | None
    sequence: Annotated[int, Field(ge=1, description="1 for the first piece of a segment.")]
    speaker: Role
    target: Role
    language: str
    audio: AudioPayload
    mark: Annotated[Maybe[str], Field(description="On the last piece of a segment.")] = None


class AudioClear(OfASession):
    """Playback of the segment must stop: its listener speaks."""

    type: Literal["audio.clear"]
    segment_id: SegmentId
    target: Role


class LatencyReport(OfASession):
    """Where the time of a segment went, from the end of speech to the first sound. The parts sum to the total."""

    type: Literal["latency"]
    segment_id: SegmentId
    endpoint_ms: Annotated[Milliseconds, Field(description="Waiting for the end of speech.")]
    asr_ms: Annotated[Milliseconds, Field(description="Recognition.")]
    mt_ms: Annotated[Milliseconds, Field(description="Translation.")]
    model_ms: Annotated[
        Maybe[Milliseconds], Field(description="Until an agent's language model had words for its first clause.")
    ] = None
    queue_ms: Annotated[Milliseconds, Field(description="Waiting for its turn to be spoken.")]
    tts_ms: Annotated[Milliseconds, Field(description="Speech.")]
    total_ms: Milliseconds


class LagReport(OfASession):
    """Speaking to `target` has fallen behind, and this was done about it."""

    type: Literal["lag"]
    segment_id: SegmentId
    target: Role
    action: LagAction
    waited_ms: Annotated[int, Field(ge=0)]
    tempo: float
    into: Annotated[SegmentId | None, Field(description="The segment under which a merged one is spoken.")]


class ToolCallOut(OfASession):
    """The agent wants something done. The answer is a `tool.result`, or `POST /v1/sessions/{id}/tool_results`."""

    type: Literal["tool.call"]
    call_id: ToolCallId
    name: str
    arguments: dict[str, Any]
    expires_at: Annotated[Timestamp, Field(description="An answer that comes later is not taken.")]


class AgentLeftOut(OfASession):
    """The agent has handed the call over to a human: from now on it is translated."""

    type: Literal["agent.left"]


class StreamPong(OfASession):
    type: Literal["pong"]


class StreamEnded(OfASession):
    """The last message of a session."""

    type: Literal["session.ended"]
    reason: str


class StreamErrorDetail(Shown):
    code: str
    message: str


class StreamError(OfASession):
    """Something went wrong. Unless `fatal`, the stream goes on."""

    type: Literal["session.error"]
    error: StreamErrorDetail
    fatal: bool
    segment_id: Annotated[Maybe[SegmentId], Field(description="The segment it happened to.")] = None


class CarrierPayload(Shown):
    payload: Base64


class CarrierMark(Shown):
    name: str


class _ToTwilio(Shown):
    stream_id: Annotated[str, Field(alias="streamSid")]


class TwilioMediaOut(_ToTwilio):
    """20 ms of sound."""

    event: Literal["media"]
    media: CarrierPayload


class TwilioMarkOut(_ToTwilio):
    """Comes back when everything before it was played."""

    event: Literal["mark"]
    mark: CarrierMark


class TwilioClearOut(_ToTwilio):
    """Throws away what was not played yet: the listener speaks."""

    event: Literal["clear"]


class TelnyxMediaOut(Shown):
    """20 ms of sound."""

    event: Literal["media"]
    media: CarrierPayload


class TelnyxMarkOut(Shown):
    """Comes back when everything before it was played."""

    event: Literal["mark"]
    mark: CarrierMark


class TelnyxClearOut(Shown):
    """Throws away what was not played yet: the listener speaks."""

    event: Literal["clear"]


_WATCHED = [kind.value for kind in EventType if kind.is_watched]
_OF_RECORDINGS = [kind for kind in _WATCHED if kind.startswith("recording.")]
_TOO = (EventType.TRANSCRIPT_READY, EventType.AGENT_TRANSFERRED)
_OF_SESSIONS = [kind for kind in _WATCHED if kind.startswith("session.") or kind in _TOO]


class WatchedSession(OfASession):
    """A session changed."""

    type: Annotated[str, Field(json_schema_extra={"enum": _OF_SESSIONS})]
    status: Status
    duration: Seconds
    transcript: SessionTranscript
    reason: Annotated[Maybe[EndReason], Field(description="Once the session has ended.")] = None


class WatchedTurn(Turn):
    """Somebody said something, and it is final."""

    type: Literal["transcript.final"]
    session_id: SessionId
    is_final: Literal[True]


class WatchedRecording(OfASession):
    """A recording can be fetched, or was none."""

    type: Annotated[str, Field(json_schema_extra={"enum": _OF_RECORDINGS})]
    recording: Recording


class WatchedToolCall(OfASession):
    """The agent wants something done. The answer is `POST /v1/sessions/{id}/tool_results`."""

    type: Literal["tool.call"]
    call_id: ToolCallId
    name: str
    arguments: dict[str, Any]
    expires_at: Annotated[Timestamp, Field(description="An answer that comes later is not taken.")]


class WatcherPong(Shown):
    type: Literal["pong"]


class Subscribed(OfASession):
    """From now on what happens in the session is told; first, the finals that were asked for."""

    type: Literal["subscribed"]
    status: Status
    last_sequence: Annotated[int, Field(ge=0, description="The last final of the session so far.")]
    replayed: Annotated[
        int, Field(ge=0, le=MOST_REPLAYED, description="How many finals follow because of `last_sequence`.")
    ]


class Unsubscribed(OfASession):
    type: Literal["unsubscribed"]


class EndedByWatcher(OfASession):
    """The session has ended; who watches it is told so, too."""

    type: Literal["ended"]
    status: Status
    reason: Annotated[Maybe[EndReason], Field(description="The first reason that was given.")] = None


class WatcherError(Shown):
    """The message before it was not acted on."""

    type: Literal["error"]
    action: Annotated[Maybe[str], Field(description="Of the message that this is about, if it had one.")] = None
    session_id: Annotated[Maybe[str], Field(description="Of the message that this is about, if it had one.")] = None
    error: StreamErrorDetail
