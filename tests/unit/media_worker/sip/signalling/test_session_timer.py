from __future__ import annotations

import pytest

from media_worker.sip.signalling.session_timer import SessionTimer, TooShort, agreed
from tests.fakes.sip_messages import SentFlow, asked, request


def _agreed(more: str) -> SessionTimer | None:
    return agreed(asked(SentFlow(), request(more=more)))


@pytest.mark.parametrize(
    ("more", "timer"),
    [
        ("", None),
        ("Session-Expires: 1800\nSupported: timer", SessionTimer(1800, ours=False)),
        ("Session-Expires: 1800;refresher=uac\nSupported: timer", SessionTimer(1800, ours=False)),
        ("Session-Expires: 1800;refresher=uas\nSupported: timer", SessionTimer(1800, ours=True)),
        ("x: 600", SessionTimer(600, ours=True)),
        ("Session-Expires: 999999999", SessionTimer(86400, ours=True)),
    ],
)
def test_who_refreshes_and_how_often(more: str, timer: SessionTimer | None) -> None:
    assert _agreed(more) == timer


def test_an_interval_below_ours_is_refused() -> None:
    with pytest.raises(TooShort):
        _agreed("Session-Expires: 30")


@pytest.mark.parametrize("value", ["", "-90", "ninety", "٩٠", "1" * 10])
def test_what_is_no_interval(value: str) -> None:
    with pytest.raises(ValueError, match="not an interval"):
        _agreed(f"Session-Expires: {value}")


def test_it_is_over_a_little_before_the_other_side_gives_up() -> None:
    assert SessionTimer(1800, ours=True).over_in_s == 1768
    assert SessionTimer(90, ours=True).over_in_s == 60
    assert SessionTimer(90, ours=True).refresh_in_s == 45


def test_who_is_to_refresh_must_know_timers() -> None:
    assert list(SessionTimer(90, ours=False).fields) == [("Session-Expires", "90;refresher=uac"), ("Require", "timer")]
    assert list(SessionTimer(90, ours=True).fields) == [("Session-Expires", "90;refresher=uas")]
