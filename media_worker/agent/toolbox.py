"""What the agent may have the customer's software do: checked, asked once, waited for, and its answer checked.

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

from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError

from core.domain import ids
from core.domain.agents import ToolDeclaration
from core.domain.tool_calls import ToolCall
from core.ports import Ids
from media_worker.language_models.base import ToolRequest

_log = logging.getLogger(__name__)
LONGEST_RESULT = 32_768


@dataclass(frozen=True, slots=True)
class Result:
    """JSON, or with `failed` an object with an `error`."""

    text: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where calls go. `ask` stores and tells one; False when it could not be. `gave_up` is told of one that nobody
    has answered in time."""

    ask: Callable[[ToolCall], Awaitable[bool]]
    gave_up: Callable[[ToolCall], Awaitable[None]]


@dataclass(slots=True)
class Toolbox:
    session_id: str
    tools: Mapping[str, ToolDeclaration]
    outlet: Outlet
    ids: Ids
    now: Callable[[], datetime]
    _waiting: dict[str, asyncio.Future[tuple[Any, bool]]] = field(default_factory=dict)

    async def run(self, request: ToolRequest) -> Result:
        """The answer as the model reads it."""
        tool = self.tools.get(request.name)
        if tool is None:
            return _error(f"there is no tool {request.name}")
        if wrong := mismatch(tool.parameters, dict(request.arguments)):
            return _error(f"the arguments do not fit: {wrong}")
        call = ToolCall(
            self.ids.new(ids.TOOL_CALL), self.session_id, tool.name, request.arguments, self.now(), tool.timeout_s
        )
        answer: asyncio.Future[tuple[Any, bool]] = asyncio.get_running_loop().create_future()
        self._waiting[call.id] = answer
        try:
            return await self._answer(tool, call, answer)
        finally:
            del self._waiting[call.id]

    def answered(self, call_id: str, result: Any, *, failed: bool) -> None:
        """The first answer counts; one that nobody waits for any more is no matter here."""
        waiting = self._waiting.get(call_id)
        if waiting is not None and not waiting.done():
            waiting.set_result((result, failed))

    def waits_for(self, call_id: str) -> bool:
        return call_id in self._waiting

    async def _answer(self, tool: ToolDeclaration, call: ToolCall, answer: asyncio.Future[tuple[Any, bool]]) -> Result:
        if not await self.outlet.ask(call):
            return _error("the tool could not be asked")
        try:
            result, failed = await asyncio.wait_for(answer, call.timeout_s)
        except TimeoutError:
            _log.warning("a tool call was not answered", extra={"session_id": self.session_id, "call_id": call.id})
            await self.outlet.gave_up(call)
            return _error("the tool did not answer in time")
        if failed:
            return _error(str(result)[:500])
        if tool.result is not None and (wrong := mismatch(tool.result, result)):
            return _error(f"the tool's answer cannot be used: {wrong}")
        text = json.dumps(result, ensure_ascii=False)
        return Result(text) if len(text) <= LONGEST_RESULT else _error("the tool's answer is too long")


def mismatch(schema: Mapping[str, Any], value: Any) -> str | None:
    """Why `value` does not fit; None when it does. It names the place and never the value, which may be personal.

    Patterns take time that grows with the text and no faster, so that a schema cannot hold up other calls.
    """
    try:
        validator = Draft202012Validator(dict(schema), retriever=_nothing_remote, pattern_options=RegexOptions())
    except (ValidationError, ValueError):
        return "its schema is no JSON Schema that is served"
    error = next(iter(validator.iter_errors(value)), None)
    if error is None:
        return None
    return f"{'.'.join(str(part) for part in error.instance_path) or 'value'} ({error.schema_path[-1]})"


def _nothing_remote(uri: str) -> Any:
    raise ValueError("a schema stands by itself")


def _error(text: str) -> Result:
    return Result(json.dumps({"error": text}), failed=True)
