"""Calls that came to nothing while their function, or what it needs, was down: made again, for a day."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import DependencyRefused, Unavailable
from core.ports import Clock, FailedCall, FailedCalls

_log = logging.getLogger(__name__)
# Once an hour.
MOST_TIMES = 24


@dataclass(slots=True)
class Redriven:
    """`kept` are left for a person to look at, and `failed` for the next run."""

    again: int = 0
    kept: int = 0
    failed: int = 0
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Redrive:
    """`functions` do no harm when they are called late or twice; no other is called again."""

    calls: FailedCalls
    functions: Sequence[str]
    clock: Clock

    def run(self, until: datetime) -> Redriven:
        made = Redriven()
        while taken := self.calls.take():
            for call in taken:
                self._one(call, made)
            if self.clock.now() >= until:
                made.finished = False
                break
        return made

    def _one(self, call: FailedCall, made: Redriven) -> None:
        try:
            if call.of_stream:
                self.calls.done(call)
            elif call.function in self.functions and call.times < MOST_TIMES:
                # In this order: twice is better than never.
                self.calls.again(call)
                self.calls.done(call)
                made.again += 1
            else:
                made.kept += 1
        except (Unavailable, DependencyRefused) as error:
            made.failed += 1
            _log.warning("a call was not made again", extra={"call": call.function, "error": type(error).__name__})
