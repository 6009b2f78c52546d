"""The composition root of what has to do with webhooks, as `wiring` is of the rest."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from core.adapters import clients
from core.adapters.delivery_queue import SqsDeliveryQueue
from core.adapters.dynamodb.deliveries import DynamoDeliveries
from core.adapters.dynamodb.endpoints import DynamoEndpoints
from core.adapters.dynamodb.health import DynamoHealth
from core.adapters.dynamodb.kept_events import DynamoEvents
from core.adapters.outgoing.resolver import SystemResolver
from core.adapters.system import SystemClock
from core.ports import Clock, IdempotencyStore, Ids, Secrets
from core.services.delivering import CLAIM_LASTS
from core.services.due_deliveries import DueDeliveries
from core.services.fan_out import FanOut
from core.services.webhook_deliveries import DeliveryService, Replaying
from core.services.webhook_endpoints import EndpointService
from core.services.webhook_targets import TargetCheck
from lambdas.runtime import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SEND_TIMEOUT_S = 3.0
# The attempts of a batch run in threads, and each talks to the tables.
CONNECTIONS = 20


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The REST function's share."""

    endpoints: EndpointService
    deliveries: DeliveryService
    targets: TargetCheck


def webhooks(
    dynamo: DynamoDBClient,
    env: settings.RestSettings,
    clock: Clock,
    ids: Ids,
    idempotency: IdempotencyStore,
    keys: Secrets,
) -> Webhooks:
    targets = TargetCheck(SystemResolver(), env.local_targets)
    store = DynamoEndpoints(dynamo, env.deliveries_table, env.access_table, env.outbox_table, clock)
    events = DynamoEvents(dynamo, env.outbox_table, env.access_table, clock)
    endpoints = EndpointService(
        endpoints=store,
        health=DynamoHealth(dynamo, env.deliveries_table, CLAIM_LASTS),
        events=events,
        idempotency=idempotency,
        targets=targets,
        signing_key=partial(keys.read, env.webhook_key_secret_arn),
        clock=clock,
        ids=ids,
    )
    telling = FanOut(store, DynamoDeliveries(dynamo, env.deliveries_table, clock), handoffs(env), clock)
    return Webhooks(endpoints, DeliveryService(telling, events, endpoints.find, idempotency, clock, ids), targets)


@dataclass(frozen=True, slots=True)
class Telling:
    """What the fan-out function is made of."""

    events: FanOut
    replays: Replaying


@cache
def fan_out() -> Telling:
    env = settings.FanOutSettings.read(os.environ)
    clock = SystemClock()
    dynamo = clients.dynamodb(CONNECTIONS)
    # It only reads endpoints, and answers nobody, so idempotency records are not its business.
    endpoints = DynamoEndpoints(dynamo, env.deliveries_table, access="", outbox="", clock=clock)
    telling = FanOut(endpoints, DynamoDeliveries(dynamo, env.deliveries_table, clock), handoffs(env), clock)
    return Telling(telling, Replaying(telling, DynamoEvents(dynamo, env.outbox_table, access="", clock=clock)))


@cache
def due_deliveries() -> DueDeliveries:
    env = settings.SweepSettings.read(os.environ)
    clock = SystemClock()
    return DueDeliveries(DynamoDeliveries(clients.dynamodb(), env.deliveries_table, clock), handoffs(env), clock)


def handoffs(env: settings.Handoffs) -> SqsDeliveryQueue:
    return SqsDeliveryQueue(clients.sqs(_SEND_TIMEOUT_S), env.handoffs_queue_url)
