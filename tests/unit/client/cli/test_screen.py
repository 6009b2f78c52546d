"""How objects look on a terminal, wide and narrow."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest

from kallglot.cli.screen import Column, Screen, cell, seconds
from kallglot.objects.reading import shaped
from kallglot.objects.sessions import Session
from tests.fakes.tty import Tty

COLUMNS = (
    Column("session", lambda s: s.id, "bold"),
    Column("status", lambda s: s.status),
    Column("words", lambda s: s.transcript.word_count, right=True),
    Column("mode", lambda s: s.mode),
)
SESSIONS = [
    shaped(Session, {"id": f"sess_{at}", "status": "active", "mode": "ai_agent", "transcript": {"word_count": at}})
    for at in (7, 512)
]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Tty:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    return Tty()


def test_a_table_has_titles_and_aligned_columns(terminal: Tty) -> None:
    Screen(out=terminal).table(SESSIONS, COLUMNS, "none")
    assert terminal.text.splitlines() == [
        "session   status  words  mode",
        "sess_7    active      7  ai_agent",
        "sess_512  active    512  ai_agent",
    ]


@pytest.mark.parametrize(
    ("width", "titles"), [(28, "session status words"), (23, "session status words"), (10, "session status")]
)
def test_a_narrow_terminal_shows_fewer_columns_instead_of_broken_ones(
    terminal: Tty, monkeypatch: pytest.MonkeyPatch, width: int, titles: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    Screen(out=terminal).table(SESSIONS, COLUMNS, "none")
    lines = terminal.text.splitlines()
    assert len(lines) == 3
    if width > 20:
        assert lines[0].split() == titles.split()


def test_one_object_is_its_fields_without_the_empty_ones(terminal: Tty) -> None:
    Screen(out=terminal).record(shaped(Session, {"id": "sess_1", "mode": "ai_agent"}), COLUMNS)
    assert terminal.text.splitlines() == ["session  sess_1", "words    0", "mode     ai_agent"]


def test_no_markup_is_made_of_what_others_have_written(terminal: Tty) -> None:
    Screen(out=terminal).record(shaped(Session, {"id": "[red]x[/red]"}), COLUMNS)
    assert "[red]x[/red]" in terminal.text


def test_no_line_or_tab_breaks_a_row() -> None:
    out = StringIO()
    Screen(out=out).table([shaped(Session, {"id": "a\tb\nc", "status": "x"})], COLUMNS, "none")
    assert out.getvalue() == "a b c\tx\t0\t\n"


def test_a_bar_is_drawn_on_a_terminal_only(terminal: Tty) -> None:
    for err in (terminal, StringIO()):
        with Screen(out=StringIO(), err=err).progress("a.wav") as progress:
            progress(50, 100)
            progress(100, 100)
        assert bool(err.getvalue()) is (err is terminal)
    assert "a.wav" in terminal.getvalue()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "yes"),
        (3.14159, "3.1"),
        (("a", "b"), "a, b"),
        (datetime(2026, 3, 26, 11, tzinfo=UTC), "2026-03-26 11:00:00"),
    ],
)
def test_values_are_written_as_people_read_them(value: Any, shown: str) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (0, "0:00"), (65.4, "1:05"), (59.9, "1:00"), (3723, "1:02:03")]
)
def test_durations_are_clocks(value: float | None, shown: str) -> None:
    assert seconds(value) == shown
