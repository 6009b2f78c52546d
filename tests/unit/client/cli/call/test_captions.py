"""A call for people, for pipes and for programs."""

from __future__ import annotations

import json
import re
from io import StringIO

import pytest

from kallglot.cli.call.captions import captions
from kallglot.cli.screen import Screen
from kallglot.stream.messages import Ended, Interrupted, Message
from kallglot.stream.parsing import read
from tests.fakes.tty import Tty

READY = {"type": "session.ready", "session_id": "sess_1"}
PARTIAL = {"type": "transcript.partial", "id": "seg_1", "speaker": "customer", "language": "en", "text": "hello i"}
FINAL = {
    "type": "transcript.final",
    "id": "seg_1",
    "sequence": 1,
    "speaker": "customer",
    "language": "en",
    "text": "Hello, I have a question.",
    "start_time": 65.2,
    "translation": {"language": "es", "text": "Hola, tengo una pregunta."},
}
ANSWER = {
    **FINAL,
    "speaker": "agent",
    "language": "es",
    "text": "¿Cuál?",
    "translation": {"language": "en", "text": "Which?"},
}
LATENCY = {"type": "latency", "segment_id": "seg_1", "endpoint_ms": 400, "total_ms": 454}
SOUND = {
    "type": "audio.output",
    "target": "agent",
    "audio": {"encoding": "pcm_16", "sample_rate_hz": 8000, "payload": "AAAA"},
}
ERROR = {"type": "session.error", "error": {"code": "not_understood", "message": "Nobody was understood."}}
CALL: list[Message] = [
    *(read(each) for each in (READY, PARTIAL, FINAL, LATENCY, SOUND, ERROR)),
    Interrupted("1012"),
    *(read(each) for each in (READY, ANSWER)),
    Ended("sess_1", "completed"),
]


def shown(out: StringIO, *, as_json: bool = False, latency: bool = True) -> str:
    """What went to stderr; the rest is in `out`."""
    err = StringIO()
    screen = Screen(as_json=as_json, out=out, err=err)
    with captions(screen, ("en", "es"), latency=latency) as made:
        for message in CALL:
            made.message(message)
    return err.getvalue()


def test_a_pipe_gets_finals_and_stderr_the_rest() -> None:
    out = StringIO()
    err = shown(out)
    assert out.getvalue().splitlines() == [
        "1:05 customer [en] Hello, I have a question.",
        "     → [es] Hola, tengo una pregunta.",
        "1:05 agent [es] ¿Cuál?",
        "     → [en] Which?",
    ]
    assert err.splitlines() == [
        "      54 ms of work, after 400 ms of silence",
        "not_understood: Nobody was understood.",
        "the connection is lost (1012); connecting again …",
        "connected again",
        "ended: completed",
    ]


def test_latency_is_shown_to_who_asks() -> None:
    assert "ms of work" not in shown(StringIO(), latency=False)


def test_programs_get_every_message_and_of_sound_its_length() -> None:
    out = StringIO()
    assert shown(out, as_json=True) == ""
    documents = [json.loads(line) for line in out.getvalue().splitlines()]
    assert documents[:4] == [READY, PARTIAL, FINAL, LATENCY]
    assert documents[4]["audio"] == {"encoding": "pcm_16", "sample_rate_hz": 8000, "bytes": 3}
    assert documents[6] == {"type": "interrupted", "why": "1012"}
    assert documents[-1] == {"type": "session.ended", "session_id": "sess_1", "reason": "completed"}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Tty:
    monkeypatch.setenv("COLUMNS", "72")
    monkeypatch.setenv("TERM", "xterm-256color")
    return Tty()


def test_a_terminal_has_a_column_for_each_language(terminal: Tty) -> None:
    shown(terminal)
    cells = [re.split(r"\s{2,}", line.strip()) for line in terminal.text.splitlines()]
    assert cells[0] == ["customer (en)", "agent (es)"]
    assert ["1:05", "Hello, I have a question.", "Hola, tengo una pregunta."] in cells
    assert ["1:05", "Which?", "¿Cuál?"] in cells
    assert ["ended: completed"] in cells
    starts = {
        line.index(word) for line in terminal.text.splitlines() for word in ("agent (es)", "¿Cuál?") if word in line
    }
    assert len(starts) == 1, "what was said in one language stands in one column"


def test_what_is_being_said_stands_there_until_it_is_final(terminal: Tty) -> None:
    shown(terminal)
    assert "hello i …" in terminal.getvalue()
    after = terminal.getvalue().rpartition("Hello, I have a question.")[2]
    assert "hello i" not in after
