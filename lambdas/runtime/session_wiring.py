"""What every wiring makes sessions' services of, from the one DynamoDB client that it made for its function."""

from __future__ import annotations

from datetime import timedelta
from secrets import SystemRandom
from typing import TYPE_CHECKING

from core.adapters.dynamodb.seats import DynamoSeats
from core.adapters.dynamodb.sessions import DynamoSessions
from core.adapters.dynamodb.transactions import Tables
from core.adapters.dynamodb.usage import DynamoUsage
from core.adapters.system import RandomIds
from core.domain.sessions import Timeouts
from core.ports import Clock
from core.services.admission import Seating
from core.services.changes import Changes
from core.services.credits import CreditService
from lambdas.runtime import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def tables(env: settings.Sessions) -> Tables:
    return Tables(env.sessions_table, env.access_table, env.outbox_table)


def changes(dynamo: DynamoDBClient, env: settings.Sessions, clock: Clock) -> Changes:
    timeouts = Timeouts(idle=timedelta(seconds=env.idle_timeout_s), reconnect=timedelta(seconds=env.reconnect_window_s))
    return Changes(DynamoSessions(dynamo, tables(env), clock), clock, RandomIds(clock), timeouts)


def seating(dynamo: DynamoDBClient, env: settings.Sessions, made: Changes) -> Seating:
    return Seating(DynamoSeats(dynamo, env.sessions_table), made.sessions, made.clock, SystemRandom())


def credits(dynamo: DynamoDBClient, sessions_table: str, clock: Clock) -> CreditService:
    return CreditService(DynamoUsage(dynamo, sessions_table), clock)
