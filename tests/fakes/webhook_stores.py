"""The stores of webhooks in memory, with the same atomicity as the real ones."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.domain.access import Tenant
from core.domain.breakers import Health
from core.domain.deliveries import Delivery, DeliveryStatus, Handoff
from core.domain.events import Event
from core.domain.paging import Page
from core.domain.webhooks import Endpoint, Signing
from core.errors import WriteConflict
from core.ports import DUE_SHARDS, IdempotencyRecord
from core.webhook_ports import DeliveryKey, Entry, NoRoom
from tests.fakes.stores import MemorySessions


class MemoryEndpoints:
    """Idempotency records and events lie with the sessions', as they do in the real tables."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._sessions = sessions
        self._endpoints: dict[tuple[Tenant, str], Endpoint] = {}
        self._signing: dict[Tenant, Signing] = {}

    def create(self, endpoint: Endpoint, most: int, idempotency: IdempotencyRecord | None = None) -> Endpoint:
        with self._sessions._lock:
            if len(self._of(endpoint.tenant)) >= most:
                raise NoRoom
            if (endpoint.tenant, endpoint.id) in self._endpoints:
                raise WriteConflict(endpoint.id)
            self._remember(idempotency)
            return self._store(replace(endpoint, version=1))

    def find(self, tenant: Tenant, endpoint_id: str) -> Endpoint | None:
        return self._endpoints.get((tenant, endpoint_id))

    def of_tenant(self, tenant: Tenant) -> list[Endpoint]:
        return sorted(self._of(tenant), key=lambda endpoint: endpoint.id)

    def replace(
        self, endpoint: Endpoint, told: Event | None = None, idempotency: IdempotencyRecord | None = None
    ) -> Endpoint:
        with self._sessions._lock:
            held = self._endpoints.get((endpoint.tenant, endpoint.id))
            if held is None or held.version != endpoint.version:
                raise WriteConflict(endpoint.id)
            self._remember(idempotency)
            self._sessions.events.extend([told] if told else [])
            return self._store(replace(endpoint, version=endpoint.version + 1))

    def remove(self, tenant: Tenant, endpoint_id: str) -> bool:
        with self._sessions._lock:
            return self._endpoints.pop((tenant, endpoint_id), None) is not None

    def session_signing(self, tenant: Tenant) -> Signing:
        return self._signing.get(tenant, Signing())

    def rotate_session_signing(
        self, tenant: Tenant, signing: Signing, idempotency: IdempotencyRecord | None = None
    ) -> None:
        with self._sessions._lock:
            if self.session_signing(tenant).generation != signing.generation - 1:
                raise WriteConflict("session_urls")
            self._remember(idempotency)
            self._signing[tenant] = signing

    def _of(self, tenant: Tenant) -> list[Endpoint]:
        return [endpoint for (owner, _), endpoint in self._endpoints.items() if owner == tenant]

    def _store(self, endpoint: Endpoint) -> Endpoint:
        self._endpoints[endpoint.tenant, endpoint.id] = endpoint
        return endpoint

    def _remember(self, idempotency: IdempotencyRecord | None) -> None:
        if idempotency is not None:
            self._sessions._put_record(idempotency)


@dataclass
class _Target:
    in_flight: int = 0
    busy_until: datetime | None = None
    health: Health = field(default_factory=Health)


class MemoryHealth:
    def __init__(self, longest: timedelta = timedelta(seconds=45)) -> None:
        self._longest = longest
        self._lock = threading.Lock()
        self._targets: dict[tuple[Tenant, str], _Target] = {}

    def enter(self, tenant: Tenant, target_id: str, now: datetime, most: int, *, forced: bool) -> Entry:
        with self._lock:
            target = self._targets.setdefault((tenant, target_id), _Target())
            open_until = target.health.open_until
            if not forced and open_until is not None and now < open_until:
                return Entry.OPEN
            room = most if forced or open_until is None else 1
            if target.in_flight >= room:
                if target.busy_until is not None and now < target.busy_until:
                    return Entry.FULL
                target.in_flight = 0
            target.in_flight += 1
            target.busy_until = now + self._longest
            return Entry.ENTERED

    def leave(self, tenant: Tenant, target_id: str, now: datetime, succeeded: bool | None) -> Health:
        with self._lock:
            target = self._targets.setdefault((tenant, target_id), _Target())
            target.in_flight = max(0, target.in_flight - 1)
            if succeeded:
                target.health = Health()
            elif succeeded is not None:
                held = target.health
                target.health = replace(held, failures=held.failures + 1, failing_since=held.failing_since or now)
            return target.health

    def open(self, tenant: Tenant, target_id: str, failures: int, until: datetime) -> None:
        with self._lock:
            target = self._targets[tenant, target_id]
            if target.health.failures >= failures:
                target.health = replace(target.health, open_until=until)

    def forget(self, tenant: Tenant, target_id: str) -> None:
        self._targets.pop((tenant, target_id), None)


@dataclass(frozen=True)
class _Held:
    delivery: Delivery
    due_at: datetime | None
    claim: str | None = None
    claimed_until: datetime | None = None


class MemoryDeliveries:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.held: dict[tuple[Tenant, str], _Held] = {}
        self._due: dict[tuple[Tenant, str], datetime] = {}

    def all(self) -> list[Delivery]:
        return [held.delivery for held in self.held.values()]

    def begin(self, delivery: Delivery, due_at: datetime | None) -> bool:
        with self._lock:
            return self._put(delivery, due_at, self._get(delivery) is None)

    def begin_again(self, delivery: Delivery, due_at: datetime | None) -> bool:
        with self._lock:
            held = self._get(delivery)
            fits = (
                held is not None
                and held.delivery.status is not DeliveryStatus.PENDING
                and held.delivery.attempts == delivery.attempts
            )
            return self._put(delivery, due_at, fits)

    def claim(self, handed: Handoff, token: str, now: datetime, until: datetime) -> Delivery | None:
        with self._lock:
            held = self.held.get((handed.tenant, handed.delivery_id))
            if held is None or held.delivery.status is not DeliveryStatus.PENDING:
                return None
            if held.delivery.attempts != handed.attempt - 1:
                return None
            if held.claimed_until is not None and held.claimed_until >= now:
                return None
            self.held[handed.tenant, handed.delivery_id] = replace(held, claim=token, claimed_until=until)
            return held.delivery

    def finish(self, delivery: Delivery, token: str, due_at: datetime | None) -> bool:
        with self._lock:
            held = self._get(delivery)
            return self._put(delivery, due_at, held is not None and held.claim == token)

    def find(self, tenant: Tenant, delivery_id: str) -> Delivery | None:
        held = self.held.get((tenant, delivery_id))
        return held.delivery if held else None

    def of_target(self, tenant: Tenant, target_id: str, page: Page) -> list[Delivery]:
        mine = [
            held.delivery
            for (owner, _), held in self.held.items()
            if owner == tenant and held.delivery.target.id == target_id
        ]
        mine.sort(key=lambda delivery: delivery.id, reverse=not page.is_backwards)
        if page.ending_before:
            mine = [delivery for delivery in mine if delivery.id > page.ending_before]
        elif page.starting_after:
            mine = [delivery for delivery in mine if delivery.id < page.starting_after]
        return mine[: page.limit + 1]

    def due(self, shard: int, now: datetime, limit: int) -> list[DeliveryKey]:
        found = sorted(
            ((at, key) for key, at in self._due.items() if at <= now and sum(key[1].encode()) % DUE_SHARDS == shard),
            key=lambda pair: pair[0],
        )[:limit]
        return [DeliveryKey(*key, self.held[key].delivery.target.id) for _, key in found]

    def next_due_at(self) -> datetime | None:
        return min(self._due.values(), default=None)

    def postpone(self, key: DeliveryKey, now: datetime, due_at: datetime) -> Delivery | None:
        with self._lock:
            held = self.held.get((key.tenant, key.delivery_id))
            if held is None or held.due_at is None or held.due_at > now:
                return None
            if held.delivery.status is not DeliveryStatus.PENDING:
                return None
            self.held[key.tenant, key.delivery_id] = replace(held, due_at=due_at)
            self._due[key.tenant, key.delivery_id] = due_at
            return held.delivery

    def _get(self, delivery: Delivery) -> _Held | None:
        return self.held.get((delivery.tenant, delivery.id))

    def _put(self, delivery: Delivery, due_at: datetime | None, fits: bool) -> bool:
        if fits:
            self.held[delivery.tenant, delivery.id] = _Held(delivery, due_at)
            self._due.pop((delivery.tenant, delivery.id), None)
            if due_at is not None:
                self._due[delivery.tenant, delivery.id] = due_at
        return fits


class MemoryEvents:
    """The EventStore side of `MemorySessions`."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._sessions = sessions

    def find(self, tenant: Tenant, event_id: str) -> Event | None:
        found = next((event for event in self._sessions.events if event.id == event_id), None)
        return found if found is not None and self._is_kept(found, tenant) else None

    def add(self, event: Event, idempotency: IdempotencyRecord | None = None) -> bool:
        with self._sessions._lock:
            if any(told.id == event.id for told in self._sessions.events):
                return False
            if idempotency is not None:
                self._sessions._put_record(idempotency)
            self._sessions.events.append(event)
            return True

    def between(self, tenant: Tenant, first: str, last: str, limit: int) -> list[Event]:
        public = [event for event in self._kept(tenant) if not event.type.is_internal]
        return sorted((event for event in public if first <= event.id <= last), key=lambda event: event.id)[:limit]

    def count_between(self, tenant: Tenant, first: str, last: str, most: int) -> int:
        return len(self.between(tenant, first, last, most))

    def _kept(self, tenant: Tenant) -> list[Event]:
        return [event for event in self._sessions.events if self._is_kept(event, tenant)]

    def _is_kept(self, event: Event, tenant: Tenant) -> bool:
        return event.tenant == tenant and event.created_at > self._sessions._clock.now() - timedelta(days=7)
