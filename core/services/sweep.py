"""Once a minute over what is due: idle, abandoned and stuck sessions, as far as one run's time goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.access import Tenant
from core.errors import KallglotError
from core.ports import DUE_SHARDS, Clock, SessionRepository

PER_SHARD = 50


@dataclass(slots=True)
class Swept:
    """`failed` are the ids left for the next run; `fault` is the first reason that no time will mend."""

    expired: int = 0
    failed: list[str] = field(default_factory=list)
    finished: bool = True
    fault: Exception | None = None


@dataclass(frozen=True, slots=True)
class Sweep:
    """`expire` is `SessionService.expire`. Two sweeps at once are harmless: each change is conditional."""

    sessions: SessionRepository
    expire: Callable[[Tenant, str], bool]
    clock: Clock

    def run(self, until: datetime) -> Swept:
        """At most PER_SHARD sessions a shard, and none begun after `until`.

        Runs begin at different shards, so that a long one starves none for good.
        """
        swept = Swept()
        first = self.clock.now().minute
        for step in range(DUE_SHARDS):
            self._shard((first + step) % DUE_SHARDS, until, swept)
        return swept

    def _shard(self, shard: int, until: datetime, swept: Swept) -> None:
        if self.clock.now() >= until:
            swept.finished = False
            return
        for tenant, session_id in self.sessions.due(shard, self.clock.now(), PER_SHARD):
            if self.clock.now() >= until:
                swept.finished = False
                return
            self._expire(tenant, session_id, swept)

    def _expire(self, tenant: Tenant, session_id: str, swept: Swept) -> None:
        try:
            swept.expired += self.expire(tenant, session_id)
        except KallglotError:
            swept.failed.append(session_id)
        except Exception as error:
            # It comes first in its shard every time: it must not stand in the way of those behind it.
            swept.failed.append(session_id)
            swept.fault = swept.fault or error
