"""An older client lives with a newer server, and with an odd one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kallglot import Session, Transcript, Turn
from kallglot.objects.reading import shaped
from kallglot.objects.service import ApiKey
from kallglot.objects.sessions import Participant

SEEDS = Path(__file__).parents[3] / "data" / "seeds"
SESSION = {
    "id": "sess_1",
    "object": "session",
    "status": "active",
    "source_language": None,
    "stream": {"url": "wss://api/x", "token": "kst_test_secret", "expires_at": "2026-03-26T11:00:00Z"},
    "participants": [{"type": "agent", "language": "es"}],
    "recording": {"enabled": True, "id": "rec_1", "duration": 245},
    "usage": {"active_seconds": 3},
    "created_at": "2026-03-26T11:00:00Z",
    "colour": "blue",
}


def test_what_is_known_becomes_attributes() -> None:
    session = shaped(Session, SESSION)
    assert session.created_at == datetime(2026, 3, 26, 11, tzinfo=UTC)
    assert session.stream is not None
    assert session.stream.url == "wss://api/x"
    assert session.participants == (Participant(type="agent", language="es"),)
    assert (session.recording.duration, session.usage.active_seconds) == (245.0, 3.0)
    assert isinstance(session.usage.active_seconds, float)


def test_what_is_missing_or_null_is_the_default() -> None:
    session = shaped(Session, SESSION)
    assert (session.ended_at, session.provider, session.source_language) == (None, None, None)
    assert (session.metadata, session.transcript.word_count) == ({}, 0)
    assert shaped(Session, {"id": "sess_1", "participants": None, "usage": None}).usage.active_seconds == 0.0


def test_what_is_unknown_is_kept() -> None:
    session = shaped(Session, SESSION)
    assert session["colour"] == "blue"
    assert "colour" in session and "shape" not in session
    assert session.get("shape", "round") == "round"
    assert session.raw == SESSION
    with pytest.raises(KeyError):
        session["shape"]


def test_nested_lists_are_read() -> None:
    turn = {"id": "seg_1", "text": "hello", "translation": {"language": "es", "text": "hola"}, "start_time": 1}
    [read] = shaped(Transcript, {"turns": [turn]}).turns
    assert isinstance(read, Turn)
    assert read.translation is not None
    assert (read.translation.text, read.start_time) == ("hola", 1.0)


@pytest.mark.parametrize("kind", [Session, ApiKey])
def test_no_secret_is_in_a_representation(kind: Any) -> None:
    shown = repr(shaped(kind, {**SESSION, "key": "sk_test_secret"}))
    assert "secret" not in shown


def test_two_objects_are_equal_by_what_is_known() -> None:
    assert shaped(Session, SESSION) == shaped(Session, {**SESSION, "colour": "red"})
    assert shaped(Session, SESSION) != shaped(Session, {**SESSION, "status": "ended"})


WORDS = st.text("ab:2", max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*SESSION, "metadata", "transcript", "duration", "raw", "answer"]), JSON))
def test_no_json_object_is_ever_refused(raw: dict[str, Any]) -> None:
    assert shaped(Session, raw).raw == raw


@pytest.mark.parametrize("body", [[], "text", 3, None])
def test_what_is_no_object_is_a_type_error(body: Any) -> None:
    with pytest.raises(TypeError):
        shaped(Session, body)


@pytest.mark.parametrize("name", ["create", "get", "end"])
def test_the_documented_answers_have_an_attribute_for_every_field(name: str) -> None:
    raw = json.loads((SEEDS / f"{name}.response.json").read_text())
    session = shaped(Session, raw)
    assert [field for field in raw if not hasattr(session, field)] == []
    assert session.id == raw["id"]
