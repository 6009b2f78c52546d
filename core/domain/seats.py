"""The seats of an organization that may run only so many sessions at once.

A session takes a seat in the write that creates it and gives it up in the write that closes it. A seat names the
session that holds it, so nothing is counted that could be counted wrong: whoever has ended, or never was, is seen.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.domain.access import Tenant


@dataclass(frozen=True, slots=True)
class Seat:
    """`number`: below the limit, as it was when the seat was taken. Live and test sessions share the seats."""

    number: int
    tenant: Tenant
    session_id: str


def free_numbers(taken: Collection[Seat], most: int) -> list[int]:
    """None when as many sit as may, also where the limit is lower now than the numbers they sit on."""
    if len(taken) >= most:
        return []
    held = {seat.number for seat in taken}
    return [number for number in range(most) if number not in held]
