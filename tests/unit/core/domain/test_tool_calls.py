"""A tool call takes one answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.tool_calls import ToolCall, ToolCallClosed, ToolCallStatus, answered, timed_out

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
