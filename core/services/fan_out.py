"""One event → a delivery for everybody who wants it, and the first attempt of each into the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.deliveries import Delivery, DeliveryStatus, Target, begun, begun_again, handoff, plan
from core.domain.events import Event
from core.domain.webhooks import targets_of
from core.ports import Clock
from core.webhook_ports import DeliveryQueue, DeliveryStore, EndpointStore


@dataclass(frozen=True, slots=True)
class FanOut:
    """The record before the message: what the queue never got, the sweep finds in the records."""

    endpoints: EndpointStore
    deliveries: DeliveryStore
    queue: DeliveryQueue
    clock: Clock

    def tell(self, event: Event) -> int:
        """To how many it goes. Told twice, it makes nothing new, and hands over again what was not attempted yet."""
        endpoints = () if event.webhook_url else self.endpoints.of_tenant(event.tenant)
        now = self.clock.now()
        return self.start([self._stored(begun(event, target, now)) for target in targets_of(event, endpoints)])

    def tell_again(
        self, event: Event, target: Target, *, only_failed: bool = False, asked_by: str | None = None
    ) -> Delivery:
        """From the beginning of the schedule, unless it is on its way; without a record of it, for the first time.

        `only_failed` leaves what arrived. It is stored, and handed over by `start`.
        """
        fresh = begun(event, target, self.clock.now(), asked_by)
        held = self.deliveries.find(event.tenant, fresh.id)
        if held is None:
            return self._stored(fresh)
        if only_failed and held.status is not DeliveryStatus.FAILED:
            return held
        return self.again(held, asked_by)

    def again(self, held: Delivery, asked_by: str | None = None) -> Delivery:
        """Stored as pending. Whoever was faster has stored it so already, or even attempted it."""
        now = self.clock.now()
        again = begun_again(held, now, asked_by)
        if again is held or self.deliveries.begin_again(again, plan(again, now).due_at):
            return again
        return self.deliveries.find(held.tenant, held.id) or again

    def start(self, deliveries: Sequence[Delivery]) -> int:
        """Hand over their first attempts; a later one comes at its own time, and not because somebody tells again."""
        self.queue.send([handoff(each) for each in deliveries if each.is_fresh])
        return len(deliveries)

    def _stored(self, fresh: Delivery) -> Delivery:
        """As it is, or as somebody else has made it."""
        if self.deliveries.begin(fresh, plan(fresh, fresh.created_at).due_at):
            return fresh
        return self.deliveries.find(fresh.tenant, fresh.id) or fresh
