"""/v1/agents: bodies, statuses, versions; and sessions that name an agent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.domain.access import Scope
from core.domain.agents import spec_of
from tests.builders import ACME
from tests.fakes.rest import Answer, RestWorld
from tests.unit.lambdas.rest.test_schemas import WHOLE

PATH = "/v1/agents"
CALLER = {"org": "org_acme", "livemode": "true", "scopes": " ".join(Scope), "key_id": "key_1"}
CALL = {"mode": "ai_agent", "source_language": "en", "target_language": "en"}


@pytest.fixture
def world() -> RestWorld:
    return RestWorld()


def ask(world: RestWorld, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return world.ask(method, path, None if body is None else json.dumps(body), headers=sent, authorizer=CALLER)


def created(world: RestWorld, **more: Any) -> dict[str, Any]:
    answer = ask(world, "POST", PATH, {"name": "Ada", "system_prompt": "Be kind."} | more)
    assert answer.status == 201, answer.text
    body: dict[str, Any] = answer.body
    return body


def session_of(world: RestWorld, ai_agent: Any, **more: Any) -> Any:
    answer = ask(world, "POST", "/v1/sessions", CALL | {"ai_agent": ai_agent} | more)
    assert answer.status == 201, answer.text
    return answer.body


def test_an_agent_is_made_shown_listed_changed_and_deleted(world: RestWorld) -> None:
    made = created(world, **WHOLE, metadata={"team": "sales"})
    assert {name: made[name] for name in WHOLE} == WHOLE
    assert (made["object"], made["version"], made["metadata"]) == ("agent", 1, {"team": "sales"})
    path = f"{PATH}/{made['id']}"
    assert ask(world, "GET", path).body == made
    listed = ask(world, "GET", PATH).body
    assert (listed["data"], listed["has_more"], listed["url"]) == ([made], False, PATH)

    world.clock.advance(60)
    changed = ask(world, "PATCH", path, {"name": "Bob", "greeting": None, "limits": {"tokens": 5}, "metadata": None})
    assert changed.body == made | {
        "name": "Bob",
        "greeting": None,
        "limits": {"tokens": 5},
        "metadata": {},
        "version": 2,
        "updated_at": "2026-03-26T11:01:00Z",
    }
    assert ask(world, "PATCH", path, {"name": "Bob"}).body["version"] == 2
    assert ask(world, "PATCH", path, {}).body["version"] == 2
    versions = ask(world, "GET", f"{path}/versions").body
    assert (versions["data"], versions["url"]) == ([changed.body, made], f"{path}/versions")
    assert ask(world, "GET", f"{path}/versions/1").body == made

    assert ask(world, "DELETE", path).body == {"id": made["id"], "object": "agent", "deleted": True}
    for method, gone in (("GET", path), ("DELETE", path), ("GET", f"{path}/versions"), ("GET", f"{path}/versions/1")):
        refused = ask(world, method, gone)
        assert (refused.status, refused.error["code"]) == (404, "ai_agent_not_found")


def test_nulls_inside_a_schema_are_part_of_it(world: RestWorld) -> None:
    tools = [{"name": "a", "result": {"anyOf": [{"const": None}, {"enum": [None, 1]}], "default": None}}]

    assert created(world, tools=tools)["tools"] == tools


def test_a_repeat_has_the_same_body_and_says_so(world: RestWorld) -> None:
    body = {"name": "Ada", "system_prompt": "x"}
    first = ask(world, "POST", PATH, body, Idempotency_Key="k")
    again = ask(world, "POST", PATH, body, Idempotency_Key="k")

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == ["true"]
    assert ask(world, "POST", PATH, body | {"name": "b"}, Idempotency_Key="k").error["code"] == "idempotency_mismatch"


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"name": None}, "invalid_field_value", "name"),
        ({"name": "x" * 101}, "invalid_field_value", "name"),
        ({"system_prompt": None}, "invalid_field_value", "system_prompt"),
        ({"system_prompt": ""}, "invalid_field_value", "system_prompt"),
        ({"temperature": 2.5}, "invalid_field_value", "temperature"),
        ({"language": "xx"}, "invalid_language_code", "language"),
        ({"tools": [{"name": "a"}, {"name": "a"}]}, "invalid_field_value", "tools"),
        ({"tools": [{"name": "a", "result": {"type": "x"}}]}, "invalid_field_value", "tools.0.result.type"),
        ({"metadata": {"k": 1}}, "invalid_field_value", "metadata.k"),
        ({"version": 3}, "invalid_field_value", "version"),
        ({"id": "agt_1"}, "invalid_field_value", "id"),
    ],
)
def test_what_cannot_be_taken_is_named_at_creation_and_at_a_change(
    world: RestWorld, change: dict[str, Any], code: str, param: str
) -> None:
    made = created(world)

    for answer in (
        ask(world, "POST", PATH, {"name": "Ada", "system_prompt": "x"} | change),
        ask(world, "PATCH", f"{PATH}/{made['id']}", change),
    ):
        assert (answer.status, answer.error["code"], answer.error["param"]) == (422, code, param)
    assert ask(world, "GET", f"{PATH}/{made['id']}").body == made


@pytest.mark.parametrize("missing", ["name", "system_prompt"])
def test_a_name_and_a_prompt_are_needed(world: RestWorld, missing: str) -> None:
    body = {"name": "Ada", "system_prompt": "x"}
    del body[missing]
    refused = ask(world, "POST", PATH, body)

    assert (refused.status, refused.error["code"], refused.error["param"]) == (422, "missing_required_field", missing)


def test_a_session_keeps_the_agent_as_it_was(world: RestWorld) -> None:
    agent = created(world, **WHOLE)
    made = session_of(world, {"id": agent["id"], "overrides": {"temperature": 0.9, "greeting": None}})
    ask(world, "PATCH", f"{PATH}/{agent['id']}", {"system_prompt": "Be rude."})
    ask(world, "DELETE", f"{PATH}/{agent['id']}")

    assert made["ai_agent"] == {"id": agent["id"], "version": 1}
    assert ask(world, "GET", f"/v1/sessions/{made['id']}").body["ai_agent"] == made["ai_agent"]
    session = world.sessions.find(ACME, made["id"])
    assert session is not None
    spec = spec_of(session)
    assert spec is not None
    assert (spec.id, spec.version, spec.system_prompt) == (agent["id"], 1, WHOLE["system_prompt"])
    assert (spec.temperature, spec.greeting, spec.voice) == (0.9, None, "af_heart")
    assert [tool.name for tool in spec.tools] == ["order_status", "stock", "cancel"]


def test_one_described_with_the_session_is_shown_without_its_prompt(world: RestWorld) -> None:
    made = session_of(world, WHOLE)

    shown = {name: value for name, value in WHOLE.items() if name != "system_prompt"}
    assert made["ai_agent"] == shown | {"tools": [{"name": "order_status"}, {"name": "stock"}, {"name": "cancel"}]}
    assert WHOLE["system_prompt"] not in ask(world, "GET", f"/v1/sessions/{made['id']}").text
    assert all(WHOLE["system_prompt"] not in json.dumps(dict(event.data)) for event in world.sessions.events)


def test_a_repeated_creation_does_not_need_the_agent_any_more(world: RestWorld) -> None:
    agent = created(world)
    body = CALL | {"ai_agent": {"id": agent["id"]}}
    first = ask(world, "POST", "/v1/sessions", body, Idempotency_Key="k")
    ask(world, "DELETE", f"{PATH}/{agent['id']}")

    assert ask(world, "POST", "/v1/sessions", body, Idempotency_Key="k").body == first.body
    refused = ask(world, "POST", "/v1/sessions", body)
    assert (refused.status, refused.error["code"]) == (404, "ai_agent_not_found")
    assert refused.error["param"] == "ai_agent.id"


def test_a_help_desk_needs_no_description(world: RestWorld) -> None:
    assert "ai_agent" not in ask(world, "POST", "/v1/sessions", CALL | {"mode": "help_chat_voice"}).body
    made = session_of(world, {"knowledge_base_id": "kb_1"}, mode="help_chat_voice")
    assert made["ai_agent"] == {"knowledge_base_id": "kb_1"}


def test_other_modes_show_no_agent(world: RestWorld) -> None:
    made = session_of(world, {"system_prompt": "x"}, mode="bidirectional_translation")

    assert "ai_agent" not in made
