"""Sounds to measure with: a tone, and something with the pitch, formants and pauses of a voice. 16-bit mono PCM."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]


def tone(pitch_hz: float, rate_hz: int, seconds: float = 1.0, level: float = 10_000) -> bytes:
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    return pcm(level * np.sin(2 * np.pi * pitch_hz * at))


@cache
def voice(rate_hz: int, seconds: float) -> bytes:
    """Harmonics of a gliding pitch below 3.3 kHz, syllable by syllable; the same sound at every rate."""
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    phase = 2 * np.pi * (130 * at + 25 * (1 - np.cos(2 * np.pi * 0.7 * at)) / (2 * np.pi * 0.7))
    sound = sum((_formants(harmonic * 130) * np.sin(harmonic * phase) for harmonic in range(1, 21)), np.zeros(len(at)))
    return pcm(1_800 * sound * np.clip(np.sin(2 * np.pi * 3.1 * at), 0, None) ** 2)


def _formants(pitch_hz: float) -> float:
    return float(sum(np.exp(-(((pitch_hz - at) / width) ** 2)) for at, width in ((600, 270), (1200, 330), (2400, 400))))


def pcm(samples: Samples) -> bytes:
    return np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()


def samples(sound: bytes) -> Samples:
    return np.frombuffer(sound, "<i2").astype(np.float64)


def snr_db(wanted: Samples, got: Samples) -> float:
    """Of `got` against `wanted`, sample by sample."""
    return _ratio_db(wanted, got - wanted * (wanted @ got) / (wanted @ wanted))


def delayed_snr_db(wanted: Samples, got: Samples, longest_delay: int = 400) -> float:
    """The same at the delay (in fractions of a sample, too) at which they fit best."""
    size = min(len(wanted), len(got))
    spectrum = np.fft.rfft(wanted[:size], 2 * size)
    likeness = np.fft.rfft(got[:size], 2 * size) * np.conj(spectrum)
    turns = 2j * np.pi * np.fft.rfftfreq(2 * size)
    delay = _peak(likeness, turns, float(np.argmax(np.fft.irfft(likeness)[:longest_delay])))
    late = np.fft.irfft(spectrum * np.exp(-turns * delay))
    middle = slice(longest_delay, size - longest_delay)
    return snr_db(late[middle], got[middle])


def _ratio_db(sound: Samples, noise: Samples) -> float:
    return float(10 * np.log10((sound @ sound) / max(float(noise @ noise), 1e-9)))


def _peak(likeness: NDArray[Any], turns: NDArray[Any], near: float) -> float:
    """The delay of the highest correlation, between the samples next to the best whole one."""
    low, high = near - 1.0, near + 1.0
    for _ in range(30):
        third = (high - low) / 3
        left, right = (float((likeness * np.exp(turns * at)).real.sum()) for at in (low + third, high - third))
        low, high = (low + third, high) if left < right else (low, high - third)
    return (low + high) / 2
