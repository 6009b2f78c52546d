"""Something an agent has asked the customer's software to do. Pure.

    pending ──answer──▶ answered
       └────timeout───▶ timed_out

The first answer counts, whichever way it comes; a call that has one, or whose time is over, takes no other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.domain.views import timestamp
from core.errors import Conflict


class ToolCallStatus(StrEnum):
    PENDING = "pending"
    ANSWERED = "answered"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """`id` is `call_…`; `arguments` fit the declared schema. `failed`: the answer is an error, told to the model as
    one. `result` is any JSON value."""

    id: str
    session_id: str
    name: str
    arguments: Mapping[str, Any]
    asked_at: datetime
    timeout_s: float
    status: ToolCallStatus = ToolCallStatus.PENDING
    result: Any = None
    failed: bool = False

    @property
    def is_pending(self) -> bool:
        return self.status is ToolCallStatus.PENDING

    @property
    def expires_at(self) -> datetime:
        return self.asked_at + timedelta(seconds=self.timeout_s)


class ToolCallClosed(Conflict):
    def __init__(self, call: ToolCall) -> None:
        why = "can be answered no more: its time is over" if call.is_pending else f"is {call.status} already"
        super().__init__("tool_call_closed", f"tool call {call.id} {why}")


def answered(call: ToolCall, result: Any, *, failed: bool = False) -> ToolCall:
    """Raises ToolCallClosed."""
    _check_open(call)
    return replace(call, status=ToolCallStatus.ANSWERED, result=result, failed=failed)


def timed_out(call: ToolCall) -> ToolCall:
    """Raises ToolCallClosed."""
    _check_open(call)
    return replace(call, status=ToolCallStatus.TIMED_OUT)


def is_this_answer(call: ToolCall, result: Any, *, failed: bool = False) -> bool:
    """Whether it was answered so already. As JSON, where 1 and true are not the same."""
    same = call.failed is failed and json.dumps(call.result, sort_keys=True) == json.dumps(result, sort_keys=True)
    return call.status is ToolCallStatus.ANSWERED and same


def tool_call_object(call: ToolCall) -> dict[str, Any]:
    """The API's. It has `result` or `error` once it is answered."""
    shown = {
        "id": call.id,
        "object": "tool_call",
        "session_id": call.session_id,
        "name": call.name,
        "arguments": dict(call.arguments),
        "status": call.status.value,
        "asked_at": timestamp(call.asked_at),
        "expires_at": timestamp(call.expires_at),
    }
    if call.status is ToolCallStatus.ANSWERED:
        shown["error" if call.failed else "result"] = call.result
    return shown


def _check_open(call: ToolCall) -> None:
    if not call.is_pending:
        raise ToolCallClosed(call)
