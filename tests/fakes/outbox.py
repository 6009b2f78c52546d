"""The outbox in memory: what a commit put there, and what is known to be published of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from core.domain.events import Event
from core.errors import Unavailable
from core.ports import Kept


class MemoryOutbox:
    """`silent` cannot be told that anything is published."""

    def __init__(self) -> None:
        self.silent = False
        self._kept: dict[str, tuple[datetime, Kept]] = {}

    def put(self, key: str, event: Event | None, at: datetime) -> Kept:
        kept = Kept(key, event)
        self._kept[key] = (at, kept)
        return kept

    def published(self, keys: Sequence[str]) -> None:
        if self.silent:
            raise Unavailable("dependency_unavailable", "UpdateItem got no answer")
        for key in keys:
            self._kept.pop(key, None)

    def unpublished(self, before: datetime) -> Iterator[Kept]:
        yield from [kept for at, kept in self._kept.values() if at < before]

    @property
    def left(self) -> list[str]:
        return list(self._kept)
