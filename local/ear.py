"""Two listeners: what each of them hears, on one clock, as a player would play it.

Speech that arrives while earlier speech is still playing waits its turn; silence fills the rest.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from pathlib import Path

from kallglot import audio

LISTENERS = ("customer", "agent")
_LOUD_ENOUGH = 300
"""Root mean square of 16-bit samples; speech here is some thousands, silence is 0."""


class Ear:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._start_s = now()
        self._heard: dict[str, array[int]] = {listener: array("h") for listener in LISTENERS}

    def hear(self, listener: str, mulaw: bytes) -> None:
        heard = self._heard[listener]
        gap = round((self._now() - self._start_s) * audio.RATE_HZ) - len(heard)
        if gap > 0:
            heard.extend(array("h", bytes(2 * gap)))
        heard.extend(audio.decode(mulaw))

    def remaining_s(self, listener: str) -> float:
        """How long what has arrived will still be playing; negative once it is over."""
        return len(self._heard[listener]) / audio.RATE_HZ - (self._now() - self._start_s)

    def loudness(self, listener: str) -> float:
        return loudness(self._heard[listener])

    def has_heard(self, listener: str) -> bool:
        return self.loudness(listener) > _LOUD_ENOUGH

    def write(self, path: Path) -> None:
        """Left what the customer heard, right the agent."""
        length = max(len(heard) for heard in self._heard.values())
        padded = [heard + array("h", bytes(2 * (length - len(heard)))) for heard in self._heard.values()]
        audio.write_wav(path, *padded)


def loudness(samples: array[int]) -> float:
    """Root mean square of the second that is loudest: long silence around speech must not hide it."""
    seconds = (samples[at : at + audio.RATE_HZ] for at in range(0, len(samples), audio.RATE_HZ))
    return max((_rms(second) for second in seconds), default=0.0)


def is_speech(samples: array[int]) -> bool:
    return loudness(samples) > _LOUD_ENOUGH


def _rms(samples: array[int]) -> float:
    return float((sum(sample * sample for sample in samples) / max(1, len(samples))) ** 0.5)
