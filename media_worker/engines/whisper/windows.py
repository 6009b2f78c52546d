"""How much audio the encoder is shown, and which utterances it may be shown together. Pure.

Whisper was trained on half minutes, and its encoder costs what the window costs: on a CPU 10 s are 6 to 8 times
cheaper than 30. A window holds the speech, two seconds of silence, and never less than ten seconds.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import ceil
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16000
FRAMES_PER_S = 100
SHORTEST_S, MARGIN_S, LONGEST_S, STEP_S = 10, 2.0, 30, 5

Signal = NDArray[np.float32]
Item = TypeVar("Item")


def window_s(samples: int) -> int:
    """Seconds of window for an utterance; in steps, so that utterances of about one length share a batch."""
    wanted = samples / RATE_HZ + MARGIN_S
    return int(min(LONGEST_S, max(SHORTEST_S, ceil(wanted / STEP_S) * STEP_S)))


def padded(signal: Signal, seconds: int) -> Signal:
    """Exactly `seconds` of audio: silence behind what is shorter, the end cut off what is longer."""
    whole = np.zeros(seconds * RATE_HZ, np.float32)
    whole[: len(signal)] = signal[: len(whole)]
    return whole


def grouped(items: Iterable[tuple[Hashable, Item]], largest: int) -> list[list[Item]]:
    """Batches of at most `largest` items of one key, in the order in which each key came first."""
    groups: dict[Hashable, list[Item]] = {}
    for key, item in items:
        groups.setdefault(key, []).append(item)
    return [batch for group in groups.values() for batch in _cut(group, largest)]


def _cut(group: Sequence[Item], largest: int) -> Iterable[list[Item]]:
    return (list(group[start : start + largest]) for start in range(0, len(group), largest))


def by_key(keys: Sequence[Hashable]) -> Mapping[Hashable, list[int]]:
    """Positions of equal keys."""
    positions: dict[Hashable, list[int]] = {}
    for position, key in enumerate(keys):
        positions.setdefault(key, []).append(position)
    return positions
