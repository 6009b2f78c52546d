"""Which pieces of work go to an engine together. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def by_key(keys: Sequence[Key]) -> dict[Key, list[int]]:
    """Positions of equal keys, in the order in which each came first."""
    positions: dict[Key, list[int]] = {}
    for position, key in enumerate(keys):
        positions.setdefault(key, []).append(position)
    return positions


def batches(keys: Sequence[Hashable], largest: int) -> list[list[int]]:
    """The positions of equal keys, at most `largest` together."""
    return [
        group[start : start + largest] for group in by_key(keys).values() for start in range(0, len(group), largest)
    ]
