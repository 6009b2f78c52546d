"""The implementations of the ports of webhooks, as `kinds` has those of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.adapters import clients
from core.adapters.dynamodb.deliveries import DynamoDeliveries
from core.adapters.dynamodb.endpoints import DynamoEndpoints
from core.adapters.dynamodb.health import DynamoHealth
from core.adapters.dynamodb.kept_events import DynamoEvents
from core.ports import IdempotencyStore, SessionRepository
from core.webhook_ports import DeliveryStore, EndpointStore, EventStore, HealthStore
from tests.contract.stores import kinds
from tests.contract.stores.tables import ACCESS, DELIVERIES, OUTBOX
from tests.fakes.clocks import FakeClock
from tests.fakes.stores import MemoryIdempotency, MemorySessions
from tests.fakes.webhook_stores import MemoryDeliveries, MemoryEndpoints, MemoryEvents, MemoryHealth

LONGEST = timedelta(seconds=45)


@dataclass(frozen=True)
class WebhookStores:
    clock: FakeClock
    endpoints: EndpointStore
    deliveries: DeliveryStore
    health: HealthStore
    events: EventStore
    idempotency: IdempotencyStore
    sessions: SessionRepository


def memory() -> WebhookStores:
    clock = FakeClock()
    sessions = MemorySessions(clock)
    return WebhookStores(
        clock,
        MemoryEndpoints(sessions),
        MemoryDeliveries(),
        MemoryHealth(LONGEST),
        MemoryEvents(sessions),
        MemoryIdempotency(sessions),
        sessions,
    )


def real() -> WebhookStores:
    stores, dynamo = kinds.real(), clients.dynamodb()
    return WebhookStores(
        stores.clock,
        DynamoEndpoints(dynamo, DELIVERIES, ACCESS, OUTBOX, stores.clock),
        DynamoDeliveries(dynamo, DELIVERIES, stores.clock),
        DynamoHealth(dynamo, DELIVERIES, LONGEST),
        DynamoEvents(dynamo, OUTBOX, ACCESS, stores.clock),
        stores.idempotency,
        stores.sessions,
    )
