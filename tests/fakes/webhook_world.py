"""Managing, fan-out, delivering and the sweep on fakes, and days of their life in a moment."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.adapters.system import RandomIds
from core.domain.deliveries import Delivery
from core.domain.events import EventType
from core.domain.webhooks import Endpoint
from core.services.delivering import Delivering, Done, Stores
from core.services.due_deliveries import DueDeliveries
from core.services.fan_out import FanOut
from core.services.webhook_deliveries import DeliveryService, Replaying
from core.services.webhook_endpoints import EndpointService
from core.services.webhook_targets import TargetCheck
from lambdas.runtime.webhook_wiring import Telling, Webhooks
from tests.fakes.clocks import FakeClock, SequenceIds
from tests.fakes.stores import MemoryIdempotency, MemorySessions
from tests.fakes.webhook_stores import MemoryDeliveries, MemoryEndpoints, MemoryEvents, MemoryHealth
from tests.fakes.webhooks import FakeCustomers, MemoryQueue

SIGNING_KEY = b"w" * 64
PUBLIC = "93.184.215.14"


class Names:
    """A Resolver: every name is public unless `leads_to` says otherwise; None never answers."""

    def __init__(self) -> None:
        self.leads_to: dict[str, list[str] | None] = {}

    def resolve(self, host: str, timeout_s: float) -> list[str]:
        found = self.leads_to.get(host, [host] if host[0].isdigit() or ":" in host else [PUBLIC])
        if found is None:
            raise TimeoutError
        return found


@dataclass
class WebhookWorld:
    clock: FakeClock = field(default_factory=FakeClock)
    duplicates: int = 0
    most_at_once: int = 10
    local: bool = False
    sessions: MemorySessions | None = None
    done: Counter[Done] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.happened = self.sessions or MemorySessions(self.clock)
        self.names = Names()
        self._told = 0
        self.endpoints = MemoryEndpoints(self.happened)
        self.deliveries = MemoryDeliveries()
        self.health = MemoryHealth()
        self.events = MemoryEvents(self.happened)
        self.queue = MemoryQueue(self.clock, self.duplicates)
        self.customers = FakeCustomers(self.clock)
        self.fan_out = FanOut(self.endpoints, self.deliveries, self.queue, self.clock)
        self.due = DueDeliveries(self.deliveries, self.queue, self.clock)
        self.delivering = Delivering(
            Stores(self.endpoints, self.deliveries, self.health, self.events),
            self.queue,
            self.customers,
            self.clock,
            SequenceIds(),
            random.Random(7).random,
            lambda: SIGNING_KEY,
            self.most_at_once,
            self.local,
        )
        ids = RandomIds(self.clock)
        idempotency = MemoryIdempotency(self.happened)
        managing = EndpointService(
            self.endpoints,
            self.health,
            self.events,
            idempotency,
            TargetCheck(self.names, self.local),
            lambda: SIGNING_KEY,
            self.clock,
            ids,
        )
        deliveries = DeliveryService(self.fan_out, self.events, managing.find, idempotency, self.clock, ids)
        self.services = Webhooks(managing, deliveries, managing.targets)
        self.telling = Telling(self.fan_out, Replaying(self.fan_out, self.events))

    def registered(self, endpoint: Endpoint) -> Endpoint:
        return self.endpoints.create(endpoint, 1000)

    def relay(self) -> None:
        """What has happened since, as the bus brings it to the fan-out; what that makes happen comes next."""
        while self._told < len(self.happened.events):
            event = self.happened.events[self._told]
            self._told += 1
            if event.type is EventType.WEBHOOK_REPLAY:
                self.telling.replays.page(event)
            elif not event.type.is_internal:
                self.telling.events.tell(event)

    def work(self) -> None:
        """Everything that may be done now."""
        while handed := self.queue.take():
            for each in handed:
                self.done[self.delivering.attempt(each)] += 1

    def pass_time(self, until: datetime | None = None) -> None:
        """Work, sweep once a minute when something is due, until nothing is left to do or the time has come."""
        self.work()
        while (at := self.next_at()) is not None and (until is None or at <= until):
            self.clock.at = max(at, self.clock.at)
            due_at = self.deliveries.next_due_at()
            if due_at is not None and due_at <= self.clock.at:
                self.due.run(self.clock.at + timedelta(seconds=40))
            self.work()
        self.clock.at = max(self.clock.at, until or self.clock.at)

    def use_deliveries(self, deliveries: MemoryDeliveries) -> None:
        """In place of its own, before anything has happened."""
        self.deliveries = deliveries
        self.fan_out = replace(self.fan_out, deliveries=deliveries)
        self.due = replace(self.due, deliveries=deliveries)
        self.delivering = replace(self.delivering, stores=replace(self.delivering.stores, deliveries=deliveries))

    def only(self) -> Delivery:
        (delivery,) = self.deliveries.all()
        return delivery

    def next_at(self) -> datetime | None:
        due_at = self.deliveries.next_due_at()
        swept_at = due_at and due_at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return min((at for at in (self.queue.next_at(), swept_at) if at), default=None)
