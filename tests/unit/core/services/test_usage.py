"""From the reports of a worker to the bill of a day (contract section 7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.domain.rotation import fixed
from core.domain.sessions import EndReason, Session, Usage
from core.errors import FenceLost
from core.services.streams import Progress, StreamService
from core.services.usage import UsageService
from tests.builders import ACME, OTHER
from tests.fakes.sessions import TOKEN_KEY, World
from tests.fakes.stores import MemoryUsage

TODAY = date(2026, 3, 26)


@pytest.fixture
def world() -> World:
    return World()


def usage(world: World) -> UsageService:
    return UsageService(MemoryUsage(world.sessions), world.clock)


def report(world: World, first: date = TODAY, last: date = TODAY) -> dict[str, Any]:
    return usage(world).report(ACME, first, last)


def active(world: World) -> Session:
    return world.streams.first_audio(world.connected())


def told(world: World, session: Session, active_s: float) -> Session:
    return world.streams.progress(session, Progress(usage=Usage(active_s, active_s)))


def test_a_running_call_counts_as_far_as_it_is_metered(world: World) -> None:
    session = told(world, active(world), 10.0)
    told(world, session, 20.25)

    assert report(world)["total"] == {
        "active_seconds": 20.25,
        "translation_seconds": 20.25,
        "ai_agent_seconds": 0.0,
    }


def test_two_three_minute_calls_in_one_session_are_six_minutes(world: World) -> None:
    session = active(world)
    for seconds in range(10, 190, 10):
        world.clock.advance(10)
        session = told(world, session, float(seconds))
    world.clock.advance(600)
    for seconds in range(190, 370, 10):
        world.clock.advance(10)
        session = told(world, session, float(seconds))
    session = world.streams.flushed(world.streams.end(session, EndReason.COMPLETED))

    assert session.usage.active_s == 360.0
    assert report(world)["total"]["active_seconds"] == 360.0


def test_a_ten_minute_session_with_hold_is_ten_minutes(world: World) -> None:
    session = told(world, active(world), 240.0)
    world.clock.advance(600)
    session = world.streams.end(session, EndReason.COMPLETED)
    session = world.streams.flushed(told(world, session, 600.0))

    assert session.usage.active_s == session.duration_s(world.clock.now()) == 600.0
    assert report(world)["total"]["active_seconds"] == 600.0


def test_a_report_that_comes_twice_counts_once(world: World) -> None:
    session = active(world)
    told(world, session, 10.0)
    told(world, session, 10.0)

    assert report(world)["total"]["active_seconds"] == 10.0


def test_a_report_decided_on_an_old_version_is_reckoned_anew(world: World) -> None:
    session = active(world)
    told(world, session, 10.0)
    # The version this worker holds is two writes old.
    told(world, replace(session, usage=Usage()), 15.0)

    assert report(world)["total"]["active_seconds"] == 15.0


def test_a_call_over_midnight_is_split(world: World) -> None:
    session = told(world, active(world), 10.0)
    world.clock.advance(13 * 3600)
    told(world, session, 25.0)

    days = report(world, TODAY, TODAY + timedelta(days=1))["data"]

    assert [day["active_seconds"] for day in days] == [10.0, 15.0]


def test_a_worker_that_was_fenced_out_adds_nothing(world: World) -> None:
    session = told(world, active(world), 10.0)
    world.clock.advance(16)
    heir = StreamService(world.changes, world.workers, fixed(TOKEN_KEY), "worker-2")
    taken = heir.attach(session)

    with pytest.raises(FenceLost):
        told(world, session, 500.0)
    heir.progress(taken, Progress(usage=Usage(12.0, 12.0)))

    assert report(world)["total"]["active_seconds"] == 12.0


def test_what_is_reported_after_the_end_counts_up_to_the_end(world: World) -> None:
    session = told(world, active(world), 10.0)
    world.clock.advance(12)
    session = world.streams.end(session, EndReason.COMPLETED)
    world.clock.advance(9)
    told(world, session, 21.0)

    assert report(world)["total"]["active_seconds"] == 12.0


def test_every_session_of_the_tenant_counts_and_nobody_elses(world: World) -> None:
    told(world, active(world), 10.0)
    told(world, active(world), 5.5)

    assert report(world)["total"]["active_seconds"] == 15.5
    assert usage(world).report(OTHER, TODAY, TODAY)["total"]["active_seconds"] == 0.0


def test_turns_and_chunks_alone_add_nothing(world: World) -> None:
    world.streams.progress(active(world), Progress(last_audio_at=world.clock.now()))

    assert world.sessions.used == []
