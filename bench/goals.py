"""What a figure should be, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio or a figure, and where it should be; `at_most` or `at_least`."""

    name: str
    found: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_met(self) -> bool:
        return (self.at_most is None or self.found <= self.at_most) and (
            self.at_least is None or self.found >= self.at_least
        )

    @property
    def line(self) -> str:
        wanted = f"≤ {self.at_most:g}" if self.at_most is not None else f"≥ {self.at_least:g}"
        return f"  {'met   ' if self.is_met else 'MISSED'}  {self.name}: {self.found:.3g} (goal {wanted})"
