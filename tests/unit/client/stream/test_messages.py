from __future__ import annotations

import json
from typing import Any

import pytest

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
    Ready,
    StreamError,
    ToolCall,
    Transcript,
)
from kallglot.stream.parsing import parse

CAPABILITY = {"language": "en", "speech_in": True, "text": True, "speech_out": True}
READY = {
    "type": "session.ready",
    "session_id": "sess_1",
    "status": "connecting",
    "participant": None,
    "audio": {"encoding": "mulaw", "sample_rate_hz": 8000},
    "resumed": True,
    "last_sequence": 4,
    "capabilities": [CAPABILITY],
}
FINAL = {
    "type": "transcript.final",
    "session_id": "sess_1",
    "id": "seg_1",
    "sequence": 3,
    "speaker": "customer",
    "language": "en",
    "text": "hello",
    "is_final": True,
    "start_time": 0.5,
    "end_time": 1.25,
    "confidence": 0.9,
    "translation": {"language": "es", "text": "hola"},
}
AUDIO = {
    "type": "audio.output",
    "session_id": "sess_1",
    "segment_id": "seg_1",
    "sequence": 1,
    "speaker": "customer",
    "target": "agent",
    "language": "es",
    "audio": {"encoding": "mulaw", "sample_rate_hz": 8000, "payload": "/38="},
}
LATENCY = {
    "type": "latency",
    "segment_id": "seg_1",
    "endpoint_ms": 384,
    "asr_ms": 50,
    "mt_ms": 5,
    "tts_ms": 3,
    "queue_ms": 2,
    "total_ms": 444,
}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (READY, Ready("sess_1", "connecting", True, 4, "mulaw", 8000, (CAPABILITY,))),
        (FINAL, Transcript("seg_1", 3, "customer", "en", "hello", True, 0.5, 1.25, 0.9, "es", "hola")),
        (AUDIO, AudioOutput("seg_1", 1, "customer", "agent", "es", "mulaw", 8000, b"\xff\x7f")),
        (LATENCY, Latency("seg_1", 384, 50, 5, 3, 2, 444)),
        ({"type": "audio.clear", "segment_id": "seg_1"}, AudioClear("seg_1", None)),
        ({"type": "pong", "session_id": "sess_1"}, Pong("sess_1")),
        ({"type": "session.ended", "session_id": "s", "reason": "timeout"}, Ended("s", "timeout")),
        (
            {"type": "session.error", "error": {"code": "c", "message": "m"}, "fatal": False},
            StreamError("c", "m", False),
        ),
        (
            {"type": "lag", "segment_id": "seg_1", "action": "faster", "tempo": 1.2},
            Lag("seg_1", None, "faster", 0, 1.2),
        ),
        (
            {"type": "tool.call", "call_id": "call_1", "name": "look_up", "arguments": {"order": 7}, "expires_at": "t"},
            ToolCall("call_1", "look_up", {"order": 7}, "t"),
        ),
        ({"type": "agent.left", "session_id": "sess_1"}, AgentLeft("sess_1")),
        ({"type": "to.come", "x": 1}, Other("to.come")),
    ],
)
def test_every_message_of_the_contract_is_read(body: dict[str, Any], message: Message) -> None:
    read = parse(json.dumps(body))
    assert read == message
    assert read.raw == body


def test_an_agents_turn_says_what_it_rests_on_and_whether_it_was_heard_whole() -> None:
    message = parse(json.dumps({**FINAL, "interrupted": True, "sources": [{"document_id": "doc_1"}]}))
    assert isinstance(message, Transcript)
    assert (message.interrupted, message.sources) == (True, ({"document_id": "doc_1"},))


def test_a_transcript_without_a_translation_is_read() -> None:
    untranslated = {name: value for name, value in FINAL.items() if name != "translation"}
    message = parse(json.dumps(untranslated))
    assert isinstance(message, Transcript)
    assert message.translation is None


@pytest.mark.parametrize(
    "kind", ["session.ready", "transcript.final", "audio.output", "latency", "lag", "session.error"]
)
@pytest.mark.parametrize("odd", [{}, {"audio": 1, "text": None, "sequence": "x", "error": [], "capabilities": [1]}])
def test_what_is_missing_or_odd_never_breaks_a_stream(kind: str, odd: dict[str, Any]) -> None:
    assert parse(json.dumps({"type": kind, **odd})).raw["type"] == kind


def test_a_voice_that_is_passed_on_has_no_segment() -> None:
    read = parse(json.dumps({**AUDIO, "segment_id": None}))
    assert isinstance(read, AudioOutput)
    assert (read.segment_id, read.payload) == ("", b"\xff\x7f")


@pytest.mark.parametrize("text", ["", "[]", '{"type": 1}', "<html>"])
def test_what_is_no_message_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


def test_work_is_what_follows_the_end_of_a_phrase() -> None:
    assert Latency("seg_1", 384, 50, 5, 3, 2, 444).work_ms == 60
