"""When the sweep must look at a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.deadlines import due_at
from core.domain.sessions import Recording, Status, Timeouts
from tests.builders import a_session
from tests.fakes.clocks import START

TIMEOUTS = Timeouts()


@pytest.mark.parametrize(
    ("changes", "due_after_s"),
    [
        ({}, 1800),
        ({"last_audio_at": START + timedelta(seconds=100)}, 1900),
        ({"last_audio_at": START, "disconnected_at": START + timedelta(seconds=10)}, 310),
        ({"last_audio_at": START, "disconnected_at": START + timedelta(seconds=1700)}, 1800),
        ({"last_audio_at": START, "seen_at": START + timedelta(seconds=20)}, 320),
        ({"last_audio_at": START, "seen_at": START + timedelta(seconds=1700)}, 1800),
        ({"seen_at": START + timedelta(seconds=40), "disconnected_at": START + timedelta(seconds=90)}, 390),
        ({"status": Status.ENDING, "ended_at": START + timedelta(seconds=5)}, 65),
        ({"status": Status.ENDED}, None),
        ({"status": Status.ENDED, "ended_at": START, "recording": Recording(True)}, None),
        ({"status": Status.ENDED, "ended_at": START, "recording": Recording(True, id="rec_1")}, 1200),
        ({"status": Status.ENDED, "ended_at": START, "recording": Recording(True, id="rec_1", duration_s=0.0)}, None),
    ],
)
def test_a_session_is_due_by_the_nearest_of_its_deadlines(changes: dict[str, Any], due_after_s: float | None) -> None:
    expected = None if due_after_s is None else START + timedelta(seconds=due_after_s)

    assert due_at(a_session(**changes), TIMEOUTS) == expected


def test_files_that_are_late_are_asked_for_later_each_time_until_nothing_is_left_to_make_them_of() -> None:
    session = a_session(status=Status.ENDED, ended_at=START, recording=Recording(True, id="rec_1"))
    asked_after = []
    while due := due_at(session, TIMEOUTS):
        asked_after.append(due - START)
        session = replace(session, recording=replace(session.recording, asked_at=due))

    assert asked_after[:4] == [timedelta(minutes=minutes) for minutes in (20, 40, 80, 160)]
    assert len(asked_after) == 10
    assert asked_after[-1] < TIMEOUTS.chunks_kept < 2 * asked_after[-1]
