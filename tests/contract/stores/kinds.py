"""The implementations of the storage ports: in memory, as the unit suites use it, and the real one under moto."""

from __future__ import annotations

from dataclasses import dataclass

from core.adapters import clients
from core.adapters.dynamodb.access import DynamoAccess, DynamoIdempotency, DynamoWorkers
from core.adapters.dynamodb.agents import DynamoAgents
from core.adapters.dynamodb.buckets import DynamoBuckets
from core.adapters.dynamodb.keys import DynamoKeys
from core.adapters.dynamodb.seats import DynamoSeats
from core.adapters.dynamodb.session_list import DynamoSessionList
from core.adapters.dynamodb.sessions import DynamoSessions
from core.adapters.dynamodb.sip import DynamoCallLeases, DynamoSip
from core.adapters.dynamodb.telephony import DynamoTelephony
from core.adapters.dynamodb.tool_calls import DynamoToolCalls
from core.adapters.dynamodb.transactions import Tables
from core.adapters.dynamodb.usage import DynamoUsage
from core.adapters.dynamodb.watchers import DynamoWatchers
from core.adapters.s3 import S3Recordings
from core.agent_ports import AgentStore, ToolCallStore
from core.key_ports import KeyStore
from core.limit_ports import BucketStore, SeatStore
from core.ports import (
    AccessStore,
    IdempotencyStore,
    RecordingStore,
    SessionList,
    SessionRepository,
    UsageStore,
    WorkerDirectory,
)
from core.release_ports import Openings
from core.sip_ports import CallLeases, SipStore
from core.telephony_ports import CallDirectory, TelephonyStore
from core.watcher_ports import WatcherStore
from tests.contract.stores.tables import ACCESS, BUCKET, DELIVERIES, OUTBOX, SESSIONS
from tests.fakes.agents import MemoryAgents, MemoryToolCalls
from tests.fakes.buckets import MemoryBuckets
from tests.fakes.clocks import FakeClock
from tests.fakes.keys import MemoryKeys
from tests.fakes.seats import MemorySeats
from tests.fakes.sip import MemoryLeases, MemorySip
from tests.fakes.stores import (
    MemoryAccess,
    MemoryIdempotency,
    MemoryRecordings,
    MemorySessionList,
    MemorySessions,
    MemoryUsage,
    MemoryWorkers,
)
from tests.fakes.telephony import MemoryTelephony
from tests.fakes.watchers import MemoryWatchers


@dataclass(frozen=True)
class Stores:
    kind: str
    clock: FakeClock
    sessions: SessionRepository
    idempotency: IdempotencyStore
    access: AccessStore
    workers: WorkerDirectory
    openings: Openings
    watchers: WatcherStore
    recordings: RecordingStore
    usage: UsageStore
    session_list: SessionList
    keys: KeyStore
    buckets: BucketStore
    seats: SeatStore
    telephony: TelephonyStore
    calls: CallDirectory
    agents: AgentStore
    tool_calls: ToolCallStore
    sip: SipStore
    leases: CallLeases


def memory() -> Stores:
    clock = FakeClock()
    sessions = MemorySessions(clock)
    access = MemoryAccess()
    telephony = MemoryTelephony(sessions)
    workers = MemoryWorkers()
    return Stores(
        "memory",
        clock,
        sessions,
        MemoryIdempotency(sessions),
        access,
        workers,
        workers,
        MemoryWatchers(clock),
        MemoryRecordings(),
        MemoryUsage(sessions),
        MemorySessionList(sessions),
        MemoryKeys(access, sessions),
        MemoryBuckets(),
        MemorySeats(sessions),
        telephony,
        telephony,
        MemoryAgents(sessions),
        MemoryToolCalls(sessions),
        MemorySip(sessions),
        MemoryLeases(),
    )


def real() -> Stores:
    clock = FakeClock()
    dynamo = clients.dynamodb()
    telephony = DynamoTelephony(dynamo, ACCESS)
    workers = DynamoWorkers(dynamo, ACCESS)
    return Stores(
        "aws",
        clock,
        DynamoSessions(dynamo, Tables(SESSIONS, ACCESS, OUTBOX), clock),
        DynamoIdempotency(dynamo, ACCESS, clock),
        DynamoAccess(dynamo, ACCESS),
        workers,
        workers,
        DynamoWatchers(dynamo, DELIVERIES, clock),
        S3Recordings(clients.s3(), BUCKET),
        DynamoUsage(dynamo, SESSIONS),
        DynamoSessionList(dynamo, SESSIONS),
        DynamoKeys(dynamo, Tables(SESSIONS, ACCESS, OUTBOX), clock),
        DynamoBuckets(dynamo, ACCESS),
        DynamoSeats(dynamo, SESSIONS),
        telephony,
        telephony,
        DynamoAgents(dynamo, Tables(SESSIONS, ACCESS, OUTBOX), clock),
        DynamoToolCalls(dynamo, SESSIONS),
        DynamoSip(dynamo, ACCESS, clock),
        DynamoCallLeases(dynamo, SESSIONS),
    )
