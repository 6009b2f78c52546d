from __future__ import annotations

from datetime import timedelta

import pytest

from media_worker.relay.permit import FRESH_FOR, Gate, NotPermitted, Way, permit, relay_key
from tests.fakes.clocks import START

KEY = b"the secret behind stream tokens."
WAY = Way("sess_1", "worker_2", "worker_1")


def test_a_permit_is_good_once_for_its_session_and_way() -> None:
    gate = Gate("worker_1")
    shown = permit(KEY, WAY, START, "n1")

    gate.check([KEY], shown, "sess_1", START)

    with pytest.raises(NotPermitted):
        gate.check([KEY], shown, "sess_1", START)


@pytest.mark.parametrize(
    "way",
    [
        Way("sess_2", "worker_2", "worker_1"),
        Way("sess_1", "worker_2", "worker_3"),
    ],
)
def test_a_permit_for_something_else_is_none(way: Way) -> None:
    with pytest.raises(NotPermitted):
        Gate("worker_1").check([KEY], permit(KEY, way, START, "n"), "sess_1", START)


def test_nobody_can_make_one_without_the_secret_or_change_who_sent_it() -> None:
    shown = permit(KEY, WAY, START, "n")

    for forged in (permit(b"guessed", WAY, START, "n"), shown.replace("worker_2", "worker_9"), shown[:-1], "", "..."):
        with pytest.raises((NotPermitted, ValueError)):
            Gate("worker_1").check([KEY], forged, "sess_1", START)


@pytest.mark.parametrize("age", [FRESH_FOR + timedelta(seconds=1), -FRESH_FOR - timedelta(seconds=1)])
def test_a_permit_from_another_time_is_none(age: timedelta) -> None:
    with pytest.raises(NotPermitted):
        Gate("worker_1").check([KEY], permit(KEY, WAY, START - age, "n"), "sess_1", START)


def test_clocks_may_differ_a_little() -> None:
    Gate("worker_1").check([KEY], permit(KEY, WAY, START + timedelta(seconds=20), "n"), "sess_1", START)


def test_a_gate_that_can_remember_no_more_lets_nobody_in_until_it_may_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media_worker.relay.permit._REMEMBERED", 2)
    gate = Gate("worker_1")
    for nonce in ("n1", "n2"):
        gate.check([KEY], permit(KEY, WAY, START, nonce), "sess_1", START)

    with pytest.raises(NotPermitted):
        gate.check([KEY], permit(KEY, WAY, START, "n3"), "sess_1", START)
    later = START + 3 * FRESH_FOR
    gate.check([KEY], permit(KEY, WAY, later, "n4"), "sess_1", later)


def test_the_key_is_not_the_one_of_the_stream_tokens() -> None:
    assert relay_key(KEY) != KEY
    assert relay_key(KEY) != relay_key(KEY + b"x")


def test_a_permit_made_with_either_of_two_keys_is_taken_and_still_but_once() -> None:
    gate, shown = Gate("worker_1"), permit(KEY, WAY, START, "n")
    gate.check([b"new" * 11, KEY], shown, "sess_1", START)
    with pytest.raises(NotPermitted):
        gate.check([KEY, b"new" * 11], shown, "sess_1", START)
