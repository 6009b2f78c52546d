"""The command that tells a worker that somebody watches."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.watching import watch_command, watch_of
from tests.fakes.clocks import START


def test_a_worker_reads_what_it_is_told() -> None:
    until = START + timedelta(minutes=10)

    assert watch_of(watch_command("sess_1", START, until)) == (START, until)


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"at": "2026-03-26T11:00:00+00:00"},
        {"at": "soon", "until": "later"},
        {"at": "2026-03-26T11:00:00", "until": "2026-03-26T11:10:00"},
        {"at": 7, "until": None},
    ],
)
def test_what_cannot_be_read_says_nothing(command: dict[str, str]) -> None:
    assert watch_of(command) is None
