"""A tool call takes one answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.tool_calls import (
    ToolCall,
    ToolCallClosed,
    ToolCallStatus,
    answered,
    is_this_answer,
    timed_out,
    tool_call_object,
)

_NOW = datetime(2026, 3, 26, 11, tzinfo=UTC)
_CALL = ToolCall("call_1", "sess_1", "look_up", {"order": 7}, _NOW, 10.0)


def test_its_answer_is_kept() -> None:
    call = answered(_CALL, {"state": "sent"})
    assert (call.status, call.result, call.failed) == (ToolCallStatus.ANSWERED, {"state": "sent"}, False)


def test_an_error_is_an_answer() -> None:
    assert answered(_CALL, "no such order", failed=True).failed


@pytest.mark.parametrize("closed", [answered(_CALL, 1), timed_out(_CALL)])
def test_one_that_is_closed_takes_no_other(closed: ToolCall) -> None:
    with pytest.raises(ToolCallClosed, match="call_1"):
        answered(closed, 2)
    with pytest.raises(ToolCallClosed):
        timed_out(closed)


def test_it_says_until_when_it_waits() -> None:
    assert _CALL.expires_at - _NOW == timedelta(seconds=10)


def test_it_knows_its_answer_again() -> None:
    call = answered(_CALL, {"paid": 1, "state": None})

    assert is_this_answer(call, {"state": None, "paid": 1})
    assert not is_this_answer(call, {"state": None, "paid": True})
    assert not is_this_answer(call, {"paid": 1, "state": None}, failed=True)
    assert not is_this_answer(timed_out(_CALL), None)
    assert not is_this_answer(_CALL, None)


def test_it_is_shown_with_its_answer_once_it_has_one() -> None:
    pending = {
        "id": "call_1",
        "object": "tool_call",
        "session_id": "sess_1",
        "name": "look_up",
        "arguments": {"order": 7},
        "status": "pending",
        "asked_at": "2026-03-26T11:00:00Z",
        "expires_at": "2026-03-26T11:00:10Z",
    }
    assert tool_call_object(_CALL) == pending
    assert tool_call_object(timed_out(_CALL)) == pending | {"status": "timed_out"}
    assert tool_call_object(answered(_CALL, None)) == pending | {"status": "answered", "result": None}
    assert tool_call_object(answered(_CALL, "no", failed=True)) == pending | {"status": "answered", "error": "no"}
