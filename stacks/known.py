"""A finding of a rule pack that stays."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """`where` is a construct path below the deployment, with `*` for anything; a whole stack is its name."""

    where: str
    finding: str
    reason: str

    def __str__(self) -> str:
        return f"{self.finding} at {self.where}"
