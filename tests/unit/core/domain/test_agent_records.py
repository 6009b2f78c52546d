"""What an agent keeps, what a change makes of it, and how it is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.domain.agent_records import DESCRIBED, agent_object, merged, next_version
from lambdas.rest.agent_schemas import AgentIn
from tests.builders import an_agent
from tests.fakes.clocks import START

LATER = START + timedelta(minutes=1)


def test_what_describes_an_agent_is_what_a_session_may_be_given() -> None:
    assert set(DESCRIBED) == AgentIn.model_fields.keys() - {"id", "overrides"}


def test_a_change_takes_the_place_of_what_was_there_and_none_takes_it_away() -> None:
    before = {"system_prompt": "a", "greeting": "hi", "limits": {"tokens": 1, "cost": 2}}

    assert merged(before, {"greeting": None, "limits": {"tokens": 3}, "voice": None}) == {
        "system_prompt": "a",
        "limits": {"tokens": 3},
    }


def test_the_next_version_says_when_it_was_made() -> None:
    agent = an_agent()
    after = next_version(agent, replace(agent, name="Bob"), LATER)

    assert after == replace(agent, name="Bob", version=2, updated_at=LATER)


def test_what_changes_nothing_is_no_version() -> None:
    agent = an_agent(described={"system_prompt": "a", "tools": [{"name": "x", "result": {"const": 1}}]})
    same = replace(agent, described={"tools": [{"name": "x", "result": {"const": 1}}], "system_prompt": "a"})
    other = replace(agent, described={"system_prompt": "a", "tools": [{"name": "x", "result": {"const": True}}]})

    assert next_version(agent, same, LATER) is None
    assert next_version(agent, other, LATER) is not None


def test_what_was_not_given_is_shown_as_null() -> None:
    assert agent_object(an_agent(metadata={"team": "sales"})) == {
        "id": "agt_1",
        "object": "agent",
        "name": "Ada",
        "version": 1,
        "system_prompt": "Be kind.",
        "voice": None,
        "temperature": 0.5,
        "model": None,
        "language": None,
        "knowledge_base_id": None,
        "tools": [],
        "greeting": None,
        "transfer": None,
        "turn_taking": None,
        "silence_prompt": None,
        "limits": None,
        "metadata": {"team": "sales"},
        "created_at": "2026-03-26T11:00:00Z",
        "updated_at": "2026-03-26T11:00:00Z",
    }
