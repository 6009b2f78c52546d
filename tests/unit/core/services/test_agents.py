"""Agents: made once, changed by versions, removed with all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from core.adapters.json_schemas import JsonSchemas
from core.domain.agent_records import Agent
from core.domain.paging import Page
from core.errors import Conflict, InvalidRequest, NotFound, ValidationFailed, WriteConflict
from core.services import agents as agents_service
from core.services.agent_descriptions import AgentDescriptions
from core.services.agents import AgentChange, AgentService, NewAgent
from core.services.idempotency import RequestKey
from tests.builders import ACME, ACME_TEST, OTHER
from tests.fakes.agents import MemoryAgents
from tests.fakes.clocks import FakeClock, SequenceIds
from tests.fakes.stores import MemoryIdempotency, MemorySessions

ONCE = RequestKey("POST /v1/agents", "once", "hash")
KIND = {"system_prompt": "Be kind."}


class BusyAgents(MemoryAgents):
    """Somebody else is always first."""

    def replace(self, agent: Agent) -> None:
        raise WriteConflict(agent.id)

    def remove(self, agent: Agent) -> None:
        raise WriteConflict(agent.id)


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    kind: type[MemoryAgents] = MemoryAgents

    def __post_init__(self) -> None:
        records = MemorySessions(self.clock)
        self.store = self.kind(records)
        descriptions = AgentDescriptions(self.store, JsonSchemas())
        self.service = AgentService(self.store, descriptions, MemoryIdempotency(records), self.clock, SequenceIds())

    def create(self, name: str = "Ada", **described: Any) -> str:
        made = self.service.create(ACME, NewAgent(name, KIND | described)).body
        self.clock.advance(1)
        return str(made["id"])


@pytest.fixture
def world() -> World:
    return World()


def test_a_repeat_makes_no_second_agent(world: World) -> None:
    new = NewAgent("Ada", KIND, {"team": "sales"})
    first = world.service.create(ACME, new, ONCE)
    again = world.service.create(ACME, new, ONCE)

    assert (first.status, first.body["version"], first.body["metadata"]) == (201, 1, {"team": "sales"})
    assert (again.replayed, again.body) == (True, first.body)
    assert len(world.service.page(ACME, Page()).items) == 1
    with pytest.raises(InvalidRequest):
        world.service.create(ACME, new, RequestKey(ONCE.route, ONCE.key, "another"))


def test_a_change_is_the_next_version_and_the_one_before_stays(world: World) -> None:
    agent_id = world.create(greeting="Hi.")
    changed = world.service.change(ACME, agent_id, AgentChange("Bob", {"greeting": None, "voice": "v"}))

    assert (changed["version"], changed["name"], changed["greeting"], changed["voice"]) == (2, "Bob", None, "v")
    assert changed["updated_at"] == "2026-03-26T11:00:01Z"
    assert world.service.get(ACME, agent_id) == world.service.version(ACME, agent_id, "2") == changed
    first = world.service.version(ACME, agent_id, "1")
    assert (first["name"], first["greeting"]) == ("Ada", "Hi.")


def test_what_changes_nothing_makes_no_version(world: World) -> None:
    agent_id = world.create()

    assert world.service.change(ACME, agent_id, AgentChange("Ada", dict(KIND), {}))["version"] == 1


def test_a_change_is_checked_as_a_whole(world: World) -> None:
    agent_id = world.create()

    with pytest.raises(ValidationFailed) as refused:
        world.service.change(ACME, agent_id, AgentChange(None, {"tools": [{"name": "a", "result": {"type": 1}}]}))
    assert refused.value.param == "tools.0.result.type"
    assert world.service.get(ACME, agent_id)["version"] == 1


def test_a_removed_agent_and_its_versions_are_gone(world: World) -> None:
    agent_id = world.create()
    world.service.change(ACME, agent_id, AgentChange("Bob"))

    assert world.service.remove(ACME, agent_id) == {"id": agent_id, "object": "agent", "deleted": True}
    for ask in (world.service.get, world.service.remove):
        with pytest.raises(NotFound):
            ask(ACME, agent_id)
    with pytest.raises(NotFound):
        world.service.version(ACME, agent_id, "1")


@pytest.mark.parametrize("version", ["0", "01", "2", "-1", "x", "\u0661", "999999999", ""])
def test_a_version_that_is_not_there_is_not_found(world: World, version: str) -> None:
    agent_id = world.create()

    with pytest.raises(NotFound) as refused:
        world.service.version(ACME, agent_id, version)
    assert refused.value.code == "ai_agent_version_not_found"


def test_another_tenants_agent_is_not_there(world: World) -> None:
    agent_id = world.create()

    for stranger in (OTHER, ACME_TEST):
        for ask in (
            lambda: world.service.get(stranger, agent_id),  # noqa: B023
            lambda: world.service.change(stranger, agent_id, AgentChange("x")),  # noqa: B023
            lambda: world.service.remove(stranger, agent_id),  # noqa: B023
            lambda: world.service.versions(stranger, agent_id, Page()),  # noqa: B023
            lambda: world.service.page(stranger, Page(starting_after=agent_id)),  # noqa: B023
        ):
            with pytest.raises(NotFound) as refused:
                ask()
            assert refused.value.code == "ai_agent_not_found"


def test_versions_are_paged_by_their_numbers(world: World) -> None:
    agent_id = world.create()
    for number in range(4):
        world.service.change(ACME, agent_id, AgentChange(f"change {number}"))

    def shown(page: Page) -> tuple[list[int], bool]:
        paged = world.service.versions(ACME, agent_id, page)
        return [each["version"] for each in paged.items], paged.has_more

    assert shown(Page(2)) == ([5, 4], True)
    assert shown(Page(2, starting_after="4")) == ([3, 2], True)
    assert shown(Page(2, starting_after="2")) == ([1], False)
    assert shown(Page(2, ending_before="2")) == ([4, 3], True)
    with pytest.raises(NotFound):
        shown(Page(starting_after="9"))


def test_a_page_ends_before_it_would_not_go_through(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [world.create(greeting="x" * 500) for _ in range(4)]
    monkeypatch.setattr(agents_service, "_LARGEST_PAGE_BYTES", 2_000)

    first = world.service.page(ACME, Page(3))
    assert ([each["id"] for each in first.items], first.has_more) == ([ids[3], ids[2]], True)
    second = world.service.page(ACME, Page(3, starting_after=ids[2]))
    assert ([each["id"] for each in second.items], second.has_more) == ([ids[1], ids[0]], False)
    back = world.service.page(ACME, Page(3, ending_before=ids[0]))
    assert ([each["id"] for each in back.items], back.has_more) == ([ids[2], ids[1]], True)
    monkeypatch.setattr(agents_service, "_LARGEST_PAGE_BYTES", 1)
    alone = world.service.page(ACME, Page(3))
    assert ([each["id"] for each in alone.items], alone.has_more) == ([ids[3]], True)


def test_who_always_comes_second_is_told_to_come_again() -> None:
    world = World(kind=BusyAgents)
    agent_id = world.create()

    with pytest.raises(Conflict) as refused:
        world.service.change(ACME, agent_id, AgentChange("Bob"))
    assert (refused.value.code, refused.value.retry_after_s) == ("ai_agent_busy", 1)
    with pytest.raises(Conflict):
        world.service.remove(ACME, agent_id)
