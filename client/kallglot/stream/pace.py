"""A clock that does not drift: the n-th tick is due at start + n · period, however late the one before was."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Pace:
    """`await pace.tick()` returns when the next tick is due; late ticks are made up for, never added up."""

    def __init__(
        self,
        period_s: float,
        *,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._period_s = period_s
        self._now = now or asyncio.get_running_loop().time
        self._sleep = sleep
        self._start: float | None = None
        self._ticks = 0

    async def tick(self) -> int:
        """The number of this tick, from 0; the first is due at once."""
        if self._start is None:
            self._start = self._now()
        number = self._ticks
        self._ticks += 1
        await self._sleep(max(0.0, self._start + number * self._period_s - self._now()))
        return number
