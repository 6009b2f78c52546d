"""What a gateway tells about itself: once a minute a line of numbers, as media workers do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from core.ports import Clock
from media_worker.sip.rtp.stats import RtpStats
from media_worker.telemetry import Sample, metric_line

SERVICE = "sip"
_PERIOD_S = 60.0
# A call shorter than a second says nothing about the network.
_ENOUGH_PACKETS = 50
UNITS = {
    "Calls": "Count",
    "Load": "Percent",
    "CallsTaken": "Count",
    "CallsRefused": "Count",
    "CallsNotServed": "Count",
    "LineReconnects": "Count",
    "LostPercent": "Percent",
    "JitterMs": "Milliseconds",
}
_OUR_FAULT = 500


@dataclass(slots=True)
class Telemetry:
    """Since it was last asked for. `not_served`: refused for want of room, a worker, or a table; not for who called."""

    chance: Callable[[], float] = random.random
    taken: int = 0
    refused: int = 0
    not_served: int = 0
    reconnects: int = 0
    lost_percent: Sample = field(init=False)
    jitter_ms: Sample = field(init=False)

    def __post_init__(self) -> None:
        self._begin()

    def answered(self, code: int) -> None:
        """An invitation's final answer. 480 is a session that no worker took."""
        if code < 300:
            self.taken += 1
        elif code >= _OUR_FAULT or code == 480:
            self.not_served += 1
        else:
            self.refused += 1

    def ended(self, stats: RtpStats, reconnects: int) -> None:
        self.reconnects += reconnects
        expected = stats.received + stats.lost
        if expected >= _ENOUGH_PACKETS:
            self.lost_percent.add(round(100 * stats.lost / expected, 2))
            self.jitter_ms.add(round(stats.jitter_ms, 1))

    def take(self) -> dict[str, float | list[float]]:
        """By name, as `UNITS` has them; what was measured not once is left out. Counting begins again."""
        counted: dict[str, float | list[float]] = {
            "CallsTaken": self.taken,
            "CallsRefused": self.refused,
            "CallsNotServed": self.not_served,
            "LineReconnects": self.reconnects,
        }
        measured = {"LostPercent": self.lost_percent.values, "JitterMs": self.jitter_ms.values}
        counted |= {name: values for name, values in measured.items() if values}
        self._begin()
        return counted

    def _begin(self) -> None:
        self.taken = self.refused = self.not_served = self.reconnects = 0
        self.lost_percent, self.jitter_ms = Sample(self.chance), Sample(self.chance)


@dataclass(frozen=True, slots=True)
class Reporter:
    """`write` takes a line."""

    telemetry: Telemetry
    namespace: str
    gateway_id: str
    clock: Clock
    write: Callable[[str], None]

    async def run(self, calls: Callable[[], int], most_calls: int) -> None:
        while True:
            now = calls()
            values: dict[str, float | list[float]] = {"Calls": now, "Load": round(100 * now / most_calls, 1)}
            values |= self.telemetry.take()
            named = {"service": SERVICE, "worker_id": self.gateway_id}
            self.write(metric_line(self.namespace, named, values, UNITS, self.clock.now()))
            await asyncio.sleep(_PERIOD_S)
