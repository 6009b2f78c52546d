"""Fitting the bandwidth extension: ridge regression from what a line left of speech to what it took away.

The normal equations of each speaker are kept apart and add up, so leaving one out costs a solve, not a pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_worker.engines.embedded import telephone
from media_worker.engines.embedded.bandwidth import (
    FRAMES_AFTER,
    FRAMES_BEFORE,
    HIGH_EDGES_HZ,
    HOP,
    LOW_EDGES_HZ,
    WIDE_HOP,
    WIDE_WINDOW,
    WINDOW,
    Signal,
    Weights,
    describe,
    design,
    high_band_matrix,
    log_bands,
    low_band_matrix,
    with_context,
)

_INPUTS = len(LOW_EDGES_HZ) * (FRAMES_BEFORE + FRAMES_AFTER + 1)
_UNITS = 128
_RIDGE = 3.0
_SILENCE_LEVEL = -10.5


@dataclass(frozen=True)
class Normal:
    """The sums that ridge regression needs: inputs by inputs and inputs by outputs."""

    gram: NDArray[np.float64]
    cross: NDArray[np.float64]

    def __add__(self, other: Normal) -> Normal:
        return Normal(self.gram + other.gram, self.cross + other.cross)


def random_layer() -> tuple[Signal, Signal]:
    """The fixed hidden layer, the same in every build."""
    rng = np.random.default_rng(7)
    hidden = rng.standard_normal((_INPUTS, _UNITS)) / np.sqrt(_INPUTS) * 2
    return hidden.astype(np.float32), rng.uniform(-1, 1, _UNITS).astype(np.float32)


def gather(speech: Iterable[Signal]) -> Normal:
    """The sums over one speaker's sentences (16 kHz), each heard through every training line."""
    size, outputs = 1 + _INPUTS + _UNITS, len(HIGH_EDGES_HZ) - 1
    total = Normal(np.zeros((size, size)), np.zeros((size, outputs)))
    for seed, wide in enumerate(speech):
        for line in telephone.TRAINING_LINES:
            total += _sums(wide * np.float32(line.gain), telephone.carry(wide, line, seed))
    return total


def solve(normals: Iterable[Normal]) -> Weights:
    first, *rest = normals
    total = sum(rest, first)
    ridge = _RIDGE * np.eye(len(total.gram))
    readout = np.linalg.solve(total.gram + ridge, total.cross)
    return Weights(*random_layer(), readout.astype(np.float32))


def _sums(wide: Signal, narrow: Signal) -> Normal:
    shapes, levels = describe(log_bands(_frames(narrow, WINDOW, HOP), low_band_matrix()))
    targets = log_bands(_frames(wide, WIDE_WINDOW, WIDE_HOP), high_band_matrix())
    inputs = design(with_context(shapes), *random_layer())
    inner = slice(FRAMES_BEFORE, FRAMES_BEFORE + len(inputs))
    spoken = (levels[inner, 0] > _SILENCE_LEVEL)[: len(targets) - FRAMES_BEFORE]
    inputs = inputs[: len(spoken)][spoken]
    outputs = (targets[inner] - levels[inner][: len(targets) - FRAMES_BEFORE])[spoken]
    return Normal(_product(inputs, inputs), _product(inputs, outputs))


def _product(a: Signal, b: Signal) -> NDArray[np.float64]:
    """Summed in single precision over one sentence, in double over all: twice as fast, and as good."""
    return np.asarray(a.T @ b, np.float64)


def _frames(signal: Signal, window: int, hop: int) -> Signal:
    return np.lib.stride_tricks.sliding_window_view(signal, window)[::hop]
