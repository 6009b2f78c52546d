"""AgentStore: an agent with each of its versions, in the order in which they came."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.agent_records import MOST_VERSIONS_KEPT, Agent
from core.errors import IdempotencyKeyTaken, WriteConflict
from tests.builders import ACME, ACME_TEST, OTHER, a_record, an_agent
from tests.contract.stores.kinds import Stores
from tests.fakes.clocks import START

ROUTE = "POST /v1/sessions"


def after(agent: Agent, name: str) -> Agent:
    return replace(agent, name=name, version=agent.version + 1, updated_at=START + timedelta(seconds=agent.version))


def changed(stores: Stores, agent: Agent, times: int) -> Agent:
    for number in range(times):
        agent = after(agent, f"change {number}")
        stores.agents.replace(agent)
    return agent


def versions(found: list[Agent]) -> list[int]:
    return [agent.version for agent in found]


def test_an_agent_is_found_by_its_own_tenant_only(stores: Stores) -> None:
    schema = {"type": "object", "properties": {"a": {"const": None}}}
    agent = an_agent(described={"system_prompt": "ü", "tools": [{"name": "x", "parameters": schema}]})
    stores.agents.add(agent)

    assert stores.agents.find(ACME, "agt_1") == agent
    assert stores.agents.version(ACME, "agt_1", 1) == agent
    for stranger in (OTHER, ACME_TEST):
        assert stores.agents.find(stranger, "agt_1") is None
        assert stores.agents.version(stranger, "agt_1", 1) is None
        assert stores.agents.between(stranger, None, None, 9, oldest_first=True) == []
        assert stores.agents.versions(stranger, "agt_1", None, None, 9, oldest_first=True) == []


def test_an_agent_comes_with_its_record_or_not_at_all(stores: Stores) -> None:
    stores.agents.add(an_agent("agt_1"), a_record("once"))

    with pytest.raises(IdempotencyKeyTaken):
        stores.agents.add(an_agent("agt_2"), a_record("once"))

    assert stores.idempotency.find(ACME, ROUTE, "once") == a_record("once")
    assert stores.agents.find(ACME, "agt_2") is None
    assert stores.agents.version(ACME, "agt_2", 1) is None


def test_an_agent_is_added_once(stores: Stores) -> None:
    stores.agents.add(an_agent())

    with pytest.raises(WriteConflict):
        stores.agents.add(an_agent(name="other"))

    assert stores.agents.find(ACME, "agt_1") == an_agent()


def test_agents_are_listed_between_two_from_either_end(stores: Stores) -> None:
    for number in (3, 1, 2, 5, 4):
        stores.agents.add(an_agent(f"agt_{number}"))
    changed(stores, an_agent("agt_3"), 2)
    stores.agents.add(an_agent("agt_6", OTHER))

    def ids(newer_than: str | None, older_than: str | None, limit: int, oldest_first: bool) -> list[str]:
        found = stores.agents.between(ACME, newer_than, older_than, limit, oldest_first=oldest_first)
        return [agent.id for agent in found]

    assert ids(None, None, 9, False) == [f"agt_{n}" for n in (5, 4, 3, 2, 1)]
    assert ids(None, "agt_4", 2, False) == ["agt_3", "agt_2"]
    assert ids("agt_1", None, 2, True) == ["agt_2", "agt_3"]
    assert ids("agt_2", "agt_5", 9, True) == ["agt_3", "agt_4"]
    assert ids("agt_5", None, 9, True) == []


def test_a_change_makes_the_next_version_and_leaves_the_others(stores: Stores) -> None:
    stores.agents.add(an_agent())
    latest = changed(stores, an_agent(), 4)

    assert stores.agents.find(ACME, "agt_1") == stores.agents.version(ACME, "agt_1", 5) == latest
    assert stores.agents.version(ACME, "agt_1", 1) == an_agent()
    assert stores.agents.version(ACME, "agt_1", 6) is None
    listed = stores.agents.versions
    assert versions(listed(ACME, "agt_1", None, None, 9, oldest_first=False)) == [5, 4, 3, 2, 1]
    assert versions(listed(ACME, "agt_1", None, 4, 2, oldest_first=False)) == [3, 2]
    assert versions(listed(ACME, "agt_1", 2, None, 2, oldest_first=True)) == [3, 4]
    assert listed(ACME, "agt_1", 5, None, 9, oldest_first=True) == []
    assert listed(ACME, "agt_1", None, 1, 9, oldest_first=False) == []


def test_a_change_is_made_of_the_version_before(stores: Stores) -> None:
    stores.agents.add(an_agent())
    changed(stores, an_agent(), 1)

    for late in (after(an_agent(), "late"), replace(an_agent(), version=4), after(an_agent("agt_9"), "not there")):
        with pytest.raises(WriteConflict):
            stores.agents.replace(late)

    found = stores.agents.find(ACME, "agt_1")
    assert found is not None
    assert (found.version, found.name) == (2, "change 0")
    assert stores.agents.version(ACME, "agt_1", 4) is None


def test_as_many_versions_are_kept_as_are_promised(stores: Stores) -> None:
    stores.agents.add(an_agent())
    latest = changed(stores, an_agent(), MOST_VERSIONS_KEPT + 1)

    kept = versions(stores.agents.versions(ACME, "agt_1", None, None, 99, oldest_first=True))
    assert kept == list(range(3, latest.version + 1))
    assert len(kept) == MOST_VERSIONS_KEPT


def test_a_removed_agent_leaves_nothing(stores: Stores) -> None:
    stores.agents.add(an_agent())
    latest = changed(stores, an_agent(), MOST_VERSIONS_KEPT + 3)
    stores.agents.add(an_agent("agt_2"))

    stores.agents.remove(latest)

    assert stores.agents.find(ACME, "agt_1") is None
    assert stores.agents.versions(ACME, "agt_1", None, None, 99, oldest_first=True) == []
    assert stores.agents.find(ACME, "agt_2") == an_agent("agt_2")
    with pytest.raises(WriteConflict):
        stores.agents.remove(latest)


def test_what_has_changed_meanwhile_is_not_removed(stores: Stores) -> None:
    stores.agents.add(an_agent())
    latest = changed(stores, an_agent(), 1)

    with pytest.raises(WriteConflict):
        stores.agents.remove(an_agent())

    assert stores.agents.find(ACME, "agt_1") == latest


def test_of_many_who_change_it_at_once_one_does(stores: Stores) -> None:
    if stores.kind == "aws":
        pytest.skip("moto lets two transactions win; the integration suite races at the emulator")
    stores.agents.add(an_agent())

    def change(number: int) -> bool:
        try:
            stores.agents.replace(after(an_agent(), str(number)))
        except WriteConflict:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(change, range(50))) == 1
