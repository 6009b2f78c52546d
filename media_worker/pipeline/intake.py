"""From what a leg sends to what the lane works with: 8 kHz for detection and recording, 8 or 16 for recognition."""

from __future__ import annotations

from media_worker.audio.resample import Resampler
from media_worker.audio.turns import WINDOW_RATE_HZ

WIDEBAND_HZ = 16000


class Intake:
    """One leg's voice of one speaker; a new one is made when the leg's rate changes."""

    def __init__(self, rate_hz: int, recogniser_hz: int) -> None:
        self.rate_hz = rate_hz
        self._narrow = _resampler(rate_hz, WINDOW_RATE_HZ)
        self._same = recogniser_hz == WINDOW_RATE_HZ
        self._recogniser = _resampler(rate_hz, recogniser_hz)

    def convert(self, pcm: bytes) -> tuple[bytes, bytes]:
        """(8 kHz, recogniser's rate)."""
        narrow = self._narrow.push(pcm) if self._narrow else pcm
        if self._same:
            return narrow, narrow
        return narrow, self._recogniser.push(pcm) if self._recogniser else pcm


def recogniser_rate_hz(rate_hz: int) -> int:
    """What a recogniser is given of a leg that speaks at `rate_hz`."""
    return WIDEBAND_HZ if rate_hz >= WIDEBAND_HZ else WINDOW_RATE_HZ


def _resampler(from_hz: int, to_hz: int) -> Resampler | None:
    return None if from_hz == to_hz else Resampler(from_hz, to_hz)
