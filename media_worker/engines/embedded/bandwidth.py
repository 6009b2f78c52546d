"""Telephone audio made to look like the 16 kHz speech that the recogniser's model was trained on.

An 8 kHz line carries nothing above 4 kHz, where the model expects the hiss of s, f and t. `BandwidthExtension` guesses
the energy of seven bands above 3.9 kHz from eighteen bands below 3.65 kHz and fills them with shaped noise, which
halves the word error rate on telephone speech. All of it is streaming, and the same for every split of the input.

Signals are float32 in -1..1. Frames are 32 ms long every 8 ms, centred on the same instants at both rates.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float32]

NARROW_HZ, WIDE_HZ = 8000, 16000
HOP, WINDOW = 64, 256
WIDE_HOP, WIDE_WINDOW = 2 * HOP, 2 * WINDOW
FRAMES_BEFORE, FRAMES_AFTER = 3, 2
LOW_EDGES_HZ = (80, 200, 300, 400, 500, 600, 720, 850, 1000, 1170, 1370, 1600, 1870, 2150, 2450, 2750, 3050, 3350, 3650)
HIGH_EDGES_HZ = (3900, 4300, 4800, 5350, 5950, 6500, 7200, 8000)

_TAPS = 63
_CENTRE = _TAPS // 2
_ENERGY_FLOOR = 1e-7
_QUIETEST, _LOUDEST_OVER_MEAN = -16.0, 6.0
_NOISE_FRAMES = 128


class Upsampler:
    """8 kHz → 16 kHz by a half-band FIR; the output is 31 samples (1.9 ms) late.

    The centre of a half-band filter is its only odd tap, so every second output sample is an input sample.
    """

    def __init__(self) -> None:
        self._history = np.zeros(_CENTRE, np.float32)

    def feed(self, narrow: Signal) -> Signal:
        x = np.concatenate([self._history, narrow])
        self._history = x[-_CENTRE:]
        wide = np.empty(2 * len(narrow), np.float32)
        if len(narrow):
            wide[0::2] = np.convolve(x, _even_taps(), "valid")
            wide[1::2] = x[_CENTRE - _CENTRE // 2 : len(x) - _CENTRE // 2]
        return wide


@lru_cache(maxsize=1)
def _even_taps() -> Signal:
    position = np.arange(0, _TAPS, 2) - _CENTRE
    taps = np.sinc(position / 2) * np.hamming(_TAPS)[0::2]
    return np.asarray(taps / taps.sum(), np.float32)


@dataclass(frozen=True)
class Weights:
    """A layer of fixed random features, and the linear read-out that `bandwidth_fit` solves for.

    Shapes: `hidden` (inputs, units), `bias` (units,), `readout` (1 + inputs + units, high bands).
    """

    hidden: Signal
    bias: Signal
    readout: Signal

    @classmethod
    def load(cls, path: Path) -> Self:
        with np.load(path) as stored:
            return cls(**{field.name: stored[field.name] for field in fields(cls)})

    def save(self, path: Path) -> None:
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})

    def high_bands(self, features: Signal) -> Signal:
        """Log energies of the high bands relative to the frame's mean level, (frames, high bands)."""
        return np.asarray(design(features, self.hidden, self.bias) @ self.readout, np.float32)


def design(features: Signal, hidden: Signal, bias: Signal) -> Signal:
    """What the read-out weighs, (frames, 1 + inputs + units): a constant, the features, random units of them."""
    units = np.maximum(features @ hidden + bias, 0)
    return np.hstack([np.ones((len(features), 1), np.float32), features, units])


def band_matrix(edges_hz: tuple[int, ...], rate_hz: int, window: int) -> Signal:
    """(bins, bands): multiplying a power spectrum by it gives each band's mean power."""
    frequency = np.arange(window // 2 + 1) * rate_hz / window
    low, high = np.array(edges_hz[:-1]), np.array(edges_hz[1:])
    inside = (frequency[:, None] >= low) & (frequency[:, None] < high)
    return np.asarray(inside / inside.sum(axis=0), np.float32)


def log_bands(frames: Signal, bands: Signal) -> Signal:
    """Log mean power per band of each frame, (frames, bands). Windowed by the root of a Hann window."""
    spectrum = np.fft.rfft(frames * root_hann(frames.shape[1]), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(np.log(power @ bands + _ENERGY_FLOOR), np.float32)


def describe(bands: Signal) -> tuple[Signal, Signal]:
    """Of low-band energies: each frame's shape and loudness (frames, 19), and its mean level (frames, 1)."""
    level = bands.mean(axis=1, keepdims=True)
    return np.hstack([np.clip((bands - level) / 3, -3, 3), (level + 6) / 4]), level


def with_context(shapes: Signal) -> Signal:
    """Each frame beside its neighbours, (frames - 5, 114). The first row describes frame number FRAMES_BEFORE."""
    count = len(shapes) - FRAMES_BEFORE - FRAMES_AFTER
    return np.hstack([shapes[i : i + count] for i in range(FRAMES_BEFORE + FRAMES_AFTER + 1)])


@lru_cache(maxsize=4)
def root_hann(window: int) -> Signal:
    return np.sqrt(np.hanning(window + 1)[:window]).astype(np.float32)


@lru_cache(maxsize=1)
def low_band_matrix() -> Signal:
    return band_matrix(LOW_EDGES_HZ, NARROW_HZ, WINDOW)


@lru_cache(maxsize=1)
def high_band_matrix() -> Signal:
    return band_matrix(HIGH_EDGES_HZ, WIDE_HZ, WIDE_WINDOW)


@lru_cache(maxsize=1)
def _noise() -> tuple[Signal, Signal]:
    """Noise cut into the high bands, ready to be scaled and overlap-added.

    Returns (frames, bands, samples) and the log energies (frames, bands) that those pieces have before scaling.
    """
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(WIDE_HOP * (_NOISE_FRAMES - 1) + WIDE_WINDOW).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(noise, WIDE_WINDOW)[::WIDE_HOP]
    spectra = np.fft.rfft(frames * root_hann(WIDE_WINDOW), axis=1)
    masks = (high_band_matrix().T > 0).astype(np.float32)
    pieces = np.fft.irfft(spectra[:, None, :] * masks, axis=2) * root_hann(WIDE_WINDOW) / 2
    return pieces.astype(np.float32), log_bands(frames, high_band_matrix())


class BandwidthExtension:
    """One stream's extension. Output is aligned with the input (sample 2n belongs to input sample n), only later.

    `feed` returns what is complete so far, `flush` the rest; together they are exactly twice as long as the input.
    """

    LATEST_S = (WINDOW + (FRAMES_AFTER + 1) * HOP) / NARROW_HZ
    """How far the output may trail the input, in seconds."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.reset()

    def reset(self) -> None:
        """Forget the audio so far; the next sample is the first of an utterance that silence went before."""
        self._upsampler = Upsampler()
        self._late = _CENTRE
        self._low = np.zeros(0, np.float32)
        self._narrow = np.zeros(WINDOW - HOP, np.float32)
        self._shapes = np.zeros((0, len(LOW_EDGES_HZ)), np.float32)
        self._levels = np.zeros((0, 1), np.float32)
        self._tail = np.zeros(WIDE_WINDOW - WIDE_HOP, np.float32)
        self._lead = WIDE_WINDOW - WIDE_HOP
        self._frame = 0
        self._fed = self._given = 0

    def feed(self, narrow: Signal) -> Signal:
        self._fed += 2 * len(narrow)
        self._hear(narrow)
        self._analyse(narrow)
        return self._give(self._fill())

    def flush(self) -> Signal:
        """The rest of the utterance, as if silence followed; then start over with `reset`."""
        missing = self._fed - self._given
        silence = np.zeros(WINDOW + (FRAMES_AFTER + 1) * HOP, np.float32)
        self._hear(silence)
        self._analyse(silence)
        return self._give(self._fill())[:missing]

    def _hear(self, narrow: Signal) -> None:
        wide = self._upsampler.feed(narrow)
        skipped = min(self._late, len(wide))
        self._late -= skipped
        self._low = np.concatenate([self._low, wide[skipped:]])

    def _analyse(self, narrow: Signal) -> None:
        self._narrow = np.concatenate([self._narrow, narrow])
        count = (len(self._narrow) - WINDOW) // HOP + 1
        if count <= 0:
            return
        frames = np.lib.stride_tricks.sliding_window_view(self._narrow, WINDOW)[: count * HOP : HOP]
        shapes, levels = describe(log_bands(frames, low_band_matrix()))
        self._narrow = self._narrow[count * HOP :]
        if not len(self._shapes):
            shapes = np.vstack([shapes[:1].repeat(FRAMES_BEFORE, axis=0), shapes])
        self._shapes = np.vstack([self._shapes, shapes])
        self._levels = np.vstack([self._levels, levels])

    def _fill(self) -> Signal:
        """Overlap-added noise of the frames whose context is complete."""
        count = len(self._shapes) - FRAMES_BEFORE - FRAMES_AFTER
        if count <= 0:
            return np.zeros(0, np.float32)
        levels, self._levels = self._levels[:count], self._levels[count:]
        wanted = self._weights.high_bands(with_context(self._shapes)) + levels
        self._shapes = self._shapes[count:]
        pieces = self._shaped(np.clip(wanted, _QUIETEST, levels + _LOUDEST_OVER_MEAN))
        sound = np.zeros(WIDE_WINDOW + (count - 1) * WIDE_HOP, np.float32)
        sound[: len(self._tail)] = self._tail
        for index, piece in enumerate(pieces):
            sound[index * WIDE_HOP : index * WIDE_HOP + WIDE_WINDOW] += piece
        self._tail = sound[count * WIDE_HOP :]
        return sound[: count * WIDE_HOP]

    def _shaped(self, log_energies: Signal) -> Signal:
        noise, energies = _noise()
        index = (self._frame + np.arange(len(log_energies))) % _NOISE_FRAMES
        self._frame += len(log_energies)
        gains = np.exp((log_energies - energies[index]) / 2)
        return np.asarray((gains[:, None, :] @ noise[index])[:, 0, :], np.float32)

    def _give(self, high: Signal) -> Signal:
        """Add the noise to the low band; the noise before the first sample belongs to the silence before it."""
        skipped = min(self._lead, len(high))
        self._lead -= skipped
        high = high[skipped:]
        low, self._low = self._low[: len(high)], self._low[len(high) :]
        self._given += len(high)
        return low + high


def extend(weights: Weights, narrow: Signal) -> Signal:
    """A whole utterance at once."""
    extension = BandwidthExtension(weights)
    return np.concatenate([extension.feed(narrow), extension.flush()])
