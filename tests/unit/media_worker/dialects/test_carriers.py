"""Twilio's and Telnyx's streams: what each reads and writes, frame by frame, in the order of a call."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, structs

from core.domain.client_state import ClientState, packed
from core.domain.sessions import Role, Status
from core.domain.transcripts import Translation
from media_worker.audio.formats import FORMATS
from media_worker.dialects.carrier import CarrierDialect
from media_worker.dialects.native import NativeDialect
from media_worker.dialects.recognise import recognise
from media_worker.dialects.telnyx import TelnyxDialect
from media_worker.dialects.twilio import TwilioDialect
from media_worker.messages import (
    AudioIn,
    Authentication,
    Clear,
    ClientMessage,
    Ended,
    Failure,
    Latency,
    Mark,
    Pong,
    Ready,
    Refused,
    Speech,
    Transcript,
)

DATA = Path(__file__).parents[3] / "data" / "messages"
CARRIERS: dict[str, Callable[[], CarrierDialect]] = {"twilio": TwilioDialect, "telnyx": TelnyxDialect}
CALLS = {name: [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text().splitlines()] for name in CARRIERS}
BACK = json.loads((DATA / "carriers_out.json").read_text())
EACH = pytest.mark.parametrize("name", list(CARRIERS))


def shown(message: ClientMessage) -> dict[str, Any]:
    said = structs.asdict(message) if isinstance(message, Struct) else asdict(message)
    fields = {name: value.hex() if isinstance(value, bytes) else value for name, value in said.items()}
    if isinstance(message, Refused):
        del fields["message"]
    return {"kind": type(message).__name__, **fields}


def frame(value: object) -> bytes:
    return json.dumps(value).encode()


def start(name: str, **parameters: object) -> dict[str, Any]:
    """The start message of the golden call with these custom parameters."""
    began: dict[str, Any] = json.loads(json.dumps(CALLS[name][1]["frame"]))
    began["start"]["customParameters" if name == "twilio" else "custom_parameters"] = parameters
    return began


def started(name: str, **parameters: object) -> CarrierDialect:
    dialect = CARRIERS[name]()
    dialect.receive(frame(start(name, **parameters)), binary=False)
    return dialect


def read(dialect: CarrierDialect, value: object) -> ClientMessage:
    (message,) = dialect.receive(frame(value), binary=False)
    return message


@EACH
def test_a_call_is_read_as_written_down(name: str) -> None:
    dialect = CARRIERS[name]()
    for golden in CALLS[name]:
        messages = dialect.receive(frame(golden["frame"]), binary=False)
        assert [shown(message) for message in messages] == golden["read"], golden["frame"]


@EACH
def test_what_goes_back_is_as_written_down(name: str) -> None:
    dialect = started(name, token="x")
    messages = (
        Speech("seg_1", 1, Role.AGENT, Role.CUSTOMER, "en", bytes(6), 8000),
        Mark("seg_1"),
        Clear("seg_1", Role.CUSTOMER),
    )
    assert [json.loads(dialect.send(message)) for message in messages] == BACK[name]


@EACH
def test_a_carrier_is_told_nothing_but_sound(name: str) -> None:
    dialect = started(name, token="x")
    for message in (
        Ready(Status.ACTIVE, None, False, 0, ()),
        Transcript("s", 1, Role.AGENT, "en", "x", True, 0, 1, 1, Translation("es", "y")),
        Latency("s", {}, 0.0),
        Pong(),
        Ended("timeout"),
        Failure("x", "y", fatal=True),
    ):
        assert dialect.send(message) == b""


@EACH
@pytest.mark.parametrize("field", ["participant", "speaker"])
def test_the_start_says_who_is_on_the_telephone(name: str, field: str) -> None:
    message = read(CARRIERS[name](), start(name, **{"token": "x", field: "agent"}))
    assert message == Authentication("x", Role.AGENT)
    named = read(CARRIERS[name](), start(name, **{"token": "x", field: "cust_7"}))
    assert named == Authentication("x", "cust_7"), "a participant's id; whose it is, the session knows"
    for nobody in ("", "x" * 256, 7, ["agent"]):
        answer = read(CARRIERS[name](), start(name, **{"token": "x", field: nobody}))
        assert isinstance(answer, Refused) or answer == Authentication("x", Role.CUSTOMER), nobody


@EACH
def test_the_start_may_ask_for_the_original_voice(name: str) -> None:
    assert read(CARRIERS[name](), start(name, token="x", original_voice="on")) == Authentication(
        "x", Role.CUSTOMER, original_voice=True
    )


@EACH
@pytest.mark.parametrize("parameters", [{}, {"token": ""}, {"token": "x" * 201}, {"token": 5}])
def test_a_start_without_a_usable_token_brings_an_empty_one(name: str, parameters: dict[str, object]) -> None:
    assert read(CARRIERS[name](), start(name, **parameters)) == Authentication("", Role.CUSTOMER)


@EACH
def test_nothing_is_heard_before_the_start_and_a_stream_starts_once(name: str) -> None:
    for golden in CALLS[name]:
        if golden["frame"].get("event") in ("media", "mark", "stop"):
            assert isinstance(read(CARRIERS[name](), golden["frame"]), Refused)
    assert isinstance(read(started(name, token="x"), start(name, token="y")), Refused)


@EACH
def test_binary_frames_are_refused(name: str) -> None:
    (message,) = started(name, token="x").receive(b"\xff" * 160, binary=True)
    assert isinstance(message, Refused) and message.malformed


@pytest.mark.parametrize(
    "sound",
    [
        {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 2},
        {"encoding": "audio/opus", "sampleRate": 8000, "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": 11025, "channels": 1},
    ],
)
def test_twilio_in_another_format_is_refused(sound: dict[str, object]) -> None:
    began = start("twilio", token="x")
    began["start"]["mediaFormat"] = sound
    message = read(TwilioDialect(), began)
    assert isinstance(message, Refused) and message.code == "invalid_audio_format"


@pytest.mark.parametrize("codec", ["G722", "OPUS", "AMR-WB", ""])
def test_telnyx_in_a_codec_of_its_own_is_refused(codec: str) -> None:
    began = start("telnyx", token="x")
    began["start"]["media_format"]["encoding"] = codec
    message = read(TelnyxDialect(), began)
    assert isinstance(message, Refused) and message.code == "invalid_audio_format"
    refused = read(TelnyxDialect(), start("telnyx", token="x", output_codec=codec))
    assert isinstance(refused, Refused)


def test_telnyx_l16_is_most_significant_byte_first_in_both_directions() -> None:
    began = start("telnyx", token="x", output_codec="L16", output_sampling_rate=16000)
    began["start"]["media_format"] = {"encoding": "L16", "sample_rate": 16000, "channels": 1}
    dialect = TelnyxDialect()
    read(dialect, began)
    media = {"event": "media", "media": {"track": "inbound", "chunk": 1, "payload": "AQIDBA=="}}
    assert read(dialect, media) == AudioIn(b"\x02\x01\x04\x03", 16000, 1, None, 1)
    assert dialect.format == FORMATS["pcm_16", 16000]
    back = json.loads(dialect.send(Speech("s", 1, Role.AGENT, Role.CUSTOMER, "en", b"\x02\x01\x04\x03", 16000)))
    assert back["media"]["payload"] == "AQIDBA=="
    odd = {"event": "media", "media": {"track": "inbound", "chunk": 2, "payload": "AQID"}}
    refused = read(dialect, odd)
    assert isinstance(refused, Refused) and (refused.code, refused.malformed) == ("invalid_audio_format", False)


def test_telnyx_is_spoken_to_in_mu_law_whatever_it_hears_in() -> None:
    assert started("telnyx", token="x").format == FORMATS["mulaw", 8000]
    assert started("telnyx", token="x", output_codec="pcma").format == FORMATS["alaw", 8000]


def test_a_name_in_a_frame_is_escaped() -> None:
    began = start("twilio", token="x")
    began["start"]["streamSid"] = 'M"Z\\'
    dialect = TwilioDialect()
    read(dialect, began)
    for message in (
        Speech(None, 1, Role.AGENT, Role.CUSTOMER, "en", bytes(2), 8000),
        Mark('"'),
        Clear("s", Role.AGENT),
    ):
        assert json.loads(dialect.send(message))["streamSid"] == 'M"Z\\'


@pytest.mark.parametrize(
    ("first", "dialect"),
    [
        (CALLS["twilio"][0]["frame"], TwilioDialect),
        (CALLS["twilio"][1]["frame"], TwilioDialect),
        (CALLS["telnyx"][0]["frame"], TelnyxDialect),
        (CALLS["telnyx"][1]["frame"], TelnyxDialect),
        ({"type": "session.auth", "token": "x"}, NativeDialect),
        ({"event": "dance"}, NativeDialect),
        ({"event": 5}, NativeDialect),
        ([], NativeDialect),
    ],
    ids=str,
)
def test_the_first_frame_tells_the_dialect(first: object, dialect: type) -> None:
    assert type(recognise(frame(first), "sess_1")) is dialect


def test_without_a_first_frame_and_with_nonsense_it_is_our_own() -> None:
    for first in (None, b"", b"\xff", b"[" * 100_000, b'{"event":"connected"'):
        assert type(recognise(first, "sess_1")) is NativeDialect


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=6,
)
NAMES = st.sampled_from(list(CARRIERS))
GOLDEN = st.sampled_from([(name, golden["frame"]) for name, call in CALLS.items() for golden in call])
EVENTS = st.sampled_from(["connected", "start", "media", "mark", "dtmf", "error", "stop", "clear"])
FIELDS = st.sampled_from(
    [
        "start",
        "media",
        "mark",
        "payload",
        "stream_id",
        "streamSid",
        "chunk",
        "track",
        "media_format",
        "customParameters",
    ]
)


@given(NAMES, st.booleans(), st.binary(max_size=300) | JSON_VALUES.map(frame), st.booleans())
def test_no_frame_whatsoever_breaks_a_carrier_dialect(name: str, begun: bool, data: bytes, binary: bool) -> None:
    dialect = started(name, token="x") if begun else CARRIERS[name]()
    (message,) = dialect.receive(data, binary=binary)
    assert isinstance(message, Refused) and message.malformed


@given(NAMES, st.lists(st.tuples(EVENTS, st.dictionaries(FIELDS, JSON_VALUES, max_size=4)), max_size=4))
def test_known_events_with_any_fields_are_read_or_refused(name: str, frames: list[tuple[str, dict[str, Any]]]) -> None:
    dialect = CARRIERS[name]()
    for event, fields in frames:
        assert len(dialect.receive(frame({"event": event, **fields}), binary=False)) <= 1


@given(GOLDEN, st.integers(0, 800), st.integers(0, 255))
def test_one_wrong_byte_in_a_good_frame_is_read_or_refused(golden: tuple[str, Any], at: int, value: int) -> None:
    name, good = golden
    data = bytearray(frame(good))
    data[at % len(data)] = value
    assert len(started(name, token="x").receive(bytes(data), binary=False)) <= 1
    assert recognise(bytes(data), "sess_1").send(Pong()) in (b"", b'{"type":"pong","session_id":"sess_1"}')


def test_a_call_that_we_have_dialed_at_telnyx_brings_its_token_in_our_own_state() -> None:
    state = packed(ClientState("sess_1", "leg_1", "agt-7", "kst_live_x"))
    began = start("telnyx")
    began["start"] |= {"client_state": state, "custom_parameters": None}
    assert read(TelnyxDialect(), began) == Authentication("kst_live_x", "agt-7", False)

    began["start"]["custom_parameters"] = {"token": "kst_live_y"}
    assert read(TelnyxDialect(), began) == Authentication("kst_live_y", Role.CUSTOMER, False)

    began["start"] |= {"client_state": "bm90IG91cnM=", "custom_parameters": None}
    assert read(TelnyxDialect(), began) == Authentication("", Role.CUSTOMER, False)
