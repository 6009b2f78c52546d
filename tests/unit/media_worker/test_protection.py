from __future__ import annotations

from media_worker.protection import Plan


def test_the_first_call_is_protected_at_once_and_the_last_one_lets_go() -> None:
    plan = Plan()
    assert plan.wanted(False, 0.0) is None
    assert plan.wanted(True, 1.0) is True
    plan.answered(True, True, 1.0)
    assert plan.wanted(True, 2.0) is None
    assert plan.wanted(False, 3.0) is False
    plan.answered(False, True, 3.0)
    assert plan.wanted(False, 4.0) is None
    assert plan.wanted(True, 5.0) is True


def test_a_long_call_is_protected_again_before_its_protection_ends() -> None:
    plan = Plan()
    plan.answered(True, True, 0.0)
    assert plan.wanted(True, 1199.0) is None
    assert plan.wanted(True, 1200.0) is True
    plan.answered(True, True, 1200.0)
    assert plan.wanted(True, 2399.0) is None


def test_a_refusal_is_asked_again_with_a_pause_and_for_what_is_wanted_then() -> None:
    plan = Plan()
    plan.answered(True, False, 0.0)
    assert plan.wanted(True, 29.0) is None
    assert plan.wanted(True, 30.0) is True
    assert plan.wanted(False, 30.0) is False
