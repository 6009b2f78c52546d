"""Once a minute: deliveries whose next attempt is due, or got lost on its way into the queue, go into the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.deliveries import OVERDUE_AFTER, Delivery, handoff
from core.ports import DUE_SHARDS, Clock
from core.webhook_ports import DeliveryKey, DeliveryQueue, DeliveryStore

PER_QUERY = 100


@dataclass(slots=True)
class Requeued:
    deliveries: int = 0
    finished: bool = True


@dataclass(frozen=True, slots=True)
class DueDeliveries:
    """Reads what is due and nothing else. Two at once are harmless: whoever postpones a delivery hands it over."""

    deliveries: DeliveryStore
    queue: DeliveryQueue
    clock: Clock

    def run(self, until: datetime) -> Requeued:
        """As many as there are, and none begun after `until`. Runs begin at different shards, as the sessions' do."""
        requeued = Requeued()
        first = self.clock.now().minute
        for step in range(DUE_SHARDS):
            self._shard((first + step) % DUE_SHARDS, until, requeued)
        return requeued

    def _shard(self, shard: int, until: datetime, requeued: Requeued) -> None:
        """Postponed ones are behind the clock, so each query finds others."""
        while self.clock.now() < until:
            found = self.deliveries.due(shard, self.clock.now(), PER_QUERY)
            taken = [taken for key in found if (taken := self._take(key))]
            self.queue.send([handoff(delivery) for delivery in taken])
            requeued.deliveries += len(taken)
            if len(found) < PER_QUERY or not taken:
                return
        requeued.finished = False

    def _take(self, key: DeliveryKey) -> Delivery | None:
        now = self.clock.now()
        return self.deliveries.postpone(key, now, now + OVERDUE_AFTER)
