"""BucketStore in memory."""

from __future__ import annotations

import threading

from core.domain.limits import Take, taken_from
from core.errors import Unavailable
from core.limit_ports import Taken


class MemoryBuckets:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._full_at: dict[str, int] = {}
        self.writes = 0

    def take(self, name: str, take: Take) -> Taken:
        with self._lock:
            self.writes += 1
            held = self._full_at.get(name, 0)
            after = taken_from(take, held)
            if after is None:
                return Taken(held, done=False)
            self._full_at[name] = after
            return Taken(after, done=True)


class NoBuckets(MemoryBuckets):
    """A store that does not answer."""

    def take(self, name: str, take: Take) -> Taken:
        raise Unavailable("dependency_unavailable", "UpdateItem got no answer", retry_after_s=1)
