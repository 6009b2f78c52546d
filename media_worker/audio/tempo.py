"""Speaking faster without a higher voice: time-scale modification by waveform similarity (WSOLA), streaming.

Overlapping windows are taken from the input farther apart than they are laid down; each is shifted by a few
milliseconds to where it continues best what is there already (Verhelst and Roelands, ICASSP 1993).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WINDOW_MS = 30
_SEARCH_MS = 10


class Tempo:
    """Mono 16-bit PCM at `rate_hz`, `factor` times as fast. Push the pieces of one sentence in order, then flush."""

    def __init__(self, rate_hz: int, factor: float) -> None:
        self._hop = rate_hz * _WINDOW_MS // 2000
        self._search = rate_hz * _SEARCH_MS // 1000
        self._step = self._hop * factor
        self._rise = _hann_rise(self._hop)
        self._input = np.zeros(0, np.float32)
        self._dropped = 0
        self._wanted = 0.0
        self._tail: NDArray[np.float32] | None = None

    def push(self, pcm: bytes) -> bytes:
        """What can be said of it already; the rest follows with the next piece."""
        self._input = np.concatenate((self._input, np.frombuffer(pcm, "<i2").astype(np.float32)))
        made: list[NDArray[np.float32]] = []
        while self._position() + self._search + 2 * self._hop <= len(self._input):
            made.append(self._next())
        self._forget()
        return _to_pcm(made)

    def flush(self) -> bytes:
        """The end of the sentence, unchanged from where the last window lies."""
        if self._tail is None:
            rest = self._input
        else:
            at = min(self._position(), len(self._input))
            rest = self._input[at:].copy()
            joined = min(self._hop, len(rest))
            rest[:joined] = rest[:joined] * self._rise[:joined] + self._tail[:joined] * (1 - self._rise[:joined])
        self._input, self._tail, self._dropped, self._wanted = np.zeros(0, np.float32), None, 0, 0.0
        return _to_pcm([rest])

    def _position(self) -> int:
        """Of the next window in what is held, before its shift."""
        return round(self._wanted) - self._dropped

    def _next(self) -> NDArray[np.float32]:
        at = self._position()
        if self._tail is None:
            out = self._input[at : at + self._hop]
        else:
            at += self._best_shift(at, self._tail)
            out = self._input[at : at + self._hop] * self._rise + self._tail * (1 - self._rise)
        self._tail = self._input[at + self._hop : at + 2 * self._hop]
        self._wanted += self._step
        return out

    def _best_shift(self, at: int, tail: NDArray[np.float32]) -> int:
        """Where the input resembles most what would have followed: the peak of the normalised correlation."""
        low = max(0, at - self._search)
        region = self._input[low : at + self._search + self._hop]
        likeness = np.correlate(region, tail, "valid")
        sums = np.concatenate((np.zeros(1), np.cumsum(region.astype(np.float64) ** 2)))
        energy = sums[self._hop :] - sums[: -self._hop]
        return int(np.argmax(likeness / np.sqrt(energy + 1.0))) + low - at

    def _forget(self) -> None:
        """What no window will look at any more."""
        spent = max(0, self._position() - self._search)
        self._input = self._input[spent:]
        self._dropped += spent


def _hann_rise(samples: int) -> NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(np.pi * (np.arange(samples) + 0.5) / samples)).astype(np.float32)


def _to_pcm(made: list[NDArray[np.float32]]) -> bytes:
    if not made:
        return b""
    return np.clip(np.rint(np.concatenate(made)), -32768, 32767).astype("<i2").tobytes()
