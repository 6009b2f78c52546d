"""/v1/sessions/{id}/tool_results: bodies, statuses, and what is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.sessions import Mode
from tests.builders import a_session, a_tool_call
from tests.fakes.rest import Answer, RestWorld

PATH = "/v1/sessions/sess_1/tool_results"
TOOLS = [{"name": "order_status", "result": {"type": "object", "properties": {"state": {"type": "string"}}}}]


@pytest.fixture
def world() -> RestWorld:
    world = RestWorld()
    session = a_session(mode=Mode.AI_AGENT, ai_agent={"system_prompt": "x", "tools": TOOLS}, owner="worker-1", epoch=1)
    commit = world.changes.commit_of(None, session)
    world.sessions.commit(replace(commit, tool_calls=(a_tool_call(),)))
    return world


def answer(world: RestWorld, **body: Any) -> Answer:
    return world.post(PATH, {"call_id": "call_1"} | body)


def test_a_result_is_taken_and_shown(world: RestWorld) -> None:
    taken = answer(world, result={"state": "sent"})

    assert taken.status == 200
    assert taken.body == {
        "id": "call_1",
        "object": "tool_call",
        "session_id": "sess_1",
        "name": "order_status",
        "arguments": {"order": "7"},
        "status": "answered",
        "asked_at": "2026-03-26T11:00:00Z",
        "expires_at": "2026-03-26T11:00:10Z",
        "result": {"state": "sent"},
    }
    assert answer(world, result={"state": "sent"}).body == taken.body
    assert answer(world, result={"state": "lost"}).error["code"] == "tool_call_closed"
    assert [owner for owner, _ in world.inbox.sent] == ["worker-1"] * 2


def test_an_error_is_taken_too(world: RestWorld) -> None:
    taken = answer(world, error="the warehouse is closed", result=None)

    assert (taken.status, taken.body["error"]) == (200, "the warehouse is closed")
    assert "result" not in taken.body


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        ({}, 422, "missing_required_field", "result"),
        ({"error": None}, 422, "missing_required_field", "result"),
        ({"result": 1, "error": "x"}, 422, "invalid_field_value", "result"),
        ({"error": ""}, 422, "invalid_field_value", "error"),
        ({"error": "x" * 2_001}, 422, "invalid_field_value", "error"),
        ({"result": {"state": 7}}, 422, "invalid_field_value", "result.state"),
        ({"result": None}, 422, "invalid_field_value", "result"),
        ({"result": {"state": "x" * 32_768}}, 422, "invalid_field_value", "result"),
        ({"call_id": "call_1\n", "result": 1}, 422, "invalid_field_value", "call_id"),
        ({"call_id": None, "result": 1}, 422, "invalid_field_value", "call_id"),
        ({"call_id": "call_2", "result": {}}, 404, "tool_call_not_found", "call_id"),
        ({"result": {}, "failed": True}, 422, "invalid_field_value", "failed"),
    ],
)
def test_what_cannot_be_taken_is_named(
    world: RestWorld, body: dict[str, Any], status: int, code: str, param: str
) -> None:
    refused = answer(world, **body)

    assert (refused.status, refused.error["code"], refused.error["param"]) == (status, code, param)
    assert world.inbox.sent == []


def test_a_late_answer_is_refused(world: RestWorld) -> None:
    world.clock.advance(10)
    refused = answer(world, result={})

    assert (refused.status, refused.error["code"]) == (409, "tool_call_closed")


def test_another_session_is_not_there(world: RestWorld) -> None:
    refused = world.post("/v1/sessions/sess_2/tool_results", {"call_id": "call_1", "result": 1})

    assert (refused.status, refused.error["code"]) == (404, "session_not_found")
