"""When engines that keep failing are left alone, and when they are tried again. Pure: time is given in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CircuitRules:
    """`failures` in a row open it; every `open_s` one piece of work is let through to see whether it has passed."""

    failures: int = 3
    open_s: float = 30.0


class Circuit:
    """Closed, work goes through. Open, it goes elsewhere, but for one probe at a time."""

    def __init__(self, rules: CircuitRules) -> None:
        self._rules = rules
        self._failures = 0
        self._opened_at: float | None = None

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def lets_through(self, now: float) -> bool:
        """A probe that is let through puts the next one off, whether or not it ever comes back."""
        if self._opened_at is None:
            return True
        if now - self._opened_at < self._rules.open_s:
            return False
        self._opened_at = now
        return True

    def succeeded(self) -> bool:
        """Whether this has closed it."""
        was_open, self._opened_at, self._failures = self.is_open, None, 0
        return was_open

    def failed(self, now: float) -> bool:
        """Whether this has opened it."""
        self._failures += 1
        if self.is_open:
            self._opened_at = now
        elif self._failures >= self._rules.failures:
            self._opened_at = now
            return True
        return False
