"""The queue of handoffs, and the customers at the end of it."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.attempts import Outcome, Result
from core.domain.deliveries import Handoff
from core.errors import Unavailable
from core.ports import Clock


class MemoryQueue:
    """Handoffs with the time from which they may be taken. `duplicates` sends everything that often more."""

    def __init__(self, clock: Clock, duplicates: int = 0) -> None:
        self._clock = clock
        self._sent = 0
        self._lock = threading.Lock()
        self._waiting: list[tuple[datetime, int, Handoff]] = []
        self.duplicates = duplicates
        self.refuses = False

    def send(self, handoffs: Sequence[Handoff], delay_s: int = 0) -> None:
        if self.refuses:
            raise Unavailable("dependency_unavailable", "the queue does not answer")
        at = self._clock.now() + timedelta(seconds=delay_s)
        with self._lock:
            for handed in [handed for handed in handoffs for _ in range(1 + self.duplicates)]:
                self._sent += 1
                heapq.heappush(self._waiting, (at, self._sent, handed))

    def take(self) -> list[Handoff]:
        """All that may be taken now, earliest first."""
        taken = []
        while self._waiting and self._waiting[0][0] <= self._clock.now():
            taken.append(heapq.heappop(self._waiting)[2])
        return taken

    def next_at(self) -> datetime | None:
        return self._waiting[0][0] if self._waiting else None

    def lose(self) -> None:
        """Everything that waits."""
        self._waiting.clear()


@dataclass(frozen=True)
class Posted:
    at: datetime
    url: str
    headers: Mapping[str, str]
    body: bytes
    local: bool


class FakeCustomers:
    """A WebhookCaller: every URL answers what `answers` says of it, a 200 by default."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.answers: dict[str, Callable[[], Result]] = {}
        self.posted: list[Posted] = []

    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, local: bool) -> Result:
        self.posted.append(Posted(self._clock.now(), url, headers, body, local))
        return self.answers.get(url, lambda: Result(Outcome.SUCCEEDED, 200, "ok", 5))()
