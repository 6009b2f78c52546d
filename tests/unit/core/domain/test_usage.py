"""Meters and the days they are added to."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.sessions import Usage
from core.domain.usage import Addition, addition, metered, summed, usage_report
from tests.builders import a_session
from tests.fakes.clocks import START

DAY = START.date()


def test_meters_follow_the_reports() -> None:
    assert metered(a_session(started_at=START), Usage(12.5, 3.0, 1.0)) == Usage(12.5, 3.0, 1.0)


def test_a_report_that_was_overtaken_turns_no_meter_back() -> None:
    session = a_session(started_at=START, usage=Usage(20.0, 3.0, 0.0))

    assert metered(session, Usage(10.0, 4.0, 0.0)) == Usage(20.0, 4.0, 0.0)


def test_nothing_counts_beyond_the_end() -> None:
    session = a_session(started_at=START, ended_at=START + timedelta(seconds=30), usage=Usage(20.0, 20.0, 0.0))

    assert metered(session, Usage(33.0, 31.0, 2.0)) == Usage(30.0, 30.0, 2.0)


def test_a_day_grows_by_the_difference() -> None:
    assert addition(Usage(10.0, 5.0, 0.0), Usage(20.5, 5.0, 1.0), START) == Addition(DAY, 10_500_000, 0, 1_000_000)
    assert addition(Usage(10.0), Usage(10.0), START) is None


meters = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=30).map(sorted)


@given(meters)
def test_what_is_added_to_days_sums_to_what_the_session_says(reports: list[float]) -> None:
    """However many reports there were: no rounding is lost or gained on the way."""
    states = [Usage(), *(Usage(seconds, seconds / 2) for seconds in reports)]
    added = [addition(before, after, START) for before, after in itertools.pairwise(states)]

    total = summed(each for each in added if each).get(DAY, Usage())

    assert total.active_s == round(reports[-1] * 1_000_000) / 1_000_000
    assert total.translation_s == round(reports[-1] / 2 * 1_000_000) / 1_000_000


def test_the_shares_of_a_day_are_summed() -> None:
    other = DAY + timedelta(days=1)

    assert summed([Addition(DAY, 1_500_000, 0, 0), Addition(other, 1, 0, 0), Addition(DAY, 500_000, 250_000, 0)]) == {
        DAY: Usage(2.0, 0.25, 0.0),
        other: Usage(0.000001, 0.0, 0.0),
    }


def test_a_report_names_every_day_and_the_total() -> None:
    first, last = date(2026, 2, 28), date(2026, 3, 2)

    report = usage_report(first, last, {date(2026, 3, 1): Usage(360.0, 300.25, 0.0), last: Usage(0.5, 0.0, 0.125)})

    nothing = {"active_seconds": 0.0, "translation_seconds": 0.0, "ai_agent_seconds": 0.0}
    assert report == {
        "object": "usage",
        "from": "2026-02-28",
        "to": "2026-03-02",
        "data": [
            {"date": "2026-02-28", **nothing},
            {"date": "2026-03-01", "active_seconds": 360.0, "translation_seconds": 300.25, "ai_agent_seconds": 0.0},
            {"date": "2026-03-02", "active_seconds": 0.5, "translation_seconds": 0.0, "ai_agent_seconds": 0.125},
        ],
        "total": {"active_seconds": 360.5, "translation_seconds": 300.25, "ai_agent_seconds": 0.125},
    }


@pytest.mark.parametrize("usage", [Usage(0.1 + 0.2), Usage(1 / 3)])
def test_the_total_of_one_day_is_that_day(usage: Usage) -> None:
    report = usage_report(DAY, DAY, {DAY: usage})

    assert report["total"] == {name: report["data"][0][name] for name in report["total"]}
