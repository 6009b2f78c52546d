"""Text of the wire → messages. What is missing becomes a default, what has an odd type is left out."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping

from kallglot.stream.messages import (
    AgentLeft,
    AudioClear,
    AudioOutput,
    Ended,
    Lag,
    Latency,
    Message,
    Other,
    Pong,
    Raw,
    Ready,
    StreamError,
    ToolCall,
    Transcript,
)


def parse(text: str | bytes) -> Message:
    """Raises ValueError for what is not a message of this protocol."""
    return read(json.loads(text))


def read(body: object) -> Message:
    """Of what was JSON. Raises ValueError."""
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        raise ValueError("a stream message is an object with a type")
    return _READERS.get(body["type"], _other)(body)


def _ready(body: Raw) -> Ready:
    audio = _object(body, "audio")
    return Ready(
        _text(body, "session_id"),
        _text(body, "status"),
        bool(body.get("resumed")),
        int(_number(body, "last_sequence")),
        _text(audio, "encoding"),
        int(_number(audio, "sample_rate_hz")),
        tuple(each for each in body.get("capabilities") or () if isinstance(each, dict)),
        raw=body,
    )


def _transcript(body: Raw) -> Transcript:
    translation = _object(body, "translation")
    return Transcript(
        id=_text(body, "id"),
        sequence=int(_number(body, "sequence")),
        speaker=_text(body, "speaker"),
        language=_text(body, "language"),
        text=_text(body, "text"),
        is_final=bool(body.get("is_final", body["type"] == "transcript.final")),
        start_s=_number(body, "start_time"),
        end_s=_number(body, "end_time"),
        confidence=_number(body, "confidence"),
        translation_language=translation.get("language"),
        translation=translation.get("text"),
        interrupted=bool(body.get("interrupted")),
        sources=tuple(each for each in body.get("sources") or () if isinstance(each, dict)),
        raw=body,
    )


def _audio(body: Raw) -> AudioOutput:
    audio = _object(body, "audio")
    return AudioOutput(
        segment_id=_text(body, "segment_id"),
        sequence=int(_number(body, "sequence")),
        speaker=_text(body, "speaker"),
        target=_text(body, "target"),
        language=_text(body, "language"),
        encoding=_text(audio, "encoding"),
        sample_rate_hz=int(_number(audio, "sample_rate_hz")),
        payload=_bytes(audio, "payload"),
        mark=body.get("mark"),
        raw=body,
    )


def _lag(body: Raw) -> Lag:
    return Lag(
        _text(body, "segment_id"),
        body.get("target"),
        _text(body, "action"),
        _number(body, "waited_ms"),
        _number(body, "tempo"),
        raw=body,
    )


def _latency(body: Raw) -> Latency:
    parts = ("endpoint_ms", "asr_ms", "mt_ms", "tts_ms", "queue_ms", "total_ms", "model_ms")
    return Latency(_text(body, "segment_id"), *(_number(body, part) for part in parts), raw=body)


def _tool_call(body: Raw) -> ToolCall:
    return ToolCall(
        _text(body, "call_id"), _text(body, "name"), _object(body, "arguments"), _text(body, "expires_at"), raw=body
    )


def _error(body: Raw) -> StreamError:
    error = _object(body, "error")
    return StreamError(
        _text(error, "code"), _text(error, "message"), bool(body.get("fatal")), body.get("segment_id"), raw=body
    )


def _other(body: Raw) -> Other:
    return Other(body["type"], raw=body)


def _text(body: Raw, name: str) -> str:
    value = body.get(name)
    return "" if value is None else str(value)


def _number(body: Raw, name: str) -> float:
    value = body.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _object(body: Raw, name: str) -> Raw:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def _bytes(body: Raw, name: str) -> bytes:
    try:
        return base64.b64decode(_text(body, name), validate=True)
    except binascii.Error:
        return b""


_READERS: Mapping[str, Callable[[Raw], Message]] = {
    "session.ready": _ready,
    "transcript.partial": _transcript,
    "transcript.final": _transcript,
    "audio.output": _audio,
    "audio.clear": lambda body: AudioClear(_text(body, "segment_id"), body.get("target"), raw=body),
    "lag": _lag,
    "latency": _latency,
    "tool.call": _tool_call,
    "agent.left": lambda body: AgentLeft(_text(body, "session_id"), raw=body),
    "pong": lambda body: Pong(_text(body, "session_id"), raw=body),
    "session.ended": lambda body: Ended(_text(body, "session_id"), _text(body, "reason"), raw=body),
    "session.error": _error,
}
