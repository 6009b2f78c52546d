"""The timers of RFC 3261, section 17, and who runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

T1_S = 0.5
"""What a round trip is taken for."""
T2_S = 4.0
"""The longest pause between two tries."""
T4_S = 5.0
"""How long a message may wander about in the network."""
GIVE_UP_S = 64 * T1_S


class Timer(Protocol):
    def cancel(self) -> None: ...


Later = Callable[[float, Callable[[], None]], Timer]
"""Calls in so many seconds: the loop's `call_later`, or a test's."""


class Repeating:
    """Calls after T1, then after twice the pause, never longer than T2, until it is stopped or time is up."""

    def __init__(
        self, later: Later, again: Callable[[], None], given_up: Callable[[], None], longest_pause_s: float = T2_S
    ) -> None:
        self._later = later
        self._again = again
        self._longest_pause_s = longest_pause_s
        self._pause_s = T1_S
        self._next: Timer = later(self._pause_s, self._tick)
        self._end: Timer = later(GIVE_UP_S, self._stopped_by(given_up))

    def slow_down(self) -> None:
        """Somebody works on it: from now on at the longest pause (section 17.1.2.2, Proceeding)."""
        self._pause_s = self._longest_pause_s

    def only_wait(self) -> None:
        """Nothing is sent again; what was waited for may still not come."""
        self._next.cancel()

    def stop(self) -> None:
        self._next.cancel()
        self._end.cancel()

    def _tick(self) -> None:
        self._pause_s = min(2 * self._pause_s, self._longest_pause_s)
        self._next = self._later(self._pause_s, self._tick)
        self._again()

    def _stopped_by(self, given_up: Callable[[], None]) -> Callable[[], None]:
        def end() -> None:
            self._next.cancel()
            given_up()

        return end
