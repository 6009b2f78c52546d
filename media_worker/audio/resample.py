"""Live resampling with a short polyphase FIR: 1-2 ms of delay, whatever the size of the pieces.

Streaming soxr lags up to 117 ms and is bursty; it is for finished sentences only.
"""

from __future__ import annotations

from functools import cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

_TAPS_PER_PHASE = 24
_KAISER_BETA = 7.0


class Resampler:
    """Mono 16-bit PCM at one rate to another. Keeps state: give it the pieces of one stream in order."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        shared = gcd(from_hz, to_hz)
        self._up, self._down = to_hz // shared, from_hz // shared
        self._phases = _phases(self._up, self._down)
        self._taps = self._phases.shape[1]
        self._kept = np.zeros(self._taps - 1, np.float32)
        self._next = 0

    def push(self, pcm: bytes) -> bytes:
        """As many samples as can be made of what has come so far."""
        if not pcm:
            return b""
        samples = np.concatenate((self._kept, np.frombuffer(pcm, "<i2").astype(np.float32)))
        fresh = len(samples) - self._taps + 1
        # Output n takes input sample n * down // up and the filter phase n * down % up.
        ticks = np.arange(self._next, fresh * self._up, self._down)
        self._next = self._next + len(ticks) * self._down - fresh * self._up
        self._kept = samples[fresh:]
        return _to_pcm(self._outputs(samples, ticks))

    def _outputs(self, samples: NDArray[np.float32], ticks: NDArray[np.int64]) -> NDArray[np.float32]:
        windows = np.lib.stride_tricks.sliding_window_view(samples, self._taps)
        if self._up == 1:
            return np.asarray(windows[ticks] @ self._phases[0], np.float32)
        outputs: NDArray[np.float32] = np.einsum("ij,ij->i", windows[ticks // self._up], self._phases[ticks % self._up])
        return outputs


def _to_pcm(samples: NDArray[np.float32]) -> bytes:
    return np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()


@cache
def _phases(up: int, down: int) -> NDArray[np.float32]:
    """The low-pass at the lower of both Nyquist rates, split in `up` phases, each reversed to meet its window."""
    wide = max(up, down)
    taps_per_phase = -(-_TAPS_PER_PHASE * wide // up)
    length = taps_per_phase * up
    at = np.arange(length) - (length - 1) / 2
    cutoff = 0.92 / wide
    lowpass = np.sinc(at * cutoff) * cutoff * np.kaiser(length, _KAISER_BETA) * up
    return np.ascontiguousarray(lowpass.reshape(taps_per_phase, up).T[:, ::-1], dtype=np.float32)
