"""Making up for lost sound: the last period of the voice once more, fading (compare ITU-T G.711, appendix I).

A voice hardly changes in 20 ms, so its last period, repeated, is close to what was lost. Without looking ahead nothing
is delayed while nothing is lost. The seams are blended, and after `_SILENT_AFTER` samples nothing is left.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from media_worker.audio.formats import SAMPLE_BYTES

_Samples = npt.NDArray[np.float32]

_RATE_HZ = 8000
# Periods of 2.5 ms are found as a multiple; longer ones than 15 ms no voice has.
_SHORTEST, _LONGEST = 40, 120
_TEMPLATE = 80
_HISTORY = _TEMPLATE + 2 * _LONGEST
_PIECES = 8
_LOUD_FOR = 80
_SILENT_AFTER = 480
_BLENDED = 40


class Concealer:
    """One stream's. 16-bit PCM, 8 kHz. What is heard is appended to `pieces`; `period` is there while it conceals."""

    def __init__(self) -> None:
        self.pieces: deque[bytes] = deque(maxlen=_PIECES)
        self.period: _Samples | None = None
        self._made = 0

    @property
    def is_silent(self) -> bool:
        """The echo has faded away."""
        return self.period is not None and self._made >= _SILENT_AFTER

    def conceal(self, samples: int) -> bytes:
        """What may have been said in the time after what was heard or concealed last."""
        if self.period is None:
            self.period = _last_period(self.pieces)
            self._made = 0
        made = _as_pcm(self._next(samples))
        self._made += samples
        return made

    def resume(self, pcm: bytes) -> bytes:
        """The first sound after a gap, blended with what was made up for it. Ends the concealment."""
        blended = min(_BLENDED, len(pcm) // SAMPLE_BYTES)
        fading = self._next(blended)
        self.period = None
        samples = np.frombuffer(pcm, "<i2").astype(np.float32)
        rising = np.arange(1, blended + 1, dtype=np.float32) / (blended + 1)
        samples[:blended] = samples[:blended] * rising + fading * (1 - rising)
        return _as_pcm(samples)

    def forget(self) -> None:
        """Of another voice nothing is repeated."""
        self.pieces.clear()
        self.period = None

    def _next(self, samples: int) -> _Samples:
        period = self.period
        if period is None or not len(period):
            return np.zeros(samples, np.float32)
        at = np.arange(self._made, self._made + samples)
        gain = np.clip((_SILENT_AFTER - at) / (_SILENT_AFTER - _LOUD_FOR), 0.0, 1.0).astype(np.float32)
        return period[at % len(period)] * gain


def _last_period(pieces: deque[bytes]) -> _Samples:
    """Of what was heard last, so that its end goes over into its beginning. Empty if too little was heard."""
    heard = np.frombuffer(b"".join(pieces)[-_HISTORY * SAMPLE_BYTES :], "<i2").astype(np.float32)
    if len(heard) < _TEMPLATE + _LONGEST:
        return np.zeros(0, np.float32)
    length = _period_length(heard)
    period = heard[-length:].copy()
    blended = length // 4
    rising = np.arange(1, blended + 1, dtype=np.float32) / (blended + 1)
    before = heard[-length - blended : -length]
    period[-blended:] = period[-blended:] * (1 - rising) + before * rising
    return period


def _period_length(heard: _Samples) -> int:
    """The distance at which the last 10 ms resemble what came before them most."""
    template = heard[-_TEMPLATE:]
    earlier = heard[-_TEMPLATE - _LONGEST : -_SHORTEST]
    likeness = np.correlate(earlier, template, "valid")
    energy = np.convolve(earlier * earlier, np.ones(_TEMPLATE, np.float32), "valid")
    best = int(np.argmax(likeness / np.sqrt(energy + 1.0)))
    return _LONGEST - best


def _as_pcm(samples: _Samples) -> bytes:
    pcm: bytes = np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()
    return pcm
