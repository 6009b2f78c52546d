"""What a session keeps of an agent, and what is looked at before."""

from __future__ import annotations

from typing import Any

import pytest

from core.adapters.json_schemas import JsonSchemas
from core.errors import NotFound, ValidationFailed
from core.services.agent_descriptions import LARGEST_BYTES, AgentDescriptions
from tests.builders import ACME, OTHER, an_agent
from tests.fakes.agents import MemoryAgents
from tests.fakes.clocks import FakeClock
from tests.fakes.stores import MemorySessions


@pytest.fixture
def agents() -> MemoryAgents:
    made = MemoryAgents(MemorySessions(FakeClock()))
    made.add(an_agent(described={"system_prompt": "Be kind.", "greeting": "Hi.", "limits": {"tokens": 9}}))
    return made


@pytest.fixture
def descriptions(agents: MemoryAgents) -> AgentDescriptions:
    return AgentDescriptions(agents, JsonSchemas())


def test_one_that_comes_with_the_session_is_kept_as_it_is(descriptions: AgentDescriptions) -> None:
    given = {"system_prompt": "x", "tools": [{"name": "a"}]}

    assert descriptions.for_session(ACME, given) == given


def test_one_that_is_named_is_kept_whole_with_its_version(descriptions: AgentDescriptions) -> None:
    assert descriptions.for_session(ACME, {"id": "agt_1", "overrides": {}}) == {
        "system_prompt": "Be kind.",
        "greeting": "Hi.",
        "limits": {"tokens": 9},
        "id": "agt_1",
        "version": 1,
    }


def test_what_differs_takes_the_place_of_what_was_there(descriptions: AgentDescriptions) -> None:
    kept = descriptions.for_session(
        ACME, {"id": "agt_1", "overrides": {"greeting": None, "limits": {"cost": 1}, "voice": "v"}}
    )

    assert kept == {
        "system_prompt": "Be kind.",
        "limits": {"cost": 1},
        "voice": "v",
        "id": "agt_1",
        "version": 1,
    }


@pytest.mark.parametrize(("tenant", "agent_id"), [(ACME, "agt_2"), (OTHER, "agt_1"), (ACME, "agt_" + "1" * 41)])
def test_one_that_is_not_there_is_not_found(descriptions: AgentDescriptions, tenant: Any, agent_id: str) -> None:
    with pytest.raises(NotFound) as refused:
        descriptions.for_session(tenant, {"id": agent_id, "overrides": {}})
    assert (refused.value.code, refused.value.param) == ("ai_agent_not_found", "ai_agent.id")


@pytest.mark.parametrize(
    ("tool", "param"),
    [
        ({"parameters": {"type": "object", "properties": {"a": {"type": "x"}}}}, "parameters.properties.a.type"),
        ({"parameters": {"type": "object", "$ref": "https://example.com"}}, "parameters"),
        ({"result": {"pattern": "("}}, "result.pattern"),
    ],
)
def test_a_tools_schema_is_named_by_its_path(descriptions: AgentDescriptions, tool: dict[str, Any], param: str) -> None:
    tools = [{"name": "fine", "result": {"type": "string"}}, {"name": "wrong", **tool}]
    ways: dict[str, dict[str, Any]] = {
        "ai_agent.": {"system_prompt": "x", "tools": tools},
        "ai_agent.overrides.": {"id": "agt_1", "overrides": {"tools": tools}},
    }
    for where, given in ways.items():
        with pytest.raises(ValidationFailed) as refused:
            descriptions.for_session(ACME, given)
        assert refused.value.param == f"{where}tools.1.{param}"


def test_a_description_has_its_size_with_what_differs(descriptions: AgentDescriptions) -> None:
    """Not one byte more, since every write of the session carries it."""
    whole = {"system_prompt": "x", "greeting": ""}
    room = LARGEST_BYTES - len('{"system_prompt":"x","greeting":""}')
    descriptions.check(ACME, whole | {"greeting": "x" * room})

    for given in (
        whole | {"greeting": "x" * (room + 1)},
        {"id": "agt_1", "overrides": {"greeting": "x" * room}},
    ):
        with pytest.raises(ValidationFailed):
            descriptions.for_session(ACME, given)


@pytest.mark.parametrize("where", ["", "ai_agent."])
def test_the_knowledge_base_that_it_names_must_be_there(where: str) -> None:
    checked = AgentDescriptions(
        MemoryAgents(MemorySessions(FakeClock())),
        JsonSchemas(),
        lambda tenant, base_id: (tenant, base_id) == (ACME, "kb_1"),
    )
    checked.check(ACME, {"knowledge_base_id": "kb_1"}, where)
    checked.check(ACME, {}, where)
    with pytest.raises(ValidationFailed) as refused:
        checked.check(ACME, {"knowledge_base_id": "kb_2"}, where)
    assert refused.value.param == f"{where}knowledge_base_id"
