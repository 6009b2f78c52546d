"""Tool calls: asked once, answered once, by whoever is first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.adapters.json_schemas import JsonSchemas
from core.domain.access import Tenant
from core.domain.rotation import fixed
from core.domain.sessions import Mode, Session
from core.domain.tool_calls import ToolCall, ToolCallClosed, ToolCallStatus, answered, tool_call_object
from core.errors import FenceLost, NotFound, ValidationFailed, WriteConflict
from core.ports import Commit
from core.services.changes import Changes
from core.services.streams import StreamService
from core.services.tool_calls import LARGEST_RESULT_BYTES, ToolCallService
from tests.builders import ACME, OTHER, a_tool_call
from tests.fakes.agents import MemoryToolCalls
from tests.fakes.sessions import TOKEN_KEY, World

STATE = {"type": "object", "properties": {"state": {"enum": ["packed", "sent"]}}, "required": ["state"]}
AGENT = {"system_prompt": "x", "tools": [{"name": "order_status", "result": STATE}, {"name": "anything"}]}
SENT = {"state": "sent"}


@dataclass
class Tools:
    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self.calls = MemoryToolCalls(self.world.sessions)
        self.service = ToolCallService(self.world.changes, self.calls, JsonSchemas(), self.world.inbox)
        self.session = self.world.connected(mode=Mode.AI_AGENT, ai_agent=AGENT)

    def call(self, **more: Any) -> ToolCall:
        return a_tool_call(session_id=self.session.id, **({"asked_at": self.world.clock.now()} | more))

    def asked(self, **more: Any) -> ToolCall:
        call = self.call(**more)
        self.session = self.service.ask(self.session, call)
        return call

    def answer(self, result: Any, call_id: str = "call_1", tenant: Tenant = ACME, **more: Any) -> ToolCall:
        return self.service.answer(tenant, self.session.id, call_id, result, **more)

    def found(self, call_id: str = "call_1") -> ToolCall:
        return self.service.find(ACME, self.session.id, call_id)


@pytest.fixture
def tools() -> Tools:
    return Tools()


def test_a_call_is_stored_and_told_in_one_write(tools: Tools) -> None:
    version = tools.session.version
    call = tools.asked()

    assert tools.found() == call
    assert tools.session.version == version + 1
    event = tools.world.sessions.events[-1]
    assert (event.type.value, event.data) == ("agent.tool_call", tool_call_object(call))
    assert event.sequence == tools.session.event_sequence


def test_a_call_that_was_stored_is_not_told_again(tools: Tools) -> None:
    """The answer to the first write was lost, and the worker writes once more."""
    held, call = tools.session, tools.asked()

    again = tools.service.ask(held, call)

    assert again.version == tools.session.version
    assert tools.world.told().count("agent.tool_call") == 1


def test_who_lost_the_session_asks_and_closes_nothing(tools: Tools) -> None:
    call, held = tools.asked(), tools.session
    tools.world.clock.advance(60)
    other = StreamService(tools.world.changes, tools.world.workers, fixed(TOKEN_KEY), "worker-2")
    tools.world.workers.beat("worker-2", tools.world.clock.now())
    other.attach(held)

    with pytest.raises(FenceLost):
        tools.service.ask(held, tools.call(call_id="call_2"))
    with pytest.raises(FenceLost):
        tools.service.time_out(held, call.id)
    assert tools.found() == call


def test_an_answer_is_kept_and_the_owner_is_told(tools: Tools) -> None:
    call = tools.asked()

    assert tools.answer(SENT) == tools.found() == answered(call, SENT)
    told = {"type": "tool_result", "session_id": tools.session.id, "call_id": "call_1"}
    assert tools.world.inbox.sent == [("worker-1", told)]


def test_in_a_worker_nobody_has_to_be_told(tools: Tools) -> None:
    tools.asked()
    ToolCallService(tools.world.changes, tools.calls, JsonSchemas()).answer(ACME, tools.session.id, "call_1", SENT)

    assert tools.world.inbox.sent == []


def test_the_very_same_answer_again_is_answered_with_it(tools: Tools) -> None:
    tools.asked()
    first = tools.answer(SENT)
    tools.world.clock.advance(60)

    assert tools.answer(dict(SENT)) == first
    for other in ({"state": "packed"}, None, "x" * LARGEST_RESULT_BYTES):
        with pytest.raises(ToolCallClosed) as refused:
            tools.answer(other)
        assert refused.value.code == "tool_call_closed"
    with pytest.raises(ToolCallClosed):
        tools.answer(SENT, failed=True)
    assert tools.found() == first


def test_an_answer_that_comes_too_late_is_refused(tools: Tools) -> None:
    call = tools.asked(timeout_s=5.0)
    tools.world.clock.advance(5)

    with pytest.raises(ToolCallClosed):
        tools.answer(SENT)
    assert tools.found() == call
    tools.session, closed = tools.service.time_out(tools.session, call.id)
    assert closed.status is ToolCallStatus.TIMED_OUT
    with pytest.raises(ToolCallClosed):
        tools.answer(SENT)


def test_an_answer_at_the_last_moment_stands(tools: Tools) -> None:
    call = tools.asked()
    tools.answer(SENT)
    version = tools.session.version

    session, found = tools.service.time_out(tools.session, call.id)
    assert found == answered(call, SENT)
    assert session.version == version


@pytest.mark.parametrize(
    ("result", "param"),
    [
        ({"state": "lost"}, "result.state"),
        ({}, "result"),
        ([SENT], "result"),
        (None, "result"),
        ("x" * LARGEST_RESULT_BYTES, "result"),
    ],
)
def test_an_answer_fits_what_was_declared(tools: Tools, result: Any, param: str) -> None:
    call = tools.asked()

    with pytest.raises(ValidationFailed) as refused:
        tools.answer(result)
    assert refused.value.param == param
    assert tools.found() == call
    assert tools.answer(SENT).result == SENT


@pytest.mark.parametrize("result", [None, 1, "ü" * (LARGEST_RESULT_BYTES // 2 - 1), [], {"a": None}])
def test_where_nothing_was_declared_any_json_is_an_answer(tools: Tools, result: Any) -> None:
    tools.asked(name="anything")

    assert tools.answer(result).result == result


def test_an_error_is_an_answer_and_fits_no_schema(tools: Tools) -> None:
    tools.asked()

    closed = tools.answer("the warehouse is closed", failed=True)
    assert (closed.failed, closed.result) == (True, "the warehouse is closed")


def test_what_is_not_there_is_not_found(tools: Tools) -> None:
    tools.asked()

    for call_id in ("call_2", "call 1", "sess_1", ""):
        with pytest.raises(NotFound) as refused:
            tools.answer(SENT, call_id)
        assert refused.value.code == "tool_call_not_found"
    with pytest.raises(NotFound) as refused:
        tools.answer(SENT, tenant=OTHER)
    assert refused.value.code == "session_not_found"


def test_of_fifty_answers_at_once_one_counts(tools: Tools) -> None:
    tools.asked(name="anything")

    def answer(number: int) -> Any:
        try:
            return tools.answer(number).result
        except ToolCallClosed:
            return None

    with ThreadPoolExecutor(16) as pool:
        counted = [result for result in pool.map(answer, range(50)) if result is not None]
    assert counted == [tools.found().result]


def test_a_write_that_somebody_else_was_before_is_decided_again(tools: Tools) -> None:
    """Whatever the session writes beside it, a call is asked once."""

    class Racing:
        def __init__(self) -> None:
            self.lost = 2

        def commit(self, commit: Commit) -> Session:
            if self.lost:
                self.lost -= 1
                raise WriteConflict(commit.session.id)
            return tools.world.sessions.commit(commit)

        def __getattr__(self, name: str) -> Any:
            return getattr(tools.world.sessions, name)

    world = tools.world
    changes = Changes(Racing(), world.clock, world.ids, world.changes.timeouts)
    ToolCallService(changes, tools.calls, JsonSchemas()).ask(tools.session, tools.call())

    assert world.told().count("agent.tool_call") == 1
    assert tools.found().is_pending
