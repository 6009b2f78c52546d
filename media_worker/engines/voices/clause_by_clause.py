"""What all voices that are made clause by clause have in common: pauses between clauses, rate and level."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import soxr

from media_worker.audio.loudness import levelled
from media_worker.engines.spoken_text import clauses, speakable

PAUSE_S = 0.12
_SAMPLE_BYTES = 2


def spoken(text: str, rate_hz: int, clause: Callable[[str], bytes]) -> Iterator[bytes]:
    """PCM of each clause as soon as there is one; `clause` makes it, empty where nothing in it has a sound."""
    for number, piece in enumerate(clauses(speakable(text))):
        pause = bytes(int(PAUSE_S * rate_hz) * _SAMPLE_BYTES) if number else b""
        if pcm := clause(piece):
            yield pause + pcm


def finished(samples: npt.NDArray[np.float32], own_rate_hz: int, rate_hz: int) -> bytes:
    """`samples` at the scale of 16 bits, resampled in one go and levelled, as PCM."""
    if not samples.size:
        return b""
    return np.rint(levelled(soxr.resample(samples, own_rate_hz, rate_hz))).astype("<i2").tobytes()
