"""What each listener of a call hears, on one clock, as a player would play it.

Speech that arrives while earlier speech is still playing waits its turn; silence fills the rest.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from pathlib import Path

from kallglot import audio

LISTENERS = ("customer", "agent")


class Playback:
    """Samples are 16-bit at `rate_hz`; the clock starts when this is made. `now` is monotonic seconds."""

    def __init__(self, rate_hz: int = audio.RATE_HZ, now: Callable[[], float] = time.monotonic) -> None:
        self.rate_hz = rate_hz
        self._now = now
        self._start_s = now()
        self._heard: dict[str, array[int]] = {listener: array("h") for listener in LISTENERS}

    def hear(self, listener: str, samples: array[int]) -> None:
        """Raises KeyError for a listener who is neither customer nor agent."""
        heard = self._heard[listener]
        gap = self._played() - len(heard)
        if gap > 0:
            heard.extend(array("h", bytes(2 * gap)))
        heard.extend(samples)

    def stop(self, listener: str) -> None:
        """What has not been played yet never will be: the listener has started to speak."""
        del self._heard[listener][self._played() :]

    def remaining_s(self, listener: str) -> float:
        """How long what has arrived will still be playing; negative once it is over."""
        return (len(self._heard[listener]) - self._played()) / self.rate_hz

    def samples(self, listener: str) -> array[int]:
        return self._heard[listener]

    @property
    def is_empty(self) -> bool:
        return not any(self._heard.values())

    def write(self, path: Path) -> None:
        """Left what the customer heard, right the agent."""
        length = max(len(heard) for heard in self._heard.values())
        padded = [heard + array("h", bytes(2 * (length - len(heard)))) for heard in self._heard.values()]
        audio.write_wav(path, *padded, rate_hz=self.rate_hz)

    def _played(self) -> int:
        return round((self._now() - self._start_s) * self.rate_hz)
