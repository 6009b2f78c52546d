"""One clock for everything that is played 20 ms by 20 ms: a single timer for all legs of the process.

It runs only while somebody is spoken to. Ticks are counted from a fixed beginning, so they do not drift; what a tick
has to send is decided by the clock, not by the count, so a late tick catches up and loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

_log = logging.getLogger(__name__)
TICK_S = 0.02


class Player(Protocol):
    def play_due(self, now: float) -> bool:
        """Send what is due at `now` (monotonic seconds); False when nothing is left to send."""
        ...


class Pacer:
    """`join` costs a set insertion; no task, queue or timer belongs to a leg. `time` is the event loop's."""

    def __init__(self, time: Callable[[], float]) -> None:
        self.now = time
        self._players: set[Player] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def __len__(self) -> int:
        return len(self._players)

    def join(self, player: Player) -> None:
        """What is due is sent at once; the rest with the ticks."""
        if player in self._players:
            return
        if self._plays(player, self.now()):
            self._players.add(player)
            if self._timer is None:
                self._due = self.now() + TICK_S
                loop = asyncio.get_running_loop()
                self._timer = loop.call_at(self._due, self._tick, loop)

    def leave(self, player: Player) -> None:
        self._players.discard(player)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        now = self.now()
        for player in tuple(self._players):
            if not self._plays(player, now):
                self._players.discard(player)
        self._timer = None
        if self._players:
            # A loop that was held up does not make up for ticks: the next one sends what they had to.
            self._due += TICK_S * max(1, int((now - self._due) / TICK_S) + 1)
            self._timer = loop.call_at(self._due, self._tick, loop)

    def _plays(self, player: Player, now: float) -> bool:
        try:
            return player.play_due(now)
        except Exception:
            # One leg's fault must not silence all the others.
            _log.exception("playing to a leg failed")
            return False
