"""Agents and their tool calls, deployed: kept, named by sessions, answered; and who is first when many come at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from core.adapters.dynamodb.agents import DynamoAgents
from core.adapters.dynamodb.tool_calls import DynamoToolCalls
from core.adapters.dynamodb.transactions import Tables
from core.adapters.json_schemas import JsonSchemas
from core.adapters.system import RandomIds, SystemClock
from core.domain.agents import spec_of
from core.domain.sessions import Session, Timeouts, claim
from core.domain.tool_calls import ToolCall, ToolCallClosed, ToolCallStatus
from core.errors import Unavailable, WriteConflict
from core.services.changes import Changes
from core.services.tool_calls import ToolCallService
from kallglot import Agent, AsyncKallglot, Conflict, NotFound, ValidationFailed
from local.stack import Stack
from tests.integration.store import TENANT, Store, now
from tests.integration.test_races import at_once, patient
from tests.integration.test_rest import error_of
from tests.integration.test_watchers import key, watching

pytestmark = pytest.mark.asyncio(loop_scope="session")

STATE = {"type": "object", "properties": {"state": {"enum": ["packed", "sent"]}}, "required": ["state"]}
TOOLS: list[Any] = [{"name": "order_status", "result": STATE, "timeout_seconds": 60}, {"name": "anything"}]
CALL: dict[str, Any] = {"mode": "ai_agent", "source_language": "en", "target_language": "en"}
SENT = {"state": "sent"}
MANY = 50


async def an_agent(api: AsyncKallglot, **more: Any) -> Agent:
    return await api.agents.create(name="Ada", system_prompt="You sell shoes.", tools=TOOLS, **more)


class Worker:
    """Holds a session as a worker does, without a call."""

    def __init__(self, stack: Stack, store: Store, session_id: str) -> None:
        outputs, clock, self.dynamo = stack.outputs, SystemClock(), patient()
        self.store = store
        sessions = replace(store.sessions, client=self.dynamo)
        changes = Changes(sessions, clock, RandomIds(clock), Timeouts())
        self.tools = ToolCallService(changes, DynamoToolCalls(self.dynamo, outputs.sessions_table), JsonSchemas())
        self.session = changes.apply(self.stored(session_id), lambda held: changes.commit_of(held, claim(held, "w-1")))

    def stored(self, session_id: str) -> Session:
        session = self.store.sessions.find(TENANT, session_id)
        assert session is not None
        return session

    def asks(self, name: str = "order_status", timeout_s: float = 60.0) -> ToolCall:
        call_id = RandomIds(SystemClock()).new("call")
        call = ToolCall(call_id, self.session.id, name, {"order": "7"}, now(), timeout_s)
        self.session = self.tools.ask(self.session, call)
        return call


async def a_worker(stack: Stack, store: Store, api: AsyncKallglot) -> Worker:
    session = await api.sessions.create(**CALL, ai_agent={"system_prompt": "x", "tools": TOOLS})
    return await asyncio.to_thread(Worker, stack, store, session.id)


async def test_an_agent_lives_in_versions_and_a_session_keeps_the_one_it_began_with(
    api: AsyncKallglot, store: Store
) -> None:
    agent = await an_agent(api, metadata={"team": "sales"}, greeting="Hi.")
    assert (agent.version, agent.greeting, len(agent.tools)) == (1, "Hi.", 2)
    session = await api.sessions.create(**CALL, ai_agent={"id": agent.id, "overrides": {"temperature": 0.1}})
    changed = await api.agents.update(agent.id, system_prompt="You sell hats.", greeting=None)
    assert (changed.version, changed.greeting) == (2, None)

    assert [each.id async for each in api.agents.list(limit=1)].count(agent.id) == 1
    assert [each.version for each in (await api.agents.versions(agent.id)).data] == [2, 1]
    assert (await api.agents.get(agent.id, 1)).system_prompt == "You sell shoes."
    await api.agents.delete(agent.id)
    for gone in (api.agents.get(agent.id), api.agents.get(agent.id, 1), api.agents.versions(agent.id)):
        with pytest.raises(NotFound, match="ai_agent_not_found"):
            await gone
    with pytest.raises(NotFound, match="ai_agent_not_found"):
        await api.sessions.create(**CALL, ai_agent={"id": agent.id})

    assert (await api.sessions.get(session.id)).ai_agent == {"id": agent.id, "version": 1}
    held = store.sessions.find(TENANT, session.id)
    spec = spec_of(held) if held else None
    assert spec is not None
    assert (spec.system_prompt, spec.temperature, spec.greeting) == ("You sell shoes.", 0.1, "Hi.")
    await api.sessions.end(session.id)


async def test_a_schema_of_a_tool_is_checked_where_it_comes_in(api: AsyncKallglot) -> None:
    """The function loads what checks them, from its own archive."""
    with pytest.raises(ValidationFailed) as refused:
        await api.agents.create(name="Ada", system_prompt="x", tools=[{"name": "a", "result": {"type": "x"}}])
    assert refused.value.param == "tools.0.result.type"


async def test_a_repeat_makes_no_second_agent(api: AsyncKallglot, http: httpx.AsyncClient) -> None:
    body = {"name": "Once", "system_prompt": "x"}
    answers = await asyncio.gather(
        *(http.post("/agents", json=body, headers={"Idempotency-Key": "agent-once"}) for _ in range(4))
    )
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    for answer in (answer for answer in answers if answer.status_code != 201):
        error_of(answer, 409, "idempotency_conflict")


async def test_of_many_who_change_an_agent_at_once_one_makes_the_next_version(api: AsyncKallglot, stack: Stack) -> None:
    agent, outputs = await an_agent(api), stack.outputs
    tables = Tables(outputs.sessions_table, outputs.access_table, outputs.outbox_table)
    agents = DynamoAgents(patient(), tables, SystemClock())
    first = agents.find(TENANT, agent.id)
    assert first is not None

    def change(number: int) -> bool:
        try:
            agents.replace(replace(first, name=str(number), version=2))
        except WriteConflict:
            return False
        return True

    won = await asyncio.to_thread(at_once, change)
    assert won.count(True) == 1
    kept = agents.find(TENANT, agent.id)
    assert kept is not None
    assert kept == agents.version(TENANT, agent.id, 2)
    assert kept.name == str(won.index(True))
    assert (await api.agents.delete(agent.id)).deleted


async def test_what_an_agent_wants_done_is_told_and_answered_once(
    api: AsyncKallglot, stack: Stack, store: Store
) -> None:
    worker = await a_worker(stack, store, api)
    session_id = worker.session.id
    async with watching(stack, headers=key(stack)) as wire:
        await wire.send({"action": "subscribe", "session_id": session_id})
        await wire.until("subscribed")
        call = await asyncio.to_thread(worker.asks)
        told: Mapping[str, Any] = await wire.until("tool.call")
    assert (told["call_id"], told["name"], told["arguments"]) == (call.id, "order_status", {"order": "7"})

    with pytest.raises(ValidationFailed) as refused:
        await api.sessions.tool_result(session_id, call.id, {"state": "lost"})
    assert refused.value.param == "result.state"
    answered = await api.sessions.tool_result(session_id, call.id, SENT)
    assert (answered.status, answered.result) == ("answered", SENT)
    assert (await api.sessions.tool_result(session_id, call.id, SENT)).result == SENT
    with pytest.raises(Conflict, match="tool_call_closed"):
        await api.sessions.tool_result(session_id, call.id, {"state": "packed"})
    with pytest.raises(NotFound, match="tool_call_not_found"):
        await api.sessions.tool_result(session_id, "call_none", SENT)
    assert worker.tools.find(TENANT, session_id, call.id).result == SENT
    await api.sessions.end(session_id)


async def test_of_fifty_answers_at_once_one_counts(api: AsyncKallglot, stack: Stack, store: Store) -> None:
    worker = await a_worker(stack, store, api)
    call = await asyncio.to_thread(worker.asks, "anything")

    def answer(number: int) -> int | None:
        try:
            taken = worker.tools.answer(TENANT, worker.session.id, call.id, number)
        except ToolCallClosed:
            return None
        return int(taken.result)

    counted = [number for number in await asyncio.to_thread(at_once, answer, MANY) if number is not None]
    assert counted == [worker.tools.find(TENANT, worker.session.id, call.id).result]
    await api.sessions.end(worker.session.id)


async def test_an_answer_and_the_end_of_its_time_do_not_both_count(
    api: AsyncKallglot, stack: Stack, store: Store
) -> None:
    worker = await a_worker(stack, store, api)
    call = await asyncio.to_thread(worker.asks, "anything")

    def close(number: int) -> ToolCallStatus | None:
        try:
            if number:
                return worker.tools.answer(TENANT, worker.session.id, call.id, number).status
            return worker.tools.time_out(worker.session, call.id)[1].status
        except (ToolCallClosed, Unavailable):
            # Unavailable: two writes met at the item. A client comes again.
            return None

    said = [status for status in await asyncio.to_thread(at_once, close) if status is not None]
    found = worker.tools.find(TENANT, worker.session.id, call.id).status
    assert found is not ToolCallStatus.PENDING
    assert set(said) == {found}
    await api.sessions.end(worker.session.id)
