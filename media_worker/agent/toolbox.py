"""What the agent may have the customer's software do: checked, asked once, and waited for.

A wish of the model becomes a call with an id of ours. Whatever goes wrong is told to the model as the answer, so that
it can say so; a customer's software is never what breaks the conversation.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.agent_ports import Schemas
from core.domain import ids
from core.domain.agents import ToolDeclaration
from core.domain.tool_calls import ToolCall, ToolCallStatus
from core.ports import Ids
from media_worker.language_models.base import ToolRequest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """JSON, or with `failed` an object with an `error`."""

    text: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where calls go. `ask` stores and tells one; False when it could not be. `close` ends the time for an answer and
    says how the call stands: it may have been answered at the last moment. None when nobody can tell."""

    ask: Callable[[ToolCall], Awaitable[bool]]
    close: Callable[[ToolCall], Awaitable[ToolCall | None]]


@dataclass(slots=True)
class Toolbox:
    session_id: str
    tools: Mapping[str, ToolDeclaration]
    outlet: Outlet
    schemas: Schemas
    ids: Ids
    now: Callable[[], datetime]
    _waiting: dict[str, asyncio.Future[tuple[Any, bool]]] = field(default_factory=dict)

    async def run(self, request: ToolRequest) -> Result:
        """The answer as the model reads it."""
        tool = self.tools.get(request.name)
        if tool is None:
            return _error(f"there is no tool {request.name}")
        if fault := self.schemas.fault_of(dict(request.arguments), tool.parameters):
            place = ".".join(str(step) for step in fault.path)
            return _error(f"the arguments do not fit: {place} {fault.message}".strip())
        call = ToolCall(
            self.ids.new(ids.TOOL_CALL), self.session_id, tool.name, request.arguments, self.now(), tool.timeout_s
        )
        answer: asyncio.Future[tuple[Any, bool]] = asyncio.get_running_loop().create_future()
        self._waiting[call.id] = answer
        try:
            return await self._answer(call, answer)
        finally:
            del self._waiting[call.id]

    def answered(self, call_id: str, result: Any, *, failed: bool) -> None:
        """The first answer counts; one that nobody waits for any more is no matter here."""
        waiting = self._waiting.get(call_id)
        if waiting is not None and not waiting.done():
            waiting.set_result((result, failed))

    def waits_for(self, call_id: str) -> bool:
        return call_id in self._waiting

    async def _answer(self, call: ToolCall, answer: asyncio.Future[tuple[Any, bool]]) -> Result:
        if not await self.outlet.ask(call):
            return _error("the tool could not be asked")
        try:
            result, failed = await asyncio.wait_for(answer, call.timeout_s)
        except TimeoutError:
            closed = await self.outlet.close(call)
            if closed is None or closed.status is not ToolCallStatus.ANSWERED:
                _log.warning("a tool call was not answered", extra={"session_id": self.session_id, "call_id": call.id})
                return _error("the tool did not answer in time")
            result, failed = closed.result, closed.failed
        return _error(str(result)) if failed else Result(json.dumps(result, ensure_ascii=False))


def _error(text: str) -> Result:
    return Result(json.dumps({"error": text}), failed=True)
