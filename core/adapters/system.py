"""The real clock and the real dice."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from core.domain import ids
from core.ports import Clock


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RandomIds:
    clock: Clock

    def new(self, prefix: str) -> str:
        return f"{prefix}_{ids.ulid(self.clock.now(), secrets.token_bytes(10))}"
