"""Turning pages, in both directions, while sessions come in and move on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import Tenant
from core.domain.paging import Page
from core.domain.sessions import Session, Status
from core.errors import NotFound
from core.ports import Commit
from core.services.session_list import SessionListService, Wanted
from tests.builders import ACME, ACME_TEST, OTHER, a_session
from tests.fakes.clocks import START, FakeClock
from tests.fakes.stores import MemorySessionList, MemorySessions

ALL = Wanted()


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    made: int = 0

    def __post_init__(self) -> None:
        self.sessions = MemorySessions(self.clock)
        self.index = MemorySessionList(self.sessions)
        self.service = SessionListService(self.sessions, self.index, self.clock)

    def create(self, tenant: Tenant = ACME, status: Status = Status.CREATED, at: datetime | None = None) -> Session:
        self.made += 1
        created_at = at or START + timedelta(seconds=self.made)
        session = a_session(f"sess_{self.made:03d}", tenant, created_at=created_at, status=status)
        return self.sessions.commit(Commit(session, None, None))

    def page(self, wanted: Wanted = ALL, *, tenant: Tenant = ACME, **page: Any) -> tuple[list[int], bool]:
        found = self.service.page(tenant, wanted, Page(**page))
        return [int(shown["id"].removeprefix("sess_")) for shown in found.items], found.has_more


@pytest.fixture
def world() -> World:
    made = World()
    for _ in range(5):
        made.create()
    return made


def test_the_newest_come_first_and_each_is_shown_as_a_get_shows_it_without_a_token(world: World) -> None:
    assert world.page(limit=2) == ([5, 4], True)
    assert world.page() == ([5, 4, 3, 2, 1], False)
    (shown,) = world.service.page(ACME, ALL, Page(limit=1)).items
    assert shown["metadata"] == {}
    assert "stream" not in shown


def test_a_page_goes_on_behind_its_cursor(world: World) -> None:
    assert world.page(limit=2, starting_after="sess_004") == ([3, 2], True)
    assert world.page(limit=2, starting_after="sess_003") == ([2, 1], False)
    assert world.page(limit=2, starting_after="sess_001") == ([], False)


def test_a_page_backwards_is_what_lies_next_to_its_cursor(world: World) -> None:
    assert world.page(limit=2, ending_before="sess_001") == ([3, 2], True)
    assert world.page(limit=2, ending_before="sess_003") == ([5, 4], False)
    assert world.page(limit=2, ending_before="sess_005") == ([], False)


def test_one_tenant_sees_its_own(world: World) -> None:
    world.create(OTHER)
    world.create(ACME_TEST)

    assert world.page() == ([5, 4, 3, 2, 1], False)
    assert world.page(tenant=OTHER) == ([6], False)


@pytest.mark.parametrize("cursor", ["sess_none", "sess_006", "nonsense"])
@pytest.mark.parametrize("name", ["starting_after", "ending_before"])
def test_a_cursor_that_is_no_session_of_ours_is_not_found(world: World, name: str, cursor: str) -> None:
    world.create(OTHER)

    with pytest.raises(NotFound) as refused:
        world.service.page(ACME, ALL, Page(20, **{name: cursor}))

    assert (refused.value.code, refused.value.param) == ("session_not_found", name)


def test_a_status_and_a_time_choose(world: World) -> None:
    for status in (Status.ACTIVE, Status.ENDED, Status.ACTIVE):
        world.create(status=status)

    assert world.page(Wanted(Status.ACTIVE)) == ([8, 6], False)
    assert world.page(Wanted(Status.CREATED, START + timedelta(seconds=3)), limit=1) == ([5], True)
    assert world.page(Wanted(created_after=START + timedelta(seconds=6))) == ([8, 7], False)
    assert world.page(Wanted(created_after=START + timedelta(seconds=5)), ending_before="sess_003") == (
        [8, 7, 6],
        False,
    )
    assert world.page(Wanted(created_after=START + timedelta(seconds=7)), ending_before="sess_006") == ([8], False)


def test_a_page_costs_one_batch_however_many_it_shows(world: World) -> None:
    world.page(limit=100)

    assert world.index.batches == 1


def test_what_moved_on_since_the_index_was_written_is_not_shown_under_its_old_status(world: World) -> None:
    world.index.behind = [replace(session, status=Status.ACTIVE) for session in world.sessions._sessions.values()]
    current = world.sessions.find(ACME, "sess_002")
    assert current is not None
    world.sessions.commit(Commit(replace(current, status=Status.ACTIVE), current.version, None))

    assert world.page(Wanted(Status.ACTIVE), limit=2) == ([2], True)
    assert world.page(Wanted(Status.ENDED)) == ([], False)


Step = st.sampled_from(["turn", "create"])


@given(st.integers(0, 12), st.integers(1, 5), st.lists(Step, max_size=40))
def test_turning_pages_shows_what_was_there_once_each_whatever_comes_in(
    before: int, limit: int, steps: list[str]
) -> None:
    world = World()
    there = [world.create().id for _ in range(before)][::-1]
    seen, more, cursor = list[str](), True, dict[str, str]()
    for step in [*steps, *["turn"] * (before + 40)]:
        if step == "create":
            world.create()
        elif more:
            page = world.service.page(ACME, ALL, Page(limit, **cursor))
            there = there if cursor else [f"sess_{number:03d}" for number in range(world.made, 0, -1)]
            seen += [shown["id"] for shown in page.items]
            more, cursor = page.has_more, {"starting_after": seen[-1]} if seen else {}
            assert not (more and not page.items)

    assert seen == there


@given(st.integers(1, 12), st.integers(1, 5), st.lists(Step, max_size=40))
def test_turning_back_ends_at_the_newest_with_everything_in_order(before: int, limit: int, steps: list[str]) -> None:
    world = World()
    made = [world.create().id for _ in range(before)]
    seen = made[:1]
    for step in [*steps, *["turn"] * (before + 40)]:
        if step == "create":
            world.create()
        else:
            page = world.service.page(ACME, ALL, Page(limit, ending_before=seen[0]))
            seen = [*(shown["id"] for shown in page.items), *seen]

    assert seen == [f"sess_{number:03d}" for number in range(world.made, 0, -1)]
