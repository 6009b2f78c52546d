"""Time and identifiers that a test decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 26, 11, 0, 0, tzinfo=UTC)


class FakeClock:
    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class SequenceIds:
    """`sess_0001`, `sess_0002`, … per prefix."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def new(self, prefix: str) -> str:
        self._counts[prefix] = self._counts.get(prefix, 0) + 1
        return f"{prefix}_{self._counts[prefix]:04d}"
