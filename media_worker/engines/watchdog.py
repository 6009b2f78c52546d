"""Who listens and says nothing: when a recogniser is taken for stuck, and how often it may be started again. Pure.

What is fed is speech, by the detector's word. Noise that it took for speech has no text either, and for that a restart
does no harm; its number is limited, per utterance and over time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WatchRules:
    """`silent_s` is audio since the last text; engines of whole utterances need about seven seconds for their first.

    `ring_s` is how much of an utterance is kept to be heard again, no less than the longest turn.
    """

    silent_s: float = 12.0
    restarts: int = 2
    restarts_in_window: int = 4
    window_s: float = 120.0
    ring_s: float = 30.0


class Watchdog:
    """Of one speaker's recogniser."""

    def __init__(self, rules: WatchRules) -> None:
        self._rules = rules
        self._silent_s = 0.0
        self._restarts = 0
        self._times: deque[float] = deque()

    def begin(self) -> None:
        self._silent_s = 0.0
        self._restarts = 0

    def told(self) -> None:
        """A text has come, partial or final."""
        self._silent_s = 0.0

    def fed(self, length_s: float) -> bool:
        """Whether so much was fed without a text that the recogniser is taken for stuck."""
        self._silent_s += length_s
        return self._silent_s >= self._rules.silent_s

    def may_restart(self, now: float) -> bool:
        """Count a restart, if one is left; what is heard again begins its silence anew."""
        while self._times and now - self._times[0] >= self._rules.window_s:
            self._times.popleft()
        self._silent_s = 0.0
        if self._restarts >= self._rules.restarts or len(self._times) >= self._rules.restarts_in_window:
            return False
        self._restarts += 1
        self._times.append(now)
        return True
