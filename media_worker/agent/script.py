"""What an agent is about to say, clause by clause, from whoever makes it to whoever speaks it.

Bounded: who makes it faster than it is spoken waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from core.domain.knowledge import Source


class Script:
    """One answer's words, in the agent's language. `sources` are what they rest on. `after` is done when it was heard,
    or when the caller wants to hear no more of it."""

    def __init__(self, most_waiting: int) -> None:
        self._most = most_waiting
        self._waiting: deque[str] = deque()
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._closed = False
        self.said_anything = False
        self.dropped = False
        self.sources: list[Source] = []
        self.after: Callable[[], None] | None = None

    async def add(self, clause: str) -> None:
        while not self._closed and len(self._waiting) >= self._most:
            self._room.clear()
            await self._room.wait()
        if not self._closed:
            self.said_anything = True
            self._waiting.append(clause)
            self._filled.set()

    def close(self) -> None:
        """Nothing more comes."""
        self._closed = True
        self._filled.set()
        self._room.set()

    def drop(self) -> None:
        """Nobody wants to hear the rest."""
        self.dropped = True
        self._waiting.clear()
        self.close()

    async def next(self) -> str | None:
        """None at the end. Whoever is cancelled meanwhile has taken nothing. For one speaker at a time."""
        while not self._waiting:
            if self._closed:
                return None
            self._filled.clear()
            await self._filled.wait()
        self._room.set()
        return self._waiting.popleft()

    def again(self, clauses: list[str]) -> None:
        """What was taken and not heard comes first once more."""
        if not self.dropped:
            self._waiting.extendleft(reversed(clauses))

    @property
    def is_over(self) -> bool:
        return self._closed and not self._waiting
