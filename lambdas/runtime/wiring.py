"""The composition root of every function: settings → adapters → services, once per container, on first use."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from secrets import token_bytes
from typing import Any

from core.adapters import clients
from core.adapters.dynamodb.access import DynamoAccess, DynamoIdempotency, DynamoWorkers
from core.adapters.dynamodb.buckets import DynamoBuckets
from core.adapters.dynamodb.keys import DynamoKeys
from core.adapters.dynamodb.outbox import kept_of
from core.adapters.dynamodb.session_list import DynamoSessionList
from core.adapters.dynamodb.telephony import DynamoTelephony
from core.adapters.dynamodb.unpublished import DynamoOutbox
from core.adapters.dynamodb.usage import DynamoUsage
from core.adapters.events import EventBridgePublisher
from core.adapters.failed_calls import SqsFailedCalls
from core.adapters.mp3 import Mp3Encoder
from core.adapters.s3 import S3Recordings
from core.adapters.secrets import CachedSecrets
from core.adapters.sqs import SqsInbox
from core.adapters.system import SystemClock
from core.domain.engines import ENGINE_SETS, EngineSet
from core.domain.rotation import Versions
from core.ports import Clock, Ids, Kept
from core.services.access import AccessService
from core.services.agents import AgentService
from core.services.api_keys import ApiKeyService
from core.services.creating import SessionCreation
from core.services.credits import CreditService
from core.services.dialing import DialService
from core.services.events import EventRelay, Republishing
from core.services.finalizing import Finalizer
from core.services.organizations import OrganizationService
from core.services.rate_limits import RateLimiter
from core.services.recordings import RecordingService
from core.services.redrive import Redrive
from core.services.routing import RoutingService
from core.services.session_list import SessionListService
from core.services.sessions import SessionService, StreamAddress
from core.services.sweep import Sweep
from core.services.tool_calls import ToolCallService
from core.services.transcripts import TranscriptService
from core.services.usage import UsageService
from lambdas.runtime import agent_wiring, knowledge_wiring, session_wiring, settings, sip_wiring, webhook_wiring
from lambdas.runtime.knowledge_wiring import Knowledge
from lambdas.runtime.sip_wiring import Sip
from lambdas.runtime.webhook_wiring import Webhooks

# Telling a worker is a courtesy; an answer to a client must not hang on it.
_SEND_TIMEOUT_S = 1.0
# Nor may a request wait long to hear whether it is one too many.
_BUCKET_TIMEOUT_S = 0.3


@dataclass(frozen=True, slots=True)
class Rest:
    """What the REST function is made of."""

    sessions: SessionService
    creation: SessionCreation
    dialing: DialService
    session_list: SessionListService
    transcripts: TranscriptService
    recordings: RecordingService
    usage: UsageService
    api_keys: ApiKeyService
    agents: AgentService
    tool_calls: ToolCallService
    webhooks: Webhooks
    knowledge: Knowledge
    sip: Sip
    organizations: OrganizationService
    routing: RoutingService
    engines: EngineSet
    docs_url: str
    ids: Ids
    clock: Clock


@cache
def rest() -> Rest:
    env = settings.RestSettings.read(os.environ)
    clock = SystemClock()
    dynamo = clients.dynamodb()
    organizations = OrganizationService(DynamoAccess(dynamo, env.access_table))
    credits = session_wiring.credits(dynamo, env.sessions_table, clock)
    idempotency = DynamoIdempotency(dynamo, env.access_table, clock)
    changes = session_wiring.changes(dynamo, env, clock)
    telephony = DynamoTelephony(dynamo, env.access_table)
    secrets_manager = clients.secrets_manager()
    secrets = CachedSecrets(secrets_manager)
    address = StreamAddress(env.stream_base_url, partial(secrets.versions, env.stream_token_secret_arn))
    described = agent_wiring.descriptions(dynamo, env, clock)
    return Rest(
        sessions=SessionService(
            changes=changes,
            idempotency=idempotency,
            workers=DynamoWorkers(dynamo, env.access_table),
            inbox=SqsInbox(clients.sqs(_SEND_TIMEOUT_S), env.inbox_prefix),
            address=address,
            wait=time.sleep,
        ),
        creation=SessionCreation(
            changes, idempotency, session_wiring.seating(dynamo, env, changes), credits, address, described
        ),
        session_list=SessionListService(changes.sessions, DynamoSessionList(dynamo, env.sessions_table), clock),
        dialing=DialService(
            changes, idempotency, telephony, organizations, credits, sip_wiring.trunks(dynamo, env, clock)
        ),
        transcripts=TranscriptService(changes.sessions, clock),
        recordings=RecordingService(changes, S3Recordings(clients.s3(), env.recordings_bucket)),
        usage=UsageService(DynamoUsage(dynamo, env.sessions_table), clock),
        api_keys=ApiKeyService(
            keys=DynamoKeys(dynamo, session_wiring.tables(env), clock),
            idempotency=idempotency,
            pepper=partial(secrets.versions, env.api_key_pepper_secret_arn),
            random=token_bytes,
            clock=clock,
            ids=changes.ids,
        ),
        agents=agent_wiring.agents(described, idempotency, clock, changes.ids),
        tool_calls=agent_wiring.tool_calls(dynamo, env, changes, described),
        webhooks=webhook_wiring.webhooks(dynamo, env, clock, changes.ids, idempotency, secrets),
        sip=sip_wiring.sip(dynamo, secrets_manager, env, clock, changes.ids, idempotency, secrets),
        knowledge=knowledge_wiring.knowledge(dynamo, env, clock, changes.ids, idempotency),
        organizations=organizations,
        routing=RoutingService(telephony),
        engines=ENGINE_SETS[env.engines],
        docs_url=env.docs_url,
        ids=changes.ids,
        clock=clock,
    )


@dataclass(frozen=True, slots=True)
class Gate:
    """What the authorizer is made of."""

    access: AccessService
    limiter: RateLimiter
    credits: CreditService


@cache
def authorizer() -> Gate:
    env = settings.AuthorizerSettings.read(os.environ)
    clock, once = SystemClock(), clients.dynamodb_once(_BUCKET_TIMEOUT_S)
    return Gate(
        access=_access(env.access_table, env.api_key_pepper_secret_arn),
        limiter=RateLimiter(DynamoBuckets(once, env.access_table), clock),
        credits=session_wiring.credits(once, env.sessions_table, clock),
    )


@dataclass(frozen=True, slots=True)
class Reconciling:
    """What the hourly repair is made of."""

    events: Republishing
    calls: Redrive
    clock: Clock


@dataclass(frozen=True, slots=True)
class Relay:
    """`read` turns a new image of the outbox into what it holds."""

    events: EventRelay
    read: Callable[[Mapping[str, Any]], Kept]


@cache
def relay() -> Relay:
    env = settings.RelaySettings.read(os.environ)
    return Relay(EventRelay(*_outbox(env)), kept_of)


@cache
def reconciling() -> Reconciling:
    env = settings.ReconcileSettings.read(os.environ)
    failed = SqsFailedCalls(clients.sqs(), clients.functions(), env.failed_queue_urls.split(","))
    clock = SystemClock()
    return Reconciling(Republishing(*_outbox(env), clock), Redrive(failed, env.redriven.split(","), clock), clock)


def _outbox(env: settings.RelaySettings) -> tuple[EventBridgePublisher, DynamoOutbox]:
    publisher = EventBridgePublisher(clients.event_bridge(), env.event_bus)
    return publisher, DynamoOutbox(clients.dynamodb(), env.outbox_table)


@cache
def finalizer() -> Finalizer:
    env = settings.FinalizeSettings.read(os.environ)
    recordings = S3Recordings(clients.s3(), env.recordings_bucket)
    kept = timedelta(days=env.recording_retention_days)
    changes = session_wiring.changes(clients.dynamodb(), env, SystemClock())
    return Finalizer(changes, recordings, Mp3Encoder, kept)


@cache
def sweep() -> Sweep:
    env = settings.SweepSettings.read(os.environ)
    clock = SystemClock()
    dynamo = clients.dynamodb()
    changes = session_wiring.changes(dynamo, env, clock)
    sessions = SessionService(
        changes=changes,
        idempotency=DynamoIdempotency(dynamo, env.access_table, clock),
        workers=DynamoWorkers(dynamo, env.access_table),
        inbox=SqsInbox(clients.sqs(_SEND_TIMEOUT_S), env.inbox_prefix),
        address=StreamAddress("", _no_token_key),
        wait=time.sleep,
    )
    return Sweep(changes.sessions, sessions.expire, clock)


def _no_token_key() -> Versions:
    raise RuntimeError("the sweep shows no session to anybody, so it may not read the stream token key")


def _access(table: str, pepper_arn: str) -> AccessService:
    secrets = CachedSecrets(clients.secrets_manager())
    return AccessService(DynamoAccess(clients.dynamodb(), table), partial(secrets.versions, pepper_arn), SystemClock())
