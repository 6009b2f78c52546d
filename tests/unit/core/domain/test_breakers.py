"""When an endpoint is left alone, and when it is given up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.breakers import FAILURES_TO_OPEN, OPEN_FOR, Health, is_given_up, opened_until
from core.domain.deliveries import SCHEDULE
from tests.fakes.clocks import START

DAYS = timedelta(days=1)


def test_a_few_failures_open_nothing() -> None:
    assert opened_until(Health(FAILURES_TO_OPEN - 1, START), START) is None


def test_an_endpoint_is_left_alone_for_longer_and_longer_up_to_five_minutes() -> None:
    opened = [opened_until(Health(FAILURES_TO_OPEN + further, START), START) for further in range(7)]

    assert [at - START for at in opened if at] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 5, 5, 5, 5)]


def test_a_breaker_closes_before_the_third_delay_of_the_schedule_is_over() -> None:
    assert OPEN_FOR[-1] <= SCHEDULE[2] < SCHEDULE[3]


@pytest.mark.parametrize(
    ("failures", "failing_for", "expected"),
    [
        (1000, 5 * DAYS, True),
        (1000, 5 * DAYS - timedelta(seconds=1), False),
        (FAILURES_TO_OPEN, 9 * DAYS, True),
        (FAILURES_TO_OPEN - 1, 9 * DAYS, False),
    ],
)
def test_five_days_of_nothing_but_failures_are_enough(failures: int, failing_for: timedelta, expected: bool) -> None:
    assert is_given_up(Health(failures, START), START + failing_for) is expected


def test_an_endpoint_that_does_not_fail_is_not_given_up() -> None:
    assert not is_given_up(Health(), START)
