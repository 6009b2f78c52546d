"""Something an agent has asked the customer's software to do. Pure.

    pending ──answer──▶ answered
       └────timeout───▶ timed_out

The first answer counts, whichever way it comes; a call that has one, or whose time is over, takes no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

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
    def expires_at(self) -> datetime:
        return self.asked_at + timedelta(seconds=self.timeout_s)


class ToolCallClosed(Conflict):
    def __init__(self, call: ToolCall) -> None:
        super().__init__("tool_call_closed", f"tool call {call.id} is {call.status} already")


def answered(call: ToolCall, result: Any, *, failed: bool = False) -> ToolCall:
    """Raises ToolCallClosed."""
    _check_open(call)
    return replace(call, status=ToolCallStatus.ANSWERED, result=result, failed=failed)


def timed_out(call: ToolCall) -> ToolCall:
    """Raises ToolCallClosed."""
    _check_open(call)
    return replace(call, status=ToolCallStatus.TIMED_OUT)


def _check_open(call: ToolCall) -> None:
    if call.status is not ToolCallStatus.PENDING:
        raise ToolCallClosed(call)
