"""Whether a key may go on, by its bucket for this group of routes: one write, or none for a bucket known to be empty.

The write is a guess on what this process saw last. When another process has taken from the bucket since, a guess may
fail; it brings back how the bucket stands, and the next one is right. Mostly one, at most three; never a read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from core.domain.limits import RateLimit, RouteGroup, Standing, next_take, standing
from core.errors import Unavailable
from core.limit_ports import BucketStore
from core.ports import Clock

_TRIES = 3
# Beyond that all is forgotten: a wrong guess costs a second write.
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class RateLimiter:
    buckets: BucketStore
    clock: Clock
    _seen: dict[str, int] = field(default_factory=dict, repr=False)

    def ask(self, key_id: str, group: RouteGroup, limit: RateLimit) -> Standing | None:
        """None when the store does not answer, and the request goes on: a limit protects the service, and a service
        that refuses everybody because it cannot count them is not protected."""
        name = f"{key_id}#{group}"
        try:
            return self._ask(name, limit)
        except Unavailable:
            return None

    def _ask(self, name: str, limit: RateLimit) -> Standing:
        now_us = int(self.clock.now().timestamp() * 1_000_000)
        full_at_us = self._seen.get(name, 0)
        for _ in range(_TRIES):
            take = next_take(limit, now_us, full_at_us)
            if take is None:
                break
            taken = self.buckets.take(name, take)
            full_at_us = taken.full_at_us
            if taken.done:
                self._remember(name, full_at_us)
                return standing(limit, now_us, full_at_us, admitted=True)
        self._remember(name, full_at_us)
        return standing(limit, now_us, full_at_us, admitted=False)

    def _remember(self, name: str, full_at_us: int) -> None:
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen[name] = full_at_us
