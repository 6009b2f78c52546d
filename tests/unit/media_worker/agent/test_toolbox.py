from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from core.adapters.json_schemas import JsonSchemas
from core.domain.agents import ToolDeclaration
from core.domain.tool_calls import ToolCall, answered
from media_worker.agent.toolbox import Outlet, Result, Toolbox
from media_worker.language_models.base import ToolRequest
from tests.fakes.clocks import SequenceIds
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import LoopClock

NUMBER = {"type": "object", "properties": {"order": {"type": "integer"}}, "required": ["order"]}
TOOL = ToolDeclaration("look_up", "", NUMBER, {"type": "object", "required": ["state"]}, 5.0)


class World:
    def __init__(self, *, asks: bool = True) -> None:
        self.asked: list[ToolCall] = []
        self.closed: list[ToolCall] = []
        self.late: ToolCall | None = None
        self.asks = asks
        outlet = Outlet(self.ask, self.close)
        self.box = Toolbox("sess_1", {TOOL.name: TOOL}, outlet, JsonSchemas(), SequenceIds(), LoopClock().now)

    async def ask(self, call: ToolCall) -> bool:
        self.asked.append(call)
        return self.asks

    async def close(self, call: ToolCall) -> ToolCall | None:
        self.closed.append(call)
        return self.late

    async def run(self, arguments: dict[str, Any], *answers: Any, failed: bool = False) -> Result:
        running = asyncio.create_task(self.box.run(ToolRequest("r1", "look_up", arguments)))
        await asyncio.sleep(0.1)
        for answer in answers:
            self.box.answered(self.asked[0].id, answer, failed=failed)
        return await running


@virtual_time
async def test_the_first_answer_is_the_models() -> None:
    world = World()
    assert await world.run({"order": 7}, {"state": "sent"}, {"state": "lost"}) == Result('{"state": "sent"}')
    assert [(call.name, call.arguments) for call in world.asked] == [("look_up", {"order": 7})]
    assert not world.box.waits_for(world.asked[0].id)


@virtual_time
async def test_a_wish_that_does_not_fit_is_never_asked() -> None:
    world = World()
    result = await world.run({"order": "4711 Main Street"})
    assert result.failed and "order" in result.text and "Main" not in result.text
    unknown = await world.box.run(ToolRequest("r2", "delete_everything", {}))
    assert unknown.failed and world.asked == []


@virtual_time
async def test_nobody_is_waited_for_beyond_the_stated_time() -> None:
    world = World()
    result = await world.run({"order": 7})
    assert json.loads(result.text) == {"error": "the tool did not answer in time"}
    assert [call.id for call in world.closed] == [world.asked[0].id]
    assert asyncio.get_running_loop().time() == pytest.approx(5.0)


@virtual_time
async def test_an_answer_at_the_last_moment_counts() -> None:
    world = World()
    world.late = answered(ToolCall("call_1", "sess_1", "look_up", {}, LoopClock().now(), 5.0), {"state": "sent"})
    assert await world.run({"order": 7}) == Result('{"state": "sent"}')


@virtual_time
async def test_an_error_is_told_to_the_model_as_one() -> None:
    failed = Result('{"error": "no such order"}', failed=True)
    assert await World().run({"order": 7}, "no such order", failed=True) == failed


@virtual_time
async def test_a_call_that_could_not_be_told_is_an_error_at_once() -> None:
    assert (await World(asks=False).run({"order": 7})).failed
