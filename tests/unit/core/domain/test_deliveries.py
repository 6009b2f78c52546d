"""The schedule of a delivery, on a clock that nobody waits for."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.attempts import Outcome, Result
from core.domain.deliveries import (
    JITTER,
    SCHEDULE,
    Delivery,
    DeliveryStatus,
    Target,
    attempted,
    begun,
    begun_again,
    delivery_id,
)
from tests.builders import ACME, an_event
from tests.fakes.clocks import START

EVENT = an_event("evt_01KMN0XK80ABCDEFGHJKMNPQRS")
FAILED = Result(Outcome.HTTP_STATUS, 500, "no", 12)
FINAL = [Outcome.SUCCEEDED, Outcome.GONE, Outcome.ENDPOINT_DISABLED, Outcome.EVENT_EXPIRED]
PASSING = [outcome for outcome in Outcome if outcome not in FINAL]


def a_delivery() -> Delivery:
    return begun(EVENT, Target("wh_1"), START)


def played(delivery: Delivery, result: Result, dice: float = 0.0) -> list[datetime]:
    """When the attempts are made until the delivery ends, if all end like this."""
    times: list[datetime] = []
    while delivery.next_attempt_at is not None:
        times.append(delivery.next_attempt_at)
        delivery = attempted(delivery, result, delivery.next_attempt_at, dice)
    assert delivery.status is DeliveryStatus.FAILED
    return times


def gaps(times: list[datetime]) -> list[timedelta]:
    return [later - earlier for earlier, later in itertools.pairwise(times)]


def test_the_schedule_is_the_documented_one() -> None:
    minutes = [gap / timedelta(minutes=1) for gap in SCHEDULE]

    assert minutes == [0, 1, 5, 30, 2 * 60, 5 * 60, 10 * 60, 24 * 60]


@pytest.mark.parametrize("outcome", PASSING)
def test_a_failing_delivery_is_attempted_eight_times_on_the_documented_schedule(outcome: Outcome) -> None:
    times = played(a_delivery(), Result(outcome))

    assert times[0] == START
    assert gaps(times) == list(SCHEDULE[1:])


@given(st.floats(0, 1, exclude_max=True))
def test_jitter_makes_it_later_and_never_earlier(dice: float) -> None:
    for gap, planned in zip(gaps(played(a_delivery(), FAILED, dice)), SCHEDULE[1:], strict=True):
        assert planned <= gap <= planned * (1 + JITTER)
        assert gap == planned * (1 + JITTER * dice)


@pytest.mark.parametrize("outcome", FINAL)
def test_what_no_attempt_can_change_ends_at_once(outcome: Outcome) -> None:
    ended = attempted(a_delivery(), Result(outcome), START, 0.0)

    assert ended.status is (DeliveryStatus.SUCCEEDED if outcome is Outcome.SUCCEEDED else DeliveryStatus.FAILED)
    assert (ended.next_attempt_at, ended.finished_at, ended.attempts) == (None, START, 1)


def test_only_the_eighth_attempt_is_the_last() -> None:
    delivery, last = a_delivery(), []
    for _ in SCHEDULE:
        last.append(delivery.is_last)
        delivery = attempted(delivery, FAILED, START, 0.0)

    assert last == [False] * 7 + [True]


def test_a_finished_delivery_can_be_asked_for_anew_with_a_schedule_of_its_own() -> None:
    delivery = a_delivery()
    for _ in SCHEDULE:
        delivery = attempted(delivery, FAILED, START, 0.0)
    later = START + timedelta(days=3)

    again = begun_again(delivery, later)

    assert (again.status, again.attempts, again.finished_at) == (DeliveryStatus.PENDING, 8, None)
    assert not again.is_last
    assert played(again, FAILED)[0] == later
    assert len(played(again, FAILED)) == 8


def test_what_is_on_its_way_is_not_begun_again() -> None:
    delivery = attempted(a_delivery(), FAILED, START, 0.0)

    assert begun_again(delivery, START + timedelta(hours=1)) is delivery


def test_the_history_keeps_the_last_two_schedules() -> None:
    delivery = a_delivery()
    for _ in range(5):
        for _ in SCHEDULE:
            delivery = attempted(delivery, FAILED, START, 0.0)
        delivery = begun_again(delivery, START)

    assert [attempt.number for attempt in delivery.log] == list(range(25, 41))


def test_an_attempt_that_asked_nobody_leaves_the_last_answer() -> None:
    answered = attempted(a_delivery(), FAILED, START, 0.0)

    skipped = attempted(answered, Result(Outcome.CIRCUIT_OPEN), START, 0.0)

    assert skipped.answer == "no"
    assert skipped.last is not None
    assert (skipped.last.outcome, skipped.last.status) == (Outcome.CIRCUIT_OPEN, None)


def test_a_retry_after_moves_the_next_attempt_away_and_never_nearer() -> None:
    first = attempted(a_delivery(), replace(FAILED, retry_after="600"), START, 0.0)
    second = attempted(first, replace(FAILED, retry_after="10"), START, 0.0)

    assert first.next_attempt_at == START + timedelta(seconds=600)
    assert second.next_attempt_at == START + SCHEDULE[2]


def test_an_event_and_a_target_have_one_delivery() -> None:
    one = delivery_id(EVENT.id, "wh_1")

    assert one == delivery_id(EVENT.id, "wh_1") == a_delivery().id
    assert len({one, delivery_id(EVENT.id, "wh_2"), delivery_id("evt_01KMN0XK80ABCDEFGHJKMNPQRT", "wh_1")}) == 3
    assert one.startswith("wh_del_01KMN0XK80")
    assert len(one) == len("wh_del_") + 26


def test_a_delivery_belongs_to_the_tenant_of_its_event() -> None:
    assert a_delivery().tenant == ACME


@given(st.lists(st.sampled_from(PASSING), min_size=8, max_size=8), st.floats(0, 1))
def test_whatever_goes_wrong_a_delivery_ends_within_its_time(outcomes: list[Outcome], dice: float) -> None:
    delivery = a_delivery()
    for outcome in outcomes:
        assert delivery.next_attempt_at is not None
        delivery = attempted(delivery, Result(outcome, retry_after="3600"), delivery.next_attempt_at, dice)

    longest = sum((max(gap, timedelta(hours=1)) for gap in SCHEDULE[1:]), timedelta(0)) * (1 + JITTER)
    assert delivery.status is DeliveryStatus.FAILED
    assert delivery.finished_at is not None
    assert delivery.finished_at - START <= longest
