"""What the server says on a stream, as types (contract section 9). Unknown messages stay readable as `Other`."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ready:
    """The socket is part of the session; `capabilities` tells what the engines can do in its languages."""

    session_id: str
    status: str
    resumed: bool
    last_sequence: int
    encoding: str
    sample_rate_hz: int
    capabilities: tuple[Raw, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """Partial (`is_final` false) or final. Times in seconds from the session's first audio."""

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


@dataclass(frozen=True, slots=True)
class AudioOutput:
    """A piece of translated speech for the listener named by `target`; `mark` is on the last one of a segment."""

    segment_id: str
    sequence: int
    speaker: str
    target: str
    language: str
    encoding: str
    sample_rate_hz: int
    payload: bytes
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class AudioClear:
    segment_id: str
    target: str | None


@dataclass(frozen=True, slots=True)
class Latency:
    """Where the time of one final segment went; the parts sum to `total_ms`."""

    segment_id: str
    endpoint_ms: float
    asr_ms: float
    mt_ms: float
    tts_ms: float
    queue_ms: float
    total_ms: float

    @property
    def work_ms(self) -> float:
        """What came after the end of the phrase had been decided."""
        return self.total_ms - self.endpoint_ms


@dataclass(frozen=True, slots=True)
class Pong:
    session_id: str


@dataclass(frozen=True, slots=True)
class Ended:
    session_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class StreamError:
    code: str
    message: str
    fatal: bool


@dataclass(frozen=True, slots=True)
class Other:
    type: str
    body: Raw


Message = Ready | Transcript | AudioOutput | AudioClear | Latency | Pong | Ended | StreamError | Other


def parse(text: str | bytes) -> Message:
    """Raises ValueError for what is not a message of this protocol."""
    body = json.loads(text)
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        raise ValueError("a stream message is an object with a type")
    reader = _READERS.get(body["type"])
    try:
        return reader(body) if reader else Other(body["type"], body)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{body['type']} without {error}") from error


def _ready(body: Raw) -> Ready:
    audio = body["audio"]
    return Ready(
        body["session_id"],
        body["status"],
        bool(body["resumed"]),
        int(body["last_sequence"]),
        audio["encoding"],
        int(audio["sample_rate_hz"]),
        tuple(body["capabilities"]),
    )


def _transcript(body: Raw) -> Transcript:
    translation = body.get("translation") or {}
    return Transcript(
        id=body["id"],
        sequence=int(body["sequence"]),
        speaker=body["speaker"],
        language=body["language"],
        text=body["text"],
        is_final=bool(body["is_final"]),
        start_s=float(body["start_time"]),
        end_s=float(body["end_time"]),
        confidence=float(body["confidence"]),
        translation_language=translation.get("language"),
        translation=translation.get("text"),
    )


def _audio(body: Raw) -> AudioOutput:
    audio = body["audio"]
    return AudioOutput(
        segment_id=body["segment_id"],
        sequence=int(body["sequence"]),
        speaker=body["speaker"],
        target=body["target"],
        language=body["language"],
        encoding=audio["encoding"],
        sample_rate_hz=int(audio["sample_rate_hz"]),
        payload=base64.b64decode(audio["payload"]),
        mark=body.get("mark"),
    )


def _latency(body: Raw) -> Latency:
    parts = ("endpoint_ms", "asr_ms", "mt_ms", "tts_ms", "queue_ms", "total_ms")
    return Latency(body["segment_id"], *(float(body[part]) for part in parts))


def _error(body: Raw) -> StreamError:
    return StreamError(body["error"]["code"], body["error"]["message"], bool(body["fatal"]))


_READERS: Mapping[str, Callable[[Raw], Message]] = {
    "session.ready": _ready,
    "transcript.partial": _transcript,
    "transcript.final": _transcript,
    "audio.output": _audio,
    "audio.clear": lambda body: AudioClear(body["segment_id"], body.get("target")),
    "latency": _latency,
    "pong": lambda body: Pong(body["session_id"]),
    "session.ended": lambda body: Ended(body["session_id"], body["reason"]),
    "session.error": _error,
}
