"""The sweep: bounded in time and number, and one bad session holds up nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.domain.access import Tenant
from core.errors import DependencyRefused, Unavailable
from core.ports import Commit
from core.services.sweep import PER_SHARD, Sweep
from tests.builders import a_session
from tests.fakes.clocks import START, FakeClock
from tests.fakes.stores import MemorySessions


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.sessions = MemorySessions(self.clock)
        self.expired: list[str] = []

    def overdue(self, *session_ids: str) -> None:
        for session_id in session_ids:
            self.sessions.commit(Commit(a_session(session_id), None, START - timedelta(minutes=1)))

    def sweep(self, expire: Callable[[Tenant, str], bool] | None = None) -> Sweep:
        return Sweep(self.sessions, expire or self.expire, self.clock)

    def expire(self, _tenant: Tenant, session_id: str) -> bool:
        self.expired.append(session_id)
        return True


@pytest.fixture
def world() -> World:
    return World()


SOON = START + timedelta(seconds=40)


def test_every_shard_is_swept(world: World) -> None:
    names = [f"sess_{number:03d}" for number in range(100)]
    world.overdue(*names)

    swept = world.sweep().run(SOON)

    assert sorted(world.expired) == names
    assert (swept.expired, swept.failed, swept.finished) == (100, [], True)


def test_what_turned_out_not_to_be_due_is_not_counted(world: World) -> None:
    world.overdue("sess_1")

    assert world.sweep(lambda _tenant, _session_id: False).run(SOON).expired == 0


def test_a_session_that_can_never_be_ended_holds_up_nobody_and_is_told_of(world: World) -> None:
    names = [f"sess_{number:03d}" for number in range(100)]
    world.overdue(*names)

    def expire(tenant: Tenant, session_id: str) -> bool:
        if session_id == "sess_050":
            raise DependencyRefused("TransactWriteItems was refused: ValidationError")
        return world.expire(tenant, session_id)

    swept = world.sweep(expire).run(SOON)

    assert sorted(world.expired) == [name for name in names if name != "sess_050"]
    assert swept.failed == ["sess_050"]
    assert isinstance(swept.fault, DependencyRefused)


def test_a_session_that_cannot_be_ended_now_holds_up_nobody(world: World) -> None:
    world.overdue("sess_1", "sess_2", "sess_3")

    def expire(tenant: Tenant, session_id: str) -> bool:
        if session_id == "sess_2":
            raise Unavailable("dependency_unavailable", "no answer")
        return world.expire(tenant, session_id)

    swept = world.sweep(expire).run(SOON)

    assert sorted(world.expired) == ["sess_1", "sess_3"]
    assert swept.failed == ["sess_2"]


def test_a_run_ends_in_time_and_says_so(world: World) -> None:
    world.overdue(*(f"sess_{number}" for number in range(20)))

    def slow(tenant: Tenant, session_id: str) -> bool:
        world.clock.advance(10)
        return world.expire(tenant, session_id)

    swept = world.sweep(slow).run(SOON)

    assert len(world.expired) == 4
    assert not swept.finished


def test_a_run_ends_in_time_within_a_shard_too(world: World) -> None:
    one_shard = ("sess_03", "sess_12", "sess_21", "sess_30")
    world.overdue(*one_shard)

    def slow(tenant: Tenant, session_id: str) -> bool:
        world.clock.advance(30)
        return world.expire(tenant, session_id)

    swept = world.sweep(slow).run(SOON)

    assert len(world.expired) == 2
    assert not swept.finished


def test_one_shard_gets_no_more_than_its_share_of_a_run(world: World) -> None:
    world.overdue(*(f"sess_{number:04d}" for number in range(16 * PER_SHARD * 2)))

    world.sweep().run(SOON)

    assert len(world.expired) <= 16 * PER_SHARD


def test_runs_begin_at_different_shards(world: World) -> None:
    world.overdue(*(f"sess_{number:03d}" for number in range(100)))
    first: list[str] = []
    for _ in range(3):
        world.sweep().run(world.clock.now() + timedelta(seconds=1))
        first.append(world.expired[0])
        world.expired.clear()
        world.clock.advance(60)

    assert len(set(first)) == 3
