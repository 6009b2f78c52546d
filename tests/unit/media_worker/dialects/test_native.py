from __future__ import annotations

import base64
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, structs

from core.domain.sessions import Role, Status
from core.domain.tool_calls import ToolCall
from core.domain.transcripts import Translation
from media_worker.audio.formats import DECODE, FORMATS, AudioFormat
from media_worker.dialects.native import NativeDialect
from media_worker.engines.base import LanguageCapability
from media_worker.messages import (
    AgentLeft,
    AudioIn,
    Clear,
    ClientMessage,
    Ended,
    Failure,
    Lag,
    LagAction,
    Latency,
    Mark,
    Pong,
    Ready,
    Refused,
    ServerMessage,
    Speech,
    ToolAsked,
    Transcript,
)

DATA = Path(__file__).parents[3] / "data" / "messages"
CLIENT = [json.loads(line) for line in (DATA / "client.jsonl").read_text().splitlines()]
SERVER = json.loads((DATA / "server.json").read_text())

LATENCY = {"endpoint_ms": 390.0, "asr_ms": 20.5, "mt_ms": 3.1, "queue_ms": 0.0, "tts_ms": 12.4}
ES = Translation("es", "¿Dónde está mi pedido?")
MESSAGES: list[ServerMessage] = [
    Ready(Status.CONNECTING, Role.AGENT, False, 0, (LanguageCapability("en", True, True, False),)),
    Transcript("seg_1", 4, Role.CUSTOMER, "en", "where is", False, 1.23456, 2.0, 0.0),
    Transcript("seg_1", 4, Role.CUSTOMER, "en", "where is my order", True, 1.23456, 2.5, 0.91234, ES),
    Speech("seg_1", 1, Role.CUSTOMER, Role.AGENT, "es", bytes(6), 8000),
    Speech("seg_1", 2, Role.CUSTOMER, Role.AGENT, "es", bytes(6), 8000, mark="seg_1"),
    Speech(None, 1, Role.CUSTOMER, Role.AGENT, "en", bytes(6), 8000),
    Latency("seg_1", LATENCY, 426.0),
    Pong(),
    Failure("not_understood", "no", segment_id="seg_2"),
    Failure("session_ended", "over", fatal=True),
    Ended("explicit_end"),
    Clear("seg_1", Role.AGENT),
    Lag("seg_2", Role.AGENT, LagAction.MERGED, 2400, into="seg_1"),
    Lag("seg_3", Role.AGENT, LagAction.FASTER, 6500, tempo=1.125),
    ToolAsked(ToolCall("call_1", "sess_1", "look_up", {"order": 7}, datetime(2026, 3, 26, 11, tzinfo=UTC), 10.0)),
    AgentLeft(),
]


def read(frame: bytes, *, binary: bool = False) -> ClientMessage:
    (message,) = NativeDialect("sess_1").receive(frame, binary=binary)
    return message


def shown(message: ClientMessage) -> dict[str, Any]:
    said = structs.asdict(message) if isinstance(message, Struct) else asdict(message)
    fields = {name: value.hex() if isinstance(value, bytes) else value for name, value in said.items()}
    if isinstance(message, Refused):
        del fields["message"]
    return {"kind": type(message).__name__, **fields}


@pytest.mark.parametrize("golden", CLIENT, ids=lambda golden: json.dumps(golden["frame"])[:60])
def test_client_messages_are_read_as_written_down(golden: dict[str, Any]) -> None:
    assert shown(read(json.dumps(golden["frame"]).encode())) == golden["read"]


@pytest.mark.parametrize(
    ("message", "golden"), list(zip(MESSAGES, SERVER, strict=True)), ids=lambda m: type(m).__name__
)
def test_server_messages_are_written_as_written_down(message: ServerMessage, golden: dict[str, Any]) -> None:
    assert json.loads(NativeDialect("sess_1").send(message)) == golden


@pytest.mark.parametrize("sound", list(FORMATS.values()), ids=lambda f: f"{f.encoding}-{f.rate_hz}")
def test_every_format_is_understood_and_spoken_back(sound: AudioFormat) -> None:
    dialect = NativeDialect("sess_1")
    data = bytes(range(0, 240, 2))
    audio = {"encoding": sound.encoding, "sample_rate_hz": sound.rate_hz, "payload": base64.b64encode(data).decode()}
    (message,) = dialect.receive(json.dumps({"type": "audio.input", "audio": audio}).encode(), binary=False)
    assert isinstance(message, AudioIn)
    assert (message.rate_hz, dialect.format) == (sound.rate_hz, sound)
    answer = dialect.send(Speech("seg_1", 1, Role.AGENT, Role.CUSTOMER, "en", message.pcm, sound.rate_hz))
    spoken = json.loads(answer)["audio"]
    assert (spoken["encoding"], spoken["sample_rate_hz"]) == (sound.encoding, sound.rate_hz)
    assert DECODE[sound.encoding](base64.b64decode(spoken["payload"])) == message.pcm


def test_binary_frames_are_audio_in_the_format_declared_last() -> None:
    dialect = NativeDialect("sess_1")
    assert dialect.receive(b"\xff" * 160, binary=True) == (AudioIn(bytes(320), 8000, 1, None, None),)
    frame = {"type": "audio", "data": "AAAAAA==", "encoding": "pcm_16", "sample_rate": 16000, "channels": 2}
    dialect.receive(json.dumps(frame).encode(), binary=False)
    assert dialect.receive(bytes(8), binary=True) == (AudioIn(bytes(8), 16000, 2, None, None),)
    (refused,) = dialect.receive(bytes(7), binary=True)
    assert isinstance(refused, Refused) and refused.code == "invalid_audio_format"


def test_a_refused_format_does_not_change_how_we_speak() -> None:
    dialect = NativeDialect("sess_1")
    dialect.receive(b'{"type":"audio","data":"","encoding":"opus","sample_rate":48000}', binary=False)
    assert dialect.format == FORMATS["mulaw", 8000]


def test_a_mark_is_a_field_of_the_last_audio_and_no_message_of_its_own() -> None:
    assert NativeDialect("sess_1").send(Mark("seg_1")) == b""


def test_names_in_messages_are_escaped() -> None:
    speech = Speech('seg"1\\', 1, Role.AGENT, Role.CUSTOMER, 'e"n', bytes(2), 8000, mark='m"')
    said = json.loads(NativeDialect('sess"1').send(speech))
    assert (said["segment_id"], said["session_id"], said["language"], said["mark"]) == (
        'seg"1\\',
        'sess"1',
        'e"n',
        'm"',
    )


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
TYPES = st.sampled_from([golden["frame"]["type"] for golden in CLIENT if "type" in golden["frame"]])
FIELDS = st.sampled_from(["audio", "data", "encoding", "sample_rate", "speaker", "sequence", "text", "token", "action"])


@given(st.binary(max_size=300) | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
def test_no_frame_whatsoever_breaks_the_dialect(frame: bytes) -> None:
    assert isinstance(read(frame), Refused)


@given(TYPES, st.dictionaries(FIELDS, JSON_VALUES, max_size=6))
def test_known_types_with_any_fields_are_read_or_refused(kind: str, fields: dict[str, Any]) -> None:
    read(json.dumps({"type": kind, **fields}).encode())


@given(st.sampled_from(CLIENT), st.integers(0, 300), st.integers(0, 255))
def test_one_wrong_byte_in_a_good_frame_is_read_or_refused(golden: dict[str, Any], at: int, value: int) -> None:
    frame = bytearray(json.dumps(golden["frame"]).encode())
    frame[at % len(frame)] = value
    read(bytes(frame))


@given(st.binary(max_size=500))
def test_any_binary_frame_is_audio_or_refused(frame: bytes) -> None:
    assert isinstance(read(frame, binary=True), AudioIn | Refused)


def test_deep_nesting_and_text_that_is_not_utf8_are_refused() -> None:
    for frame in (b'{"type":"audio.input","audio":' + b"[" * 100_000, b'{"type":"text.input","text":"\xff"}'):
        assert isinstance(read(frame), Refused)
