"""What schemathesis is given of agents: some to change, some to delete, and something that one of them wants done."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
from schemathesis.generation.case import Case

from core.adapters.system import RandomIds, SystemClock
from core.domain import ids
from core.domain.access import Tenant
from core.domain.tool_calls import ToolCall
from core.ports import Commit
from tests.conformance.knowledge import OWN_BASE_VARIABLE
from tests.integration.store import Store, now

OWN_AGENT_VARIABLE = "KALLGLOT_OWN_AGENT_ID"
SPARE_AGENTS_VARIABLE = "KALLGLOT_SPARE_AGENT_IDS"
TOOL_CALL_VARIABLE = "KALLGLOT_TOOL_CALL_ID"
_numbers = itertools.count()


async def given(http: httpx.AsyncClient, store: Store, tenant: Tenant, session_id: str) -> dict[str, str]:
    """The environment of the hooks."""
    own, *spare = [await _an_agent(http) for _ in range(4)]
    session = store.sessions.find(tenant, session_id)
    assert session is not None
    call = ToolCall(RandomIds(SystemClock()).new(ids.TOOL_CALL), session_id, "look", {}, now(), 3600.0)
    store.sessions.commit(Commit(session, session.version, None, tool_calls=(call,)))
    return {OWN_AGENT_VARIABLE: own, SPARE_AGENTS_VARIABLE: ",".join(spare), TOOL_CALL_VARIABLE: call.id}


def prepare(case: Case[Any]) -> None:
    """What a schema cannot know: which version, call and base there is, and that tools have names of their own."""
    parameters = case.path_parameters or {}
    if parameters.get("agent_id") == os.environ[OWN_AGENT_VARIABLE]:
        if "version" in parameters:
            parameters["version"] = "1"
        elif case.method == "DELETE":
            parameters["agent_id"] = next(_spare(), "agt_none")
    if not isinstance(case.body, dict) or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.path.endswith("/tool_results") and "call_id" in case.body:
        case.body["call_id"] = os.environ[TOOL_CALL_VARIABLE]
    for described in _descriptions(case.body):
        _told(described)


def _told(described: dict[str, Any]) -> None:
    if described.get("knowledge_base_id") is not None:
        described["knowledge_base_id"] = os.environ[OWN_BASE_VARIABLE]
    for tool in described.get("tools") or ():
        tool["name"] = f"{next(_numbers)}{tool['name']}"[:64]


def _descriptions(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    given = body.get("ai_agent")
    overrides = given.get("overrides") if isinstance(given, dict) else None
    yield from (each for each in (body, given, overrides) if isinstance(each, dict))


async def _an_agent(http: httpx.AsyncClient) -> str:
    return str((await http.post("/agents", json={"name": "Ada", "system_prompt": "Be kind."})).json()["id"])


@cache
def _spare() -> Iterator[str]:
    """To be deleted, one by one."""
    return iter(os.environ[SPARE_AGENTS_VARIABLE].split(","))
