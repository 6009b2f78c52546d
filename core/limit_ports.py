"""What limits need of the world; the rules of `core.ports` hold here too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.domain.limits import Take
from core.domain.seats import Seat


@dataclass(frozen=True, slots=True)
class Taken:
    """`full_at_us`: of the bucket as it is now, whether or not the write was done; 0 when nobody has taken from it."""

    full_at_us: int
    done: bool


class BucketStore(Protocol):
    def take(self, name: str, take: Take) -> Taken:
        """One atomic write on condition, tried once: nobody should wait for a limit."""
        ...


class SeatStore(Protocol):
    """Seats are taken by `Commit`, with the session that sits there, and given up by it."""

    def taken(self, organization_id: str) -> list[Seat]:
        """Strongly consistent, by number."""
        ...

    def give_up(self, seat: Seat) -> None:
        """Unless another session sits there by now."""
        ...
