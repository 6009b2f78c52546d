"""Where audio lies on a session's clock. Pure arithmetic in 8 kHz samples since the first audio."""

from __future__ import annotations

from core.domain.recordings import RATE_HZ

_TOLERANCE = RATE_HZ * 3 // 10


class Timeline:
    """One speaker's place. Pieces that follow each other stay joined; only a gap of more than 300 ms is a gap.

    So network jitter never cuts a word, and silence that was not sent is silence on the recording.
    """

    def __init__(self) -> None:
        self.cursor = 0

    def place(self, elapsed_s: float, samples: int) -> int:
        """The position of the first of `samples` that arrived `elapsed_s` after the session's first audio."""
        expected = max(0, int(elapsed_s * RATE_HZ) - samples)
        if expected > self.cursor + _TOLERANCE:
            self.cursor = expected
        position = self.cursor
        self.cursor += samples
        return position

    def ahead_s(self, elapsed_s: float) -> float:
        """How much more audio has come than time has passed."""
        return self.cursor / RATE_HZ - elapsed_s
