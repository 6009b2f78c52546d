"""The composition root of every function: settings → adapters → services, once per container, on first use."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial

from core.adapters import clients
from core.adapters.dynamodb.access import DynamoAccess, DynamoIdempotency, DynamoWorkers
from core.adapters.dynamodb.sessions import DynamoSessions
from core.adapters.dynamodb.transactions import Tables
from core.adapters.secrets import CachedSecrets
from core.adapters.sqs import SqsInbox
from core.adapters.system import RandomIds, SystemClock
from core.domain.engines import ENGINE_SETS, EngineSet
from core.domain.sessions import Timeouts
from core.ports import Clock, Ids
from core.services.access import AccessService
from core.services.changes import Changes
from core.services.routing import RoutingService
from core.services.sessions import SessionService, StreamAddress
from core.services.transcripts import TranscriptService
from lambdas.runtime import settings


@dataclass(frozen=True, slots=True)
class Rest:
    """What the REST function is made of."""

    sessions: SessionService
    transcripts: TranscriptService
    routing: RoutingService
    engines: EngineSet
    ids: Ids
    clock: Clock


@cache
def rest() -> Rest:
    env = settings.RestSettings.read(os.environ)
    clock = SystemClock()
    dynamo = clients.dynamodb()
    changes = _changes(env, clock)
    secrets = CachedSecrets(clients.secrets_manager())
    return Rest(
        sessions=SessionService(
            changes=changes,
            idempotency=DynamoIdempotency(dynamo, env.access_table, clock),
            workers=DynamoWorkers(dynamo, env.access_table),
            inbox=SqsInbox(clients.sqs(), env.inbox_prefix),
            address=StreamAddress(env.stream_base_url, partial(secrets.read, env.stream_token_secret_arn)),
            wait=time.sleep,
        ),
        transcripts=TranscriptService(changes.sessions, clock),
        routing=RoutingService(DynamoAccess(dynamo, env.access_table)),
        engines=ENGINE_SETS[env.engines],
        ids=changes.ids,
        clock=clock,
    )


@cache
def authorizer() -> AccessService:
    env = settings.AuthorizerSettings.read(os.environ)
    return _access(env.access_table, env.api_key_pepper_secret_arn)


def _access(table: str, pepper_arn: str) -> AccessService:
    secrets = CachedSecrets(clients.secrets_manager())
    return AccessService(DynamoAccess(clients.dynamodb(), table), partial(secrets.read, pepper_arn), SystemClock())


def _changes(env: settings.Sessions, clock: Clock) -> Changes:
    tables = Tables(env.sessions_table, env.access_table, env.outbox_table)
    timeouts = Timeouts(idle=timedelta(seconds=env.idle_timeout_s), reconnect=timedelta(seconds=env.reconnect_window_s))
    return Changes(DynamoSessions(clients.dynamodb(), tables, clock), clock, RandomIds(clock), timeouts)
