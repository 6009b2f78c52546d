"""What a telephone line does to speech: 8 kHz, a narrow band, noise, mu-law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr

from media_worker.audio import g711
from media_worker.engines.embedded.bandwidth import NARROW_HZ, WIDE_HZ, Signal


@dataclass(frozen=True)
class Line:
    """`gain` scales the speech; `band_hz` are the edges of the line's band; `noise_db` is speech over noise."""

    gain: float = 1.0
    band_hz: tuple[float, float] | None = None
    noise_db: float | None = None


_PAUSE_S = 0.3
_ROOM_NOISE = 3e-4

DIGITAL = Line()
"""A line that is digital from end to end: nothing but the rate and mu-law."""
TRAINING_LINES = (DIGITAL, Line(gain=0.3, noise_db=30), Line(gain=0.6, band_hz=(250, 3450), noise_db=27))


def carry(wide: Signal, line: Line = DIGITAL, seed: int = 0) -> Signal:
    """16 kHz speech as it leaves the line, 8 kHz."""
    narrow = np.asarray(soxr.resample(wide * np.float32(line.gain), WIDE_HZ, NARROW_HZ), np.float32)
    if line.noise_db is not None:
        narrow = narrow + _noise(narrow, line.noise_db, seed)
    if line.band_hz is not None:
        narrow = _limited(narrow, line.band_hz)
    return from_pcm(g711.mulaw_to_pcm(g711.pcm_to_mulaw(to_pcm(narrow))))


def in_a_quiet_room(wide: Signal) -> Signal:
    """16 kHz speech with a little noise, and as much of it before and after as voice detection lets through."""
    silence = np.zeros(int(_PAUSE_S * WIDE_HZ), np.float32)
    room = np.concatenate([silence, wide, silence])
    noise = np.random.default_rng(0).standard_normal(len(room))
    return np.asarray(room + noise * _ROOM_NOISE, np.float32)


def to_pcm(signal: Signal) -> bytes:
    return (np.clip(signal, -1, 1) * 32767).astype("<i2").tobytes()


def from_pcm(pcm: bytes) -> Signal:
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)


def _noise(speech: Signal, noise_db: float, seed: int) -> Signal:
    """White noise `noise_db` under the level of the loud half of the speech."""
    loud = np.sort(speech**2)[len(speech) // 2 :]
    level = np.sqrt(loud.mean()) * 10 ** (-noise_db / 20)
    noise = np.random.default_rng(seed).standard_normal(len(speech))
    return np.asarray(noise * level, np.float32)


def _limited(signal: Signal, band_hz: tuple[float, float]) -> Signal:
    """Zero-phase band limits with slopes of 100 Hz."""
    frequency = np.fft.rfftfreq(len(signal), 1 / NARROW_HZ)
    low, high = band_hz
    gain = np.clip((frequency - low) / 100 + 0.5, 0, 1) * np.clip((high - frequency) / 100 + 0.5, 0, 1)
    return np.asarray(np.fft.irfft(np.fft.rfft(signal) * gain, len(signal)), np.float32)
