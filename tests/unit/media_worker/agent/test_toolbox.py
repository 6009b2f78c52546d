from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from core.domain.agents import ToolDeclaration
from core.domain.tool_calls import ToolCall
from media_worker.agent.toolbox import Outlet, Result, Toolbox, mismatch
from media_worker.language_models.base import ToolRequest
from tests.fakes.clocks import SequenceIds
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import LoopClock

NUMBER = {"type": "object", "properties": {"order": {"type": "integer"}}, "required": ["order"]}
TOOL = ToolDeclaration("look_up", "", NUMBER, {"type": "object", "required": ["state"]}, 5.0)


class World:
    def __init__(self, *, asks: bool = True) -> None:
        self.asked: list[ToolCall] = []
        self.given_up: list[ToolCall] = []
        self.asks = asks
        self.box = Toolbox("sess_1", {TOOL.name: TOOL}, Outlet(self.ask, self.gave_up), SequenceIds(), LoopClock().now)

    async def ask(self, call: ToolCall) -> bool:
        self.asked.append(call)
        return self.asks

    async def gave_up(self, call: ToolCall) -> None:
        self.given_up.append(call)

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
    assert result.failed and "order (type)" in result.text and "Main" not in result.text
    unknown = await world.box.run(ToolRequest("r2", "delete_everything", {}))
    assert unknown.failed and world.asked == []


@virtual_time
async def test_nobody_is_waited_for_beyond_the_stated_time() -> None:
    world = World()
    result = await world.run({"order": 7})
    assert json.loads(result.text) == {"error": "the tool did not answer in time"}
    assert [call.id for call in world.given_up] == [world.asked[0].id]
    assert asyncio.get_running_loop().time() == pytest.approx(5.0)


@virtual_time
async def test_an_answer_that_cannot_be_used_is_an_error_to_the_model() -> None:
    assert "state" not in (await World().run({"order": 7}, {"status": "sent"})).text
    assert (await World().run({"order": 7}, {"state": "x" * 40_000})).failed
    assert await World().run({"order": 7}, "no such order", failed=True) == Result(
        '{"error": "no such order"}', failed=True
    )


@virtual_time
async def test_a_call_that_could_not_be_told_is_an_error_at_once() -> None:
    assert (await World(asks=False).run({"order": 7})).failed


@pytest.mark.parametrize("schema", [{"type": "nonsense"}, {"$ref": "http://127.0.0.1:9/x"}, {"pattern": "(?=a)"}])
def test_a_schema_that_is_none_is_no_reason_to_fail(schema: dict[str, Any]) -> None:
    assert mismatch(schema, 1) == "its schema is no JSON Schema that is served"


def test_no_pattern_takes_long() -> None:
    assert mismatch({"type": "string", "pattern": "^(a+)+$"}, "a" * 50_000 + "b") == "value (pattern)"
