"""What the services of webhooks need of the world; the rules of `core.ports` hold here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from core.domain.access import Tenant
from core.domain.attempts import Result
from core.domain.breakers import Health
from core.domain.deliveries import Delivery, Handoff
from core.domain.events import Event
from core.domain.paging import Page
from core.domain.webhooks import Endpoint, Signing
from core.ports import IdempotencyRecord


class NoRoom(Exception):
    """The tenant has as many endpoints as it may have."""


class Resolver(Protocol):
    def resolve(self, host: str, timeout_s: float) -> list[str]:
        """Every address of a name, or of an address written out; none when there is none. Raises TimeoutError."""
        ...


class WebhookCaller(Protocol):
    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, local: bool) -> Result:
        """Ask once. `local` lets it go to loopback. Never raises for what the other side does."""
        ...


class EndpointStore(Protocol):
    def create(self, endpoint: Endpoint, most: int, idempotency: IdempotencyRecord | None = None) -> Endpoint:
        """Raises NoRoom or IdempotencyKeyTaken; then nothing was written."""
        ...

    def find(self, tenant: Tenant, endpoint_id: str) -> Endpoint | None:
        """Strongly consistent."""
        ...

    def of_tenant(self, tenant: Tenant) -> list[Endpoint]:
        """Oldest first; strongly consistent."""
        ...

    def replace(
        self, endpoint: Endpoint, told: Event | None = None, idempotency: IdempotencyRecord | None = None
    ) -> Endpoint:
        """Over the version that it was made from, with the event that tells of it.

        Raises WriteConflict or IdempotencyKeyTaken; then nothing was written.
        """
        ...

    def remove(self, tenant: Tenant, endpoint_id: str) -> bool:
        """False when it is not there."""
        ...

    def session_signing(self, tenant: Tenant) -> Signing:
        """Of what goes to sessions' own URLs; strongly consistent."""
        ...

    def rotate_session_signing(
        self, tenant: Tenant, signing: Signing, idempotency: IdempotencyRecord | None = None
    ) -> None:
        """To the generation after the stored one. Raises WriteConflict or IdempotencyKeyTaken."""
        ...


class Entry(Enum):
    """Whether a request may be made to a target now."""

    ENTERED = auto()
    OPEN = auto()
    FULL = auto()


class HealthStore(Protocol):
    """What a target is doing, counted by everybody who asks it. A request that never left is forgotten in a while."""

    def enter(self, tenant: Tenant, target_id: str, now: datetime, most: int, *, forced: bool) -> Entry:
        """Take one of `most` places, or one alone when its breaker was open; `forced` passes an open breaker."""
        ...

    def leave(self, tenant: Tenant, target_id: str, now: datetime, succeeded: bool | None) -> Health:
        """Give the place back; `succeeded` is None when nobody was asked."""
        ...

    def open(self, tenant: Tenant, target_id: str, failures: int, until: datetime) -> None:
        """Unless it has had fewer failures in a row since."""
        ...

    def forget(self, tenant: Tenant, target_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    tenant: Tenant
    delivery_id: str
    target_id: str


class DeliveryStore(Protocol):
    def begin(self, delivery: Delivery, due_at: datetime | None) -> bool:
        """False when there is one for this event and target already."""
        ...

    def begin_again(self, delivery: Delivery, due_at: datetime | None) -> bool:
        """False when it is on its way already, or has made an attempt since it was read."""
        ...

    def claim(self, handed: Handoff, token: str, now: datetime, until: datetime) -> Delivery | None:
        """The delivery, for whoever makes this attempt; None when it was made, is being made, or is not to be made."""
        ...

    def finish(self, delivery: Delivery, token: str, due_at: datetime | None) -> bool:
        """Store it after the attempt; False when the claim was lost to somebody else."""
        ...

    def find(self, tenant: Tenant, delivery_id: str) -> Delivery | None:
        """Strongly consistent."""
        ...

    def of_target(self, tenant: Tenant, target_id: str, page: Page) -> list[Delivery]:
        """In the direction of the page, one more than its limit where there is one more; a moment behind."""
        ...

    def due(self, shard: int, now: datetime, limit: int) -> list[DeliveryKey]:
        """Those of a shard (0 to DUE_SHARDS - 1) that somebody must look after, longest overdue first."""
        ...

    def postpone(self, key: DeliveryKey, now: datetime, due_at: datetime) -> Delivery | None:
        """Take it off the due ones until then; None when somebody else has, or it has ended."""
        ...


class DeliveryQueue(Protocol):
    def send(self, handoffs: Sequence[Handoff], delay_s: int = 0) -> None:
        """Raises Unavailable when not every one was taken."""
        ...


class EventStore(Protocol):
    """What has happened, for as long as it is kept."""

    def find(self, tenant: Tenant, event_id: str) -> Event | None:
        """Strongly consistent."""
        ...

    def add(self, event: Event, idempotency: IdempotencyRecord | None = None) -> bool:
        """Tell of something that changes nothing else; False when it was told already. Raises IdempotencyKeyTaken."""
        ...

    def between(self, tenant: Tenant, first: str, last: str, limit: int) -> list[Event]:
        """Those whose ids lie between the two, both included, oldest first. A moment behind."""
        ...

    def count_between(self, tenant: Tenant, first: str, last: str, most: int) -> int:
        """How many there are, as far as `most`."""
        ...
