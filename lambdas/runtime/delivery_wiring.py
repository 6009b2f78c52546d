"""The composition root of the function that calls customers' URLs, and alone carries an HTTP client."""

from __future__ import annotations

import os
import secrets
from functools import cache, partial

from core.adapters import clients
from core.adapters.dynamodb.deliveries import DynamoDeliveries
from core.adapters.dynamodb.endpoints import DynamoEndpoints
from core.adapters.dynamodb.health import DynamoHealth
from core.adapters.dynamodb.kept_events import DynamoEvents
from core.adapters.outgoing.caller import HttpCaller
from core.adapters.outgoing.resolver import SystemResolver
from core.adapters.secrets import CachedSecrets
from core.adapters.system import RandomIds, SystemClock
from core.services.delivering import CLAIM_LASTS, Delivering, Stores
from lambdas.runtime import settings
from lambdas.runtime.webhook_wiring import CONNECTIONS, handoffs


@cache
def delivering() -> Delivering:
    env = settings.DeliverSettings.read(os.environ)
    clock = SystemClock()
    dynamo = clients.dynamodb(CONNECTIONS)
    stores = Stores(
        endpoints=DynamoEndpoints(dynamo, env.deliveries_table, access="", outbox=env.outbox_table, clock=clock),
        deliveries=DynamoDeliveries(dynamo, env.deliveries_table, clock),
        health=DynamoHealth(dynamo, env.deliveries_table, CLAIM_LASTS),
        events=DynamoEvents(dynamo, env.outbox_table, access="", clock=clock),
    )
    return Delivering(
        stores=stores,
        queue=handoffs(env),
        caller=HttpCaller(SystemResolver(), total_s=env.webhook_timeout_s),
        clock=clock,
        ids=RandomIds(clock),
        dice=secrets.SystemRandom().random,
        signing_key=partial(CachedSecrets(clients.secrets_manager()).read, env.webhook_key_secret_arn),
        most_at_once=env.webhook_places,
        local=env.local_targets,
    )
