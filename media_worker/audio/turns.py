"""From speech probabilities to turns. Pure: one probability per 32 ms window in, the turn's beginning and end out."""

from __future__ import annotations

import audioop
from dataclasses import dataclass
from enum import Enum, auto

WINDOW_SAMPLES = 256
WINDOW_RATE_HZ = 8000
WINDOW_MS = 32


_BLOCK = 32
_FADED = 0.1


def quiet_tail(window_pcm: bytes) -> int:
    """How many samples at the end of a window of speech are silent already, to 4 ms.

    A window tells the end of speech to 32 ms only; silence is a tenth of the window's loudest block.
    """
    size = _BLOCK * 2
    levels = [audioop.rms(window_pcm[at : at + size], 2) for at in range(0, len(window_pcm), size)]
    enough = max(levels, default=0) * _FADED
    heard = max((number for number, level in enumerate(levels, 1) if level > enough), default=len(levels))
    return (len(levels) - heard) * _BLOCK


class Edge(Enum):
    BEGIN = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class TurnRules:
    """When a turn begins and ends. The two thresholds differ so that a voice near one of them does not flicker.

    `stir_ms` at the lower one is enough to stop talking to somebody, long before it is enough to write anything down.
    `preroll_ms` of audio from before the decision belongs to the turn, or its first syllable is lost. Both together
    stay under the half minute that a recogniser of whole utterances can hear at once.
    """

    start_probability: float = 0.5
    stay_probability: float = 0.35
    stir_ms: int = 64
    min_speech_ms: int = 96
    endpoint_ms: int = 384
    preroll_ms: int = 400
    longest_ms: int = 29_000
    stalled_ms: int = 640

    @property
    def start_windows(self) -> int:
        """How many windows of speech it takes to begin a turn; they are its first."""
        return max(1, self.min_speech_ms // WINDOW_MS)

    @property
    def preroll_windows(self) -> int:
        return -(-self.preroll_ms // WINDOW_MS)


class Stir:
    """Whether a silent speaker begins to make a sound like speech, and stops again without having begun a turn."""

    def __init__(self, rules: TurnRules) -> None:
        self._rules = rules
        self._enough = max(1, rules.stir_ms // WINDOW_MS)
        self._windows = 0

    def update(self, probability: float) -> Edge | None:
        if probability >= self._rules.stay_probability:
            self._windows += 1
            return Edge.BEGIN if self._windows == self._enough else None
        stirred, self._windows = self._windows >= self._enough, 0
        return Edge.END if stirred else None

    def reset(self) -> None:
        self._windows = 0


class TurnDetector:
    """One speaker's turns."""

    def __init__(self, rules: TurnRules) -> None:
        self._rules = rules
        self._enough = rules.start_windows
        self._hangover = max(1, rules.endpoint_ms // WINDOW_MS)
        self._longest = rules.longest_ms // WINDOW_MS
        self._loud = 0
        self._quiet = 0
        self._length = 0
        self.open = False

    def update(self, probability: float) -> Edge | None:
        return self._inside(probability) if self.open else self._outside(probability)

    def is_speech(self, probability: float) -> bool:
        return probability >= self._rules.stay_probability

    def cut(self) -> None:
        """The turn was ended from outside (audio stopped, the session ends)."""
        self.open, self._loud, self._quiet, self._length = False, 0, 0, 0

    def _outside(self, probability: float) -> Edge | None:
        self._loud = self._loud + 1 if probability >= self._rules.start_probability else 0
        if self._loud < self._enough:
            return None
        self.open, self._quiet, self._length = True, 0, 0
        return Edge.BEGIN

    def _inside(self, probability: float) -> Edge | None:
        self._length += 1
        self._quiet = 0 if self.is_speech(probability) else self._quiet + 1
        if self._quiet >= self._hangover:
            self.cut()
            return Edge.END
        if self._length >= self._longest:
            self._break()
            return Edge.END
        return None

    def _break(self) -> None:
        """Too long for one turn: whoever goes on speaking begins the next with the very next window."""
        self.cut()
        self._loud = self._enough - 1
