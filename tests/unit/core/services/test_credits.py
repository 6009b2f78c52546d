"""Credits: what is left of them, how often that is asked, and who may not go on without."""

from __future__ import annotations

from datetime import date

import pytest

from core.domain.access import Tenant
from core.domain.organizations import Organization
from core.domain.usage import Addition
from core.errors import CreditsExhausted, Unavailable
from core.ports import Commit
from core.services.credits import CreditService, CreditStanding
from tests.builders import ACME, ACME_TEST, OTHER, a_session
from tests.fakes.clocks import START, FakeClock
from tests.fakes.stores import MemorySessions, MemoryUsage

BOUGHT = Organization("org_acme", "Acme", credits_s=60)


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.sessions = MemorySessions(self.clock)
        self.usage = MemoryUsage(self.sessions)
        self.credits = CreditService(self.usage, self.clock)
        self._sessions = 0

    def use(self, seconds: float, tenant: Tenant = ACME) -> None:
        self._sessions += 1
        used = Addition(START.date(), round(seconds * 1_000_000), 0, 0)
        self.sessions.commit(Commit(a_session(f"sess_{self._sessions}", tenant=tenant), None, None, used=used))


@pytest.fixture
def world() -> World:
    return World()


def test_what_both_sides_of_an_organization_used_is_taken_from_its_credits(world: World) -> None:
    world.use(10.5)
    world.use(20, ACME_TEST)
    world.use(1000, OTHER)

    assert world.credits.told(BOUGHT) == CreditStanding(used_s=30.5, remaining_s=29.5)
    world.credits.check(BOUGHT)


@pytest.mark.parametrize("seconds", [60, 60.1, 9999])
def test_nothing_begins_when_nothing_is_left_and_nothing_is_ever_owed(world: World, seconds: float) -> None:
    world.use(seconds)

    with pytest.raises(CreditsExhausted) as refused:
        world.credits.check(BOUGHT)

    assert refused.value.code == "insufficient_api_credits"
    assert world.credits.told(BOUGHT) == CreditStanding(seconds, 0.0)


def test_the_last_fraction_of_a_second_may_be_used(world: World) -> None:
    world.use(59.999)
    world.credits.check(BOUGHT)


def test_no_credits_at_all_are_none_to_begin_with(world: World) -> None:
    with pytest.raises(CreditsExhausted):
        world.credits.check(Organization("org_acme", "Acme", credits_s=0))


def test_where_nobody_counts_nothing_is_read(world: World) -> None:
    free = Organization("org_acme", "Acme")
    world.use(9999)

    world.credits.check(free)

    assert world.credits.told(free) is None
    assert world.usage.reads == 0


def test_what_is_told_may_be_ten_seconds_old_what_is_checked_is_not(world: World) -> None:
    for _ in range(50):
        world.credits.told(BOUGHT)
    assert world.usage.reads == 1

    world.use(60)
    assert world.credits.told(BOUGHT) == CreditStanding(0.0, 60.0)
    with pytest.raises(CreditsExhausted):
        world.credits.check(BOUGHT)
    world.clock.advance(10)
    assert world.credits.told(BOUGHT) == CreditStanding(60.0, 0.0)


def test_a_store_that_does_not_answer_leaves_untold_and_lets_nothing_begin() -> None:
    class Silent(MemoryUsage):
        def active_us(self, organization_id: str) -> int:
            raise Unavailable("dependency_unavailable", "no answer")

    credits = CreditService(Silent(MemorySessions(FakeClock())), FakeClock())

    assert credits.told(BOUGHT) is None
    with pytest.raises(Unavailable):
        credits.check(BOUGHT)


def test_days_do_not_matter(world: World) -> None:
    for day in (date(2025, 1, 1), date(2026, 3, 26)):
        commit = Commit(a_session(f"sess_{day}"), None, None, used=Addition(day, 30_000_000, 0, 0))
        world.sessions.commit(commit)

    assert world.credits.told(BOUGHT) == CreditStanding(60.0, 0.0)
