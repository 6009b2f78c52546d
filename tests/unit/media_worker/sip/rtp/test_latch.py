from __future__ import annotations

from media_worker.sip.rtp.latch import Latch

DESCRIBED, NATTED, STRANGER = ("10.0.0.5", 4000), ("198.51.100.9", 7000), ("203.0.113.66", 9)


def latched() -> Latch:
    latch = Latch()
    latch.aim(*DESCRIBED)
    return latch


def test_before_anything_comes_the_description_counts() -> None:
    assert latched().target == DESCRIBED


def test_the_first_that_comes_is_followed_and_the_next_is_not() -> None:
    latch = latched()
    assert latch.admits(NATTED, 5, 0.0) and latch.target == NATTED
    assert not latch.admits(STRANGER, 6, 1.9) and latch.target == NATTED


def test_the_address_that_was_described_always_wins() -> None:
    latch = latched()
    latch.admits(STRANGER, 6, 0.0)
    assert latch.admits(DESCRIBED, 5, 0.001)
    assert not latch.admits(STRANGER, 6, 0.02)


def test_after_a_silence_another_source_is_followed_and_the_same_one_elsewhere_sooner() -> None:
    latch = latched()
    latch.admits(NATTED, 5, 0.0)
    assert not latch.admits(STRANGER, 5, 0.4)
    assert latch.admits(STRANGER, 5, 0.5)
    assert not latch.admits(NATTED, 7, 2.4)
    assert latch.admits(NATTED, 7, 2.5)


def test_another_description_begins_anew_and_the_same_does_not() -> None:
    latch = latched()
    latch.admits(NATTED, 5, 0.0)
    latch.aim(*DESCRIBED)
    assert latch.target == NATTED
    latch.aim("10.0.0.6", 4000)
    assert latch.target == ("10.0.0.6", 4000)
    assert latch.admits(STRANGER, 9, 0.01)
