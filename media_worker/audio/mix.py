"""The original voice under the translation: full while it is alone, turned down while the interpreter speaks."""

from __future__ import annotations

import audioop

import numpy as np

from media_worker.audio.formats import SAMPLE_BYTES

DUCKED = 10 ** (-14 / 20)


class Ducker:
    """The gain of one voice for one listener. It slides over one piece of audio, so that no step is heard."""

    def __init__(self) -> None:
        self._gain = 1.0

    def apply(self, pcm: bytes, *, ducked: bool) -> bytes:
        """16-bit mono PCM at its new level."""
        before, self._gain = self._gain, DUCKED if ducked else 1.0
        if before == self._gain:
            return pcm if self._gain == 1.0 else audioop.mul(pcm, SAMPLE_BYTES, self._gain)
        samples = np.frombuffer(pcm, "<i2")
        slide = np.linspace(before, self._gain, len(samples), dtype=np.float32)
        faded: bytes = np.rint(samples * slide).astype("<i2").tobytes()
        return faded


def mixed(one: bytes, other: bytes) -> bytes:
    """Two pieces of the same length; what is too loud together is clipped."""
    return audioop.add(one, other, SAMPLE_BYTES)
