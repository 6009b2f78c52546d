from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from kallglot.playback import Playback
from tests.fakes.api import Clock

SECOND = array("h", [8000, -8000] * 8000)


def test_a_listener_who_starts_to_speak_hears_no_more_of_it(tmp_path: Path) -> None:
    clock = Clock()
    playback = Playback(16000, clock.now)
    playback.hear("agent", SECOND)
    clock.now_s += 0.25
    playback.stop("agent")
    assert playback.remaining_s("agent") == 0
    clock.now_s += 1
    playback.hear("agent", SECOND)
    assert playback.samples("agent")[4000:20000] == array("h", bytes(32000))
    assert len(playback.samples("agent")) == 36000


def test_nothing_was_heard_until_something_was() -> None:
    playback = Playback(8000, Clock().now)
    assert playback.is_empty
    playback.hear("customer", SECOND)
    assert not playback.is_empty


def test_a_call_has_two_listeners() -> None:
    with pytest.raises(KeyError):
        Playback().hear("somebody", SECOND)
