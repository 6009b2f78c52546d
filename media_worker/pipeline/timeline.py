"""Where audio lies on a session's clock. Pure arithmetic in 8 kHz samples since the first audio."""

from __future__ import annotations

from core.domain.recordings import RATE_HZ

_TOLERANCE = RATE_HZ * 3 // 10
_SETTLED = 2 * RATE_HZ
_DRIFT = RATE_HZ // 200


class Timeline:
    """One speaker's place. Pieces that follow each other stay joined; only a gap of more than 300 ms is a gap.

    So network jitter never cuts a word, and silence that was not sent is silence on the recording. What jitter and two
    clocks that differ by a few millionths add up to is put right while the speaker is silent: a piece may come late,
    never early, so the least late one of two seconds tells how far the place is off.
    """

    def __init__(self) -> None:
        self.cursor = 0
        self._least_late = _TOLERANCE
        self._measured = 0

    def place(self, elapsed_s: float, samples: int, *, silent: bool = False) -> int:
        """The position of the first of `samples` that arrived `elapsed_s` after the session's first audio.

        Positions go back, by less than 300 ms, only where `silent` allows it.
        """
        expected = max(0, int(elapsed_s * RATE_HZ) - samples)
        late = expected - self.cursor
        if late > _TOLERANCE:
            self.cursor = expected
            self._measure_again()
        elif late < self._least_late:
            self._least_late = late
        self._measured += samples
        if self._measured >= _SETTLED and silent:
            self._settle()
        position = self.cursor
        self.cursor += samples
        return position

    def ahead_s(self, elapsed_s: float) -> float:
        """How much more audio has come than time has passed."""
        return self.cursor / RATE_HZ - elapsed_s

    def _settle(self) -> None:
        """Who is far ahead sends faster than it speaks, from a file: there is no clock to follow."""
        if _DRIFT < abs(self._least_late) < _TOLERANCE:
            self.cursor += self._least_late
        self._measure_again()

    def _measure_again(self) -> None:
        self._least_late, self._measured = _TOLERANCE, 0
