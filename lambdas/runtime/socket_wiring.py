"""The composition root of the functions of the events socket, as `wiring` is of the rest."""

from __future__ import annotations

import os
import time
from functools import cache, partial

from core.adapters import clients
from core.adapters.apigateway import ApiGatewaySockets
from core.adapters.dynamodb.access import DynamoAccess, DynamoIdempotency, DynamoWorkers
from core.adapters.dynamodb.session_list import DynamoSessionList
from core.adapters.dynamodb.sessions import DynamoSessions
from core.adapters.dynamodb.transactions import Tables
from core.adapters.dynamodb.watchers import DynamoWatchers
from core.adapters.secrets import CachedSecrets
from core.adapters.sqs import SqsInbox
from core.adapters.system import SystemClock
from core.domain.rotation import Versions
from core.services.access import AccessService
from core.services.overhearing import Overhearing
from core.services.pushing import AT_ONCE, EventPush, PartialPush, Pushing
from core.services.sessions import SessionService, StreamAddress
from core.services.subscriptions import EndByWatcher, Renewal, Subscriptions
from core.services.watchers import Doorkeeper, WatcherAdmission
from core.watcher_ports import WatcherSockets, WatcherStore
from lambdas.runtime import session_wiring, settings

_clock = SystemClock()
# Telling a worker is a courtesy; an answer to a client must not hang on it.
_SEND_TIMEOUT_S = 1.0


@cache
def watcher_admission() -> WatcherAdmission:
    """$connect."""
    env = settings.ConnectSettings.read(os.environ)
    secrets = CachedSecrets(clients.secrets_manager())
    pepper = partial(secrets.versions, env.api_key_pepper_secret_arn)
    return WatcherAdmission(
        access=AccessService(DynamoAccess(clients.dynamodb(), env.access_table), pepper, _clock),
        sessions=_sessions(env.sessions_table, env.access_table),
        watchers=watchers(),
        token_key=partial(secrets.versions, env.stream_token_secret_arn),
        clock=_clock,
    )


@cache
def watchers() -> WatcherStore:
    env = settings.WatcherSettings.read(os.environ)
    return DynamoWatchers(clients.dynamodb(), env.deliveries_table, _clock)


@cache
def sockets() -> WatcherSockets:
    """For one answer at a time."""
    env = settings.PushSettings.read(os.environ)
    return ApiGatewaySockets(clients.sockets(env.events_endpoint_url))


@cache
def subscriptions() -> Subscriptions:
    env = settings.SubscribeSettings.read(os.environ)
    return Subscriptions(_doorkeeper(env.access_table), watchers(), _sessions(env.sessions_table), _overhearing(env))


@cache
def renewal() -> Renewal:
    env = settings.SubscribeSettings.read(os.environ)
    listed = DynamoSessionList(clients.dynamodb(), env.sessions_table)
    return Renewal(_doorkeeper(env.access_table), watchers(), listed, _overhearing(env), _clock)


@cache
def end_by_watcher() -> EndByWatcher:
    env = settings.EndSessionSettings.read(os.environ)
    dynamo = clients.dynamodb()
    sessions = SessionService(
        changes=session_wiring.changes(dynamo, env, _clock),
        idempotency=DynamoIdempotency(dynamo, env.access_table, _clock),
        workers=DynamoWorkers(dynamo, env.access_table),
        inbox=SqsInbox(clients.sqs(_SEND_TIMEOUT_S), env.inbox_prefix),
        address=StreamAddress("", _unread),
        wait=time.sleep,
    )
    return EndByWatcher(_doorkeeper(env.access_table), sessions.end)


@cache
def push() -> EventPush:
    env = settings.OverhearSettings.read(os.environ)
    return EventPush(_pushing(env), _sessions(env.sessions_table), _overhearing(env))


@cache
def push_partial() -> PartialPush:
    env = settings.OverhearSettings.read(os.environ)
    return PartialPush(_pushing(env), _sessions(env.sessions_table), _overhearing(env), _clock)


def _pushing(env: settings.PushSettings) -> Pushing:
    return Pushing(watchers(), ApiGatewaySockets(clients.sockets(env.events_endpoint_url, connections=AT_ONCE)))


def _doorkeeper(access_table: str) -> Doorkeeper:
    """It knows keys by their hashes."""
    return Doorkeeper(AccessService(DynamoAccess(clients.dynamodb(), access_table), _unread, _clock), watchers())


def _overhearing(env: settings.OverhearSettings) -> Overhearing:
    return Overhearing(SqsInbox(clients.sqs(_SEND_TIMEOUT_S), env.inbox_prefix), _clock)


def _sessions(sessions_table: str, access_table: str = "") -> DynamoSessions:
    """To read them; and by their ids alone only with the directory in the access table."""
    return DynamoSessions(clients.dynamodb(), Tables(sessions_table, access_table, outbox=""), _clock)


def _unread() -> Versions:
    raise RuntimeError("this function reads no secret")
