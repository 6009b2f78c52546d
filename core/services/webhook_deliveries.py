"""What became of a tenant's events: look at deliveries, send one again, tell an event or a stretch of time again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain import ids
from core.domain.access import Tenant
from core.domain.deliveries import Delivery, Target
from core.domain.events import Event, EventType
from core.domain.paging import Page, Paged, cut
from core.domain.replays import LONGEST_AGO, MOST_EVENTS, PAGE, Replay, next_page, page_event, replay_of
from core.domain.webhook_views import delivery_object, event_object, replay_object
from core.domain.webhooks import EVERYTHING, Endpoint, targets_of
from core.errors import Conflict, IdempotencyKeyTaken, NotFound, WriteConflict, invalid_field
from core.ports import Clock, IdempotencyStore, Ids
from core.services.fan_out import FanOut
from core.services.idempotency import Answer, RequestKey, first_answer, record_of, running
from core.webhook_ports import EventStore


@dataclass(frozen=True, slots=True)
class Stretch:
    """`until` None: now. `types` None: all that the endpoint asks for."""

    since: datetime
    until: datetime | None = None
    types: tuple[str, ...] | None = None
    only_failed: bool = False


@dataclass(frozen=True, slots=True)
class Replaying:
    """One page of a replay, and the next one after it."""

    fan_out: FanOut
    events: EventStore

    def page(self, told: Event) -> int:
        """How many were told again. An endpoint that is gone, or was disabled meanwhile, ends the replay."""
        replay, first = replay_of(told)
        endpoint = self.fan_out.endpoints.find(replay.tenant, replay.endpoint_id)
        if endpoint is None or not endpoint.enabled:
            return 0
        events = self.events.between(replay.tenant, first, replay.last_id, PAGE)
        again = [self._again(replay, event, endpoint) for event in events if _is_wanted(replay, event, endpoint)]
        self.fan_out.start(again)
        if following := next_page(events):
            # By the time of the first page, so that the same page makes the same next one.
            self.events.add(page_event(replay, following, told.created_at))
        return len(again)

    def _again(self, replay: Replay, event: Event, endpoint: Endpoint) -> Delivery:
        target = Target(endpoint.id)
        return self.fan_out.tell_again(event, target, only_failed=replay.only_failed, asked_by=replay.id)


@dataclass(frozen=True, slots=True)
class DeliveryService:
    """`endpoint` finds one of the tenant's, or raises NotFound."""

    fan_out: FanOut
    events: EventStore
    endpoint: Callable[[Tenant, str], Endpoint]
    idempotency: IdempotencyStore
    clock: Clock
    ids: Ids

    def page(self, tenant: Tenant, endpoint_id: str, page: Page) -> Paged[dict[str, Any]]:
        """Newest first. Raises NotFound for an endpoint, or a cursor, that is not the tenant's."""
        endpoint = self.endpoint(tenant, endpoint_id)
        if page.cursor is not None:
            self._find(tenant, page.cursor, page.cursor_name)
        found = self.fan_out.deliveries.of_target(tenant, endpoint.id, page)
        return cut([delivery_object(delivery) for delivery in found], page)

    def get(self, tenant: Tenant, delivery_id: str) -> dict[str, Any]:
        return delivery_object(self._find(tenant, delivery_id))

    def retry(self, tenant: Tenant, delivery_id: str, request: RequestKey | None = None) -> Answer:
        """The whole schedule anew, from now; what is on its way stays as it is.

        Raises NotFound, or Conflict when there is nobody to send it to, or nothing to send any more.
        """
        held = self._find(tenant, delivery_id)
        if first_answer(self.idempotency, tenant, request):
            return Answer(202, delivery_object(held), replayed=True)
        if held.target.url is None:
            self._check_enabled(self.endpoint(tenant, held.target.id))
        if self.events.find(tenant, held.event_id) is None:
            raise Conflict("event_expired", "the event is kept no longer")
        again = self.fan_out.again(held, _asked_by(request))
        self.fan_out.start([again])
        self._remember(tenant, request, 202)
        return Answer(202, delivery_object(again))

    def event(self, tenant: Tenant, event_id: str) -> dict[str, Any]:
        return event_object(self._event(tenant, event_id))

    def replay(self, tenant: Tenant, event_id: str, request: RequestKey | None = None) -> Answer:
        """To all who want it now, those who got it already among them. The deliveries are a list of one page."""
        event = self._event(tenant, event_id)
        replayed = first_answer(self.idempotency, tenant, request) is not None
        targets = targets_of(event, self.fan_out.endpoints.of_tenant(tenant))
        again = [self.fan_out.tell_again(event, target, asked_by=_asked_by(request)) for target in targets]
        self.fan_out.start(again)
        if not replayed:
            self._remember(tenant, request, 202)
        shown = [delivery_object(delivery) for delivery in again]
        body = {"object": "list", "data": shown, "has_more": False, "url": f"/v1/events/{event_id}/replay"}
        return Answer(202, body, replayed)

    def replay_stretch(
        self, tenant: Tenant, endpoint_id: str, stretch: Stretch, request: RequestKey | None = None
    ) -> Answer:
        """Begin to tell all of it again, page by page. Raises NotFound, Conflict or ValidationFailed."""
        endpoint = self.endpoint(tenant, endpoint_id)
        if record := first_answer(self.idempotency, tenant, request):
            return Answer(record.status, record.body, replayed=True)
        self._check_enabled(endpoint)
        now = self.clock.now()
        replay = self._checked(tenant, endpoint_id, stretch, now)
        shown = replay_object(replay, self._counted(replay))
        record = record_of(self.clock, tenant, request, 202, shown)
        try:
            self.events.add(page_event(replay, replay.first_id, now), record)
        except (IdempotencyKeyTaken, WriteConflict):
            taken = first_answer(self.idempotency, tenant, request)
            if taken is None:
                raise running() from None
            return Answer(taken.status, taken.body, replayed=True)
        return Answer(202, shown)

    def _checked(self, tenant: Tenant, endpoint_id: str, stretch: Stretch, now: datetime) -> Replay:
        until = min(stretch.until or now, now)
        if stretch.since < now - LONGEST_AGO:
            raise invalid_field(
                "from", f"must not be longer ago than {LONGEST_AGO.days} days, as long as events are kept"
            )
        if stretch.since >= until:
            raise invalid_field("from", "must be before to, and not in the future")
        types = stretch.types or (EVERYTHING,)
        return Replay(self.ids.new(ids.REPLAY), tenant, endpoint_id, stretch.since, until, types, stretch.only_failed)

    def _counted(self, replay: Replay) -> int:
        count = self.events.count_between(replay.tenant, replay.first_id, replay.last_id, MOST_EVENTS + 1)
        if count > MOST_EVENTS:
            raise invalid_field("from", f"more than {MOST_EVENTS} events happened since; replay them in parts")
        return count

    def _event(self, tenant: Tenant, event_id: str) -> Event:
        event = self.events.find(tenant, event_id) if ids.is_one(event_id, ids.EVENT) else None
        if event is None or event.type.is_internal:
            raise NotFound("event_not_found", "no such event, or it is kept no longer")
        return event

    def _find(self, tenant: Tenant, delivery_id: str, param: str | None = None) -> Delivery:
        known = ids.is_one(delivery_id, ids.DELIVERY)
        delivery = self.fan_out.deliveries.find(tenant, delivery_id) if known else None
        if delivery is None:
            raise NotFound("webhook_delivery_not_found", "no such webhook delivery", param=param)
        return delivery

    def _check_enabled(self, endpoint: Endpoint) -> None:
        if not endpoint.enabled:
            raise Conflict("webhook_endpoint_disabled", "the webhook endpoint is disabled; enable it first")

    def _remember(self, tenant: Tenant, request: RequestKey | None, status: int) -> None:
        """After the effect: a repeat before this finds in each delivery who asked for it."""
        if record := record_of(self.clock, tenant, request, status, {}):
            try:
                self.idempotency.put(record)
            except IdempotencyKeyTaken:
                return


def _is_wanted(replay: Replay, event: Event, endpoint: Endpoint) -> bool:
    """What went to a session's own URL, or was a test, was nothing for this endpoint."""
    of_endpoints = event.webhook_url is None and event.type is not EventType.WEBHOOK_TEST
    return of_endpoints and endpoint.wants(event.type) and replay.wants(event.type)


def _asked_by(request: RequestKey | None) -> str | None:
    """A digest: the key itself may be anything, and the record is shown to nobody but read by many."""
    if request is None:
        return None
    return hashlib.sha256(f"{request.route}|{request.request_hash}|{request.key}".encode()).hexdigest()
