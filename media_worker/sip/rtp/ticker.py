"""One 20 ms clock for all calls of the process: a single timer, counted from a fixed beginning.

Unlike `media_worker/pipeline/pacer.py` it does not rest while there are calls: a telephone is always sent something.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

_log = logging.getLogger(__name__)
TICK_S = 0.02


class Ticking(Protocol):
    def tick(self, now: float, ticks: int) -> None:
        """`ticks` of 20 ms have come since the last time: one, or more after the loop was held up."""
        ...


class Ticker:
    """`now` is a monotonic clock in seconds, the event loop's unless a test says otherwise."""

    def __init__(self, time: Callable[[], float]) -> None:
        self.now = time
        self._members: dict[Ticking, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def __len__(self) -> int:
        return len(self._members)

    def join(self, member: Ticking) -> None:
        """It is told from the next tick on."""
        self._members[member] = None
        if self._timer is None:
            self._due = self.now() + TICK_S
            self._wait()

    def leave(self, member: Ticking) -> None:
        self._members.pop(member, None)
        if not self._members and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        # The loop's own clock may be another one than ours.
        self._timer = loop.call_later(max(0.0, self._due - self.now()), self._tick)

    def _tick(self) -> None:
        now = self.now()
        ticks = 1 + max(0, int((now - self._due) / TICK_S))
        self._due += ticks * TICK_S
        self._wait()
        for member in tuple(self._members):
            try:
                member.tick(now, ticks)
            except Exception:
                # One call's fault must not silence all the others.
                _log.exception("a call's tick failed")
