"""Calls that came to nothing are made again, those that may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import DependencyRefused
from core.ports import FailedCall
from core.services.redrive import MOST_TIMES, Redrive, Redriven
from tests.fakes.clocks import START, FakeClock

FINALIZE = "arn:aws:lambda:eu-central-1:1:function:finalize"
DIAL = "arn:aws:lambda:eu-central-1:1:function:dial"
UNTIL = START + timedelta(minutes=2)


class MemoryFailedCalls:
    """What was taken and not forgotten is hidden."""

    def __init__(self, *calls: FailedCall) -> None:
        self.calls = list(calls)
        self.hidden: list[FailedCall] = []
        self.made: list[FailedCall] = []
        self.refuses = False

    def take(self) -> list[FailedCall]:
        taken, self.calls = self.calls[:2], self.calls[2:]
        self.hidden += taken
        return taken

    def again(self, call: FailedCall) -> None:
        if self.refuses:
            raise DependencyRefused("Invoke was refused: AccessDeniedException")
        self.made.append(call)

    def done(self, call: FailedCall) -> None:
        self.hidden.remove(call)


def a_call(number: int = 1, function: str | None = FINALIZE, times: int = 0) -> FailedCall:
    return FailedCall(("queue", str(number)), function, {"id": number}, times)


def run(calls: MemoryFailedCalls) -> Redriven:
    return Redrive(calls, [FINALIZE], FakeClock()).run(UNTIL)


def test_all_that_failed_is_called_again_once_and_forgotten() -> None:
    calls = MemoryFailedCalls(*(a_call(number) for number in range(5)))

    assert run(calls) == Redriven(again=5)
    assert [call.receipt[1] for call in calls.made] == ["0", "1", "2", "3", "4"]
    assert (calls.calls, calls.hidden) == ([], [])


@pytest.mark.parametrize("call", [a_call(function=DIAL), a_call(function=None), a_call(times=MOST_TIMES)])
def test_what_may_do_harm_or_never_succeeds_is_left_for_a_person(call: FailedCall) -> None:
    calls = MemoryFailedCalls(call, a_call(2))

    assert run(calls) == Redriven(again=1, kept=1)
    assert calls.hidden == [call]


def test_what_the_relay_gave_up_is_in_the_outbox() -> None:
    calls = MemoryFailedCalls(replace(a_call(function=None), of_stream=True))

    assert run(calls) == Redriven()
    assert (calls.made, calls.hidden) == ([], [])


def test_what_cannot_be_called_now_stays_for_the_next_time(caplog: pytest.LogCaptureFixture) -> None:
    calls = MemoryFailedCalls(a_call())
    calls.refuses = True

    assert run(calls) == Redriven(failed=1)
    assert calls.hidden == [a_call()]
    assert "DependencyRefused" in str([vars(record) for record in caplog.records])


def test_it_stops_in_time() -> None:
    calls = MemoryFailedCalls(*(a_call(number) for number in range(5)))

    made = Redrive(calls, [FINALIZE], FakeClock(UNTIL)).run(UNTIL)

    assert made == Redriven(again=2, finished=False)
