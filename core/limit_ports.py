"""What limits need of the world; the rules of `core.ports` hold here too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.domain.limits import Take


@dataclass(frozen=True, slots=True)
class Taken:
    """`full_at_us`: of the bucket as it is now, whether or not the write was done; 0 when nobody has taken from it."""

    full_at_us: int
    done: bool


class BucketStore(Protocol):
    def take(self, name: str, take: Take) -> Taken:
        """One atomic write on condition, tried once: nobody should wait for a limit."""
        ...
