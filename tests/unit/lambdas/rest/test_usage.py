"""GET /v1/usage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from core.domain.usage import Addition
from core.ports import Commit
from tests.builders import ACME, OTHER, a_session
from tests.fakes.rest import RestWorld


@pytest.fixture
def world() -> RestWorld:
    return RestWorld()


def used(world: RestWorld, day: date, seconds: int, number: int, **more: Any) -> None:
    session = a_session(f"sess_{number}", **more)
    world.sessions.commit(Commit(session, None, None, used=Addition(day, seconds * 1_000_000, 0, 0)))


def days(body: Mapping[str, Any]) -> list[str]:
    return [day["date"] for day in body["data"]]


def test_usage_is_summed_per_day_for_the_tenant_of_the_key(world: RestWorld) -> None:
    used(world, date(2026, 3, 25), 60, 1, tenant=ACME)
    used(world, date(2026, 3, 26), 30, 2, tenant=ACME)
    used(world, date(2026, 3, 26), 500, 3, tenant=OTHER)

    answer = world.get("/v1/usage", {"from": "2026-03-25", "to": "2026-03-26"})

    assert answer.status == 200
    assert (answer.body["object"], answer.body["from"], answer.body["to"]) == ("usage", "2026-03-25", "2026-03-26")
    assert [day["active_seconds"] for day in answer.body["data"]] == [60.0, 30.0]
    assert answer.body["total"]["active_seconds"] == 90.0


def test_without_days_it_is_the_thirty_that_end_today(world: RestWorld) -> None:
    found = days(world.get("/v1/usage").body)

    assert (found[0], found[-1], len(found)) == ("2026-02-25", "2026-03-26", 30)


def test_a_year_may_be_asked_for_and_no_more(world: RestWorld) -> None:
    assert len(days(world.get("/v1/usage", {"from": "2024-01-01", "to": "2024-12-31"}).body)) == 366

    answer = world.get("/v1/usage", {"from": "2024-01-01", "to": "2025-01-01"})

    assert (answer.status, answer.error["param"]) == (422, "from")


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"from": "2026-3-1"}, "from"),
        ({"from": "20260301"}, "from"),
        ({"from": "2026-W10-1"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"to": ""}, "to"),
        ({"to": "2026-03-26T00:00:00Z"}, "to"),
        ({"to": "\uff12026-03-26"}, "to"),
        ({"from": "2026-03-27", "to": "2026-03-26"}, "from"),
    ],
)
def test_what_is_no_range_of_days_is_refused_by_name(world: RestWorld, query: dict[str, str], param: str) -> None:
    answer = world.get("/v1/usage", query)

    assert (answer.status, answer.error["code"], answer.error["param"]) == (422, "invalid_field_value", param)


def test_the_first_days_of_the_calendar_are_days_too(world: RestWorld) -> None:
    assert days(world.get("/v1/usage", {"to": "0001-01-02"}).body) == ["0001-01-01", "0001-01-02"]
