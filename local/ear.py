"""Two listeners at a telephone, and whether what they heard was speech."""

from __future__ import annotations

from array import array

from kallglot import audio
from kallglot.playback import LISTENERS, Playback

__all__ = ["LISTENERS", "Ear", "is_speech", "loudness"]
_LOUD_ENOUGH = 300
"""Root mean square of 16-bit samples; speech here is some thousands, silence is 0."""


class Ear(Playback):
    """Hears mu-law at 8 kHz."""

    def hear_mulaw(self, listener: str, mulaw: bytes) -> None:
        self.hear(listener, audio.decode(mulaw))

    def loudness(self, listener: str) -> float:
        return loudness(self.samples(listener))

    def has_heard(self, listener: str) -> bool:
        return self.loudness(listener) > _LOUD_ENOUGH


def loudness(samples: array[int]) -> float:
    """Root mean square of the second that is loudest: long silence around speech must not hide it."""
    seconds = (samples[at : at + audio.RATE_HZ] for at in range(0, len(samples), audio.RATE_HZ))
    return max((_rms(second) for second in seconds), default=0.0)


def is_speech(samples: array[int]) -> bool:
    return loudness(samples) > _LOUD_ENOUGH


def _rms(samples: array[int]) -> float:
    return float((sum(sample * sample for sample in samples) / max(1, len(samples))) ** 0.5)
