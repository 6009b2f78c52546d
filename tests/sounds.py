"""Sounds to measure with: a tone, and something with the pitch, formants and pauses of a voice. 16-bit mono PCM."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]


def tone(pitch_hz: float, rate_hz: int, seconds: float = 1.0, level: float = 10_000) -> bytes:
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    return pcm(level * np.sin(2 * np.pi * pitch_hz * at))


@cache
def voice(rate_hz: int, seconds: float) -> bytes:
    """Harmonics of a gliding pitch below 3.4 kHz, syllable by syllable."""
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    phase = 2 * np.pi * np.cumsum(130 + 25 * np.sin(2 * np.pi * 0.7 * at)) / rate_hz
    formants = ((600, 90.0), (1200, 110.0), (2500, 160.0))
    sound = np.zeros(len(at))
    for harmonic in range(1, 22):
        pitch = harmonic * 130
        sound += sum(np.exp(-(((pitch - f) / (3 * width)) ** 2)) for f, width in formants) * np.sin(harmonic * phase)
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * at), 0, None) ** 0.5
    loud = sound * syllables
    return pcm(9_000 * loud / float(np.abs(loud).max()))


def pcm(samples: Samples) -> bytes:
    return np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()


def samples(sound: bytes) -> Samples:
    return np.frombuffer(sound, "<i2").astype(np.float64)


def snr_db(wanted: Samples, got: Samples, longest_delay: int = 400) -> float:
    """Of `got` against `wanted`, at the delay at which they fit best; fractions of a sample are compensated."""
    size = min(len(wanted), len(got))
    wanted, got = wanted[:size], got[:size]
    spectrum = np.fft.rfft(got, 2 * size) * np.conj(np.fft.rfft(wanted, 2 * size))
    fine = 16
    likeness = np.fft.irfft(spectrum, 2 * size * fine)
    delay = int(np.argmax(likeness[: longest_delay * fine])) / fine
    turned = np.fft.rfft(wanted, 2 * size) * np.exp(-2j * np.pi * np.fft.rfftfreq(2 * size) * delay)
    late = np.fft.irfft(turned, 2 * size)[:size]
    edge = longest_delay
    a, b = late[edge:-edge], got[edge:-edge]
    noise = b - a * (a @ b) / (a @ a)
    return float(10 * np.log10((b @ b) / max(float(noise @ noise), 1e-9)))
