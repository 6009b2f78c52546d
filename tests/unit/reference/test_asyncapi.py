"""The document of the sockets against the code that reads and writes their messages."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import Refusal
from core.domain.events import EventType
from core.domain.knowledge import Source
from core.domain.recordings import recording_object
from core.domain.sessions import Role, Status
from core.domain.tool_calls import ToolCall, tool_call_object
from core.domain.transcripts import Translation, partial_object, turn_object
from core.domain.views import session_object
from core.domain.watched import final_of, message_of
from media_worker.closing import CloseCode
from media_worker.dialects import native_words, telnyx, twilio
from media_worker.dialects.native import NativeDialect
from media_worker.engines.base import LanguageCapability
from media_worker.messages import (
    AgentLeft,
    Clear,
    Ended,
    Failure,
    Lag,
    LagAction,
    Latency,
    Mark,
    Pong,
    Ready,
    ServerMessage,
    Speech,
    ToolAsked,
    Transcript,
)
from media_worker.pipeline.latency import Stage
from reference.events import EVENTS
from reference.streams.channels import CHANNELS
from reference.streams.codes import CLOSE_CODES, ERRORS, WATCHER_ERRORS
from tests.builders import a_recorded, a_session, a_tool_call, a_turn, an_event
from tests.fakes.clocks import START
from tests.fakes.described import check_heard, check_told

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests" / "data" / "messages"


def golden(name: str) -> Any:
    return json.loads((DATA / name).read_text())


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text().splitlines()]


@pytest.mark.parametrize(
    ("channel", "words"),
    [("stream", native_words.ClientWord), ("twilio", twilio.TwilioWord), ("telnyx", telnyx.TelnyxWord)],
)
def test_every_word_that_is_decoded_is_described_and_no_other(channel: str, words: UnionType) -> None:
    assert set(CHANNELS[channel].heard) == set(get_args(words))


def heard() -> Iterator[tuple[str, dict[str, Any], bool]]:
    """(channel, frame, whether it is refused), as the goldens have it."""
    for channel, name in (("stream", "client"), ("twilio", "twilio"), ("telnyx", "telnyx")):
        for line in lines(f"{name}.jsonl"):
            if isinstance(line["frame"], dict):
                read = line["read"] if isinstance(line["read"], list) else [line["read"]]
                yield channel, line["frame"], any(message["kind"] == "Refused" for message in read)


@pytest.mark.parametrize(("channel", "frame"), [(c, f) for c, f, refused in heard() if not refused])
def test_what_is_read_is_described(channel: str, frame: dict[str, Any]) -> None:
    check_heard(channel, frame)


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "text.input", "text": ""},
        {"type": "control", "action": "dance"},
        {"type": "audio.input", "sequence": -1, "audio": {"payload": "/w=="}},
        {"type": "audio.input", "speaker": "stranger", "audio": {"payload": "/w=="}},
        {"type": "audio.input", "audio": {"encoding": "opus", "sample_rate_hz": 48000, "payload": ""}},
        {"type": "ping", "extra": 1},
        {"type": "transcript.final"},
    ],
)
def test_what_is_refused_is_not_described(frame: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check_heard("stream", frame)


@pytest.mark.parametrize("message", golden("server.json"), ids=lambda message: message["type"])
def test_what_is_told_is_described(message: dict[str, Any]) -> None:
    check_told("stream", message)


@pytest.mark.parametrize("carrier", ["twilio", "telnyx"])
def test_what_a_carrier_is_told_is_described(carrier: str) -> None:
    for message in golden("carriers_out.json")[carrier]:
        check_told(carrier, message)


SEGMENTS = st.from_regex("seg_[0-9A-Z]{1,26}", fullmatch=True)
MS = st.floats(0, 60_000)
BUILT: Mapping[type, st.SearchStrategy[Any]] = {
    Ready: st.builds(
        Ready,
        status=st.sampled_from(Status),
        last_sequence=st.integers(0, 10**6),
        capabilities=st.tuples(st.builds(LanguageCapability)),
        participant_id=st.none() | st.just("cust_1"),
    ),
    Transcript: st.builds(
        Transcript,
        segment_id=SEGMENTS,
        sequence=st.integers(1, 10**6),
        start_s=st.floats(0, 10**5),
        end_s=st.floats(0, 10**5),
        confidence=st.floats(0, 1),
        translation=st.none() | st.builds(Translation),
        further_translations=st.tuples() | st.tuples(st.builds(Translation)),
        participant=st.none() | st.just("cust_1"),
        sources=st.lists(st.builds(Source), max_size=2).map(tuple),
    ),
    Speech: st.builds(
        Speech,
        segment_id=st.none() | SEGMENTS,
        sequence=st.integers(1, 10**6),
        speaker=st.sampled_from(Role),
        target=st.sampled_from(Role),
        language=st.sampled_from(["en", "es"]),
        pcm=st.just(bytes(6)),
        rate_hz=st.just(8000),
        mark=st.none() | SEGMENTS,
    ),
    Latency: st.builds(
        Latency, segment_id=SEGMENTS, parts_ms=st.fixed_dictionaries(dict.fromkeys(Stage, MS)), total_ms=MS
    ),
    Pong: st.builds(Pong),
    Ended: st.builds(Ended),
    Failure: st.builds(Failure, segment_id=st.none() | SEGMENTS),
    Mark: st.builds(Mark),
    Clear: st.builds(Clear, segment_id=SEGMENTS),
    Lag: st.builds(
        Lag,
        segment_id=SEGMENTS,
        action=st.sampled_from(LagAction),
        waited_ms=st.integers(0, 10**6),
        tempo=st.floats(1, 2),
        into=st.none() | SEGMENTS,
    ),
    ToolAsked: st.builds(
        ToolAsked,
        st.builds(
            ToolCall,
            id=st.from_regex("call_[0-9A-Z]{1,26}", fullmatch=True),
            arguments=st.dictionaries(st.text(), st.integers() | st.text()),
            asked_at=st.just(datetime(2026, 3, 26, 11, tzinfo=UTC)),
            timeout_s=st.floats(1, 60),
            result=st.none(),
        ),
    ),
    AgentLeft: st.builds(AgentLeft),
}


def test_no_message_is_left_out() -> None:
    assert BUILT.keys() == set(get_args(ServerMessage))


@pytest.mark.parametrize("kind", BUILT, ids=lambda kind: kind.__name__)
def test_whatever_the_pipeline_says_is_written_as_described(kind: type) -> None:
    dialect = NativeDialect("sess_1")

    @given(BUILT[kind])
    def written(message: ServerMessage) -> None:
        if frame := dialect.send(message):
            check_told("stream", json.loads(frame))

    written()


def data(kind: EventType) -> Mapping[str, Any]:
    """What the emitters put into an event of this kind."""
    if kind is EventType.TRANSCRIPT_SEGMENT:
        return turn_object(a_turn())
    if EVENTS[kind].data == "Recording":
        return recording_object(a_recorded())
    if EVENTS[kind].data == "ToolCall":
        return tool_call_object(a_tool_call())
    return session_object(a_session(), START + timedelta(seconds=1))


@pytest.mark.parametrize("kind", [kind for kind in EVENTS if kind.is_watched], ids=str)
def test_whoever_watches_is_told_as_described(kind: EventType) -> None:
    check_told("events", message_of(an_event(kind=kind, data=data(kind))))


def test_so_are_partials_and_what_is_told_again() -> None:
    said = partial_object("seg_4", 4, Role.AGENT, "en", "good", 3.0, 3.2, participant="ana")
    check_told("events", message_of(an_event(kind=EventType.TRANSCRIPT_PARTIAL, data=said)))
    check_told("events", final_of("sess_1", a_turn()))


def test_every_code_of_the_events_socket_is_explained() -> None:
    services = [ROOT / "core" / "services" / f"{name}.py" for name in ("subscriptions", "watchers", "changes")]
    said = set(codes_said([*(ROOT / "lambdas" / "websocket").rglob("*.py"), *services])) | set(Refusal)
    # These two are said when somebody connects: by the status of the upgrade.
    assert said - {"invalid_stream_token", "too_many_watchers"} <= WATCHER_ERRORS.keys()
    assert {"unknown_action", "session_not_found", "session_busy", "connection_unknown"} <= said


def test_every_close_code_is_explained() -> None:
    assert set(CloseCode) <= set(CLOSE_CODES)


def test_every_code_of_a_stream_is_explained() -> None:
    said = set(codes_said([*(ROOT / "media_worker").rglob("*.py"), ROOT / "core" / "services" / "streams.py"]))
    assert len(said) > 10
    assert said <= ERRORS.keys()


def codes_said(every: Iterable[Path]) -> Iterator[str]:
    """Of errors, refusals and failures on the way to a socket; those of engines are worded by `notices`, and the store
    of models is done before there is any."""
    sources = [source for source in every if not {"engines", "model_store"} & set(source.relative_to(ROOT).parts)]
    makers = {
        *("AuthenticationFailed", "Conflict", "InvalidRequest", "NotFound", "RateLimited", "Unavailable"),
        *("Failure", "Refused", "__init__"),
    }
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(first := node.args[0], ast.Constant):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in makers and isinstance(first.value, str):
                    yield first.value
