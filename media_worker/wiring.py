"""The composition root of the worker: settings → adapters → services → engines → worker."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from core.adapters import clients
from core.adapters.dynamodb.access import DynamoAccess, DynamoWorkers
from core.adapters.dynamodb.knowledge import DynamoKnowledge
from core.adapters.dynamodb.sessions import DynamoSessions
from core.adapters.dynamodb.tool_calls import DynamoToolCalls
from core.adapters.dynamodb.transactions import Tables
from core.adapters.ecs import EcsReleases
from core.adapters.events import EventBridgePublisher
from core.adapters.json_schemas import JsonSchemas
from core.adapters.s3 import S3Recordings
from core.adapters.s3_documents import S3Documents
from core.adapters.secrets import CachedSecrets
from core.adapters.sqs import SqsCommands
from core.adapters.system import RandomIds, SystemClock
from core.domain.sessions import Timeouts
from core.services.changes import Changes
from core.services.streams import StreamService
from core.services.succession import Succession, nobody
from core.services.tool_calls import ToolCallService
from media_worker import observe
from media_worker.audio.vad import VadBank
from media_worker.deployed_task import deployed_task
from media_worker.doors import Doors, private_host
from media_worker.engines.guard import Guard
from media_worker.engines.guarded_engines import GuardedEngines
from media_worker.engines.pool import EnginePool
from media_worker.engines.registry import EngineSettings
from media_worker.knowledge.libraries import Libraries
from media_worker.language_models import registry as language_models
from media_worker.language_models.registry import ModelSettings
from media_worker.limits import SocketLimits
from media_worker.pipeline.calls import Calls
from media_worker.pipeline.equipment import Equipment, Limits
from media_worker.pipeline.herald import Herald
from media_worker.pipeline.offload import ThreadOffload
from media_worker.pipeline.voice_activity import VoiceActivity
from media_worker.protection import Protection
from media_worker.relay.relay import Relay
from media_worker.relief import Relief
from media_worker.server import MediaServer
from media_worker.settings import WorkerSettings
from media_worker.telemetry import Reporter, Telemetry
from media_worker.worker import Worker

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_WRITERS = 16


async def worker(settings: WorkerSettings) -> Worker:
    """Everything that a worker is made of, connected. Raises EnginesNotAvailable and ModelNotAvailable."""
    clock = SystemClock()
    worker_id = RandomIds(clock).new("worker")
    dynamo = clients.dynamodb(connections=_WRITERS)
    directory = DynamoWorkers(dynamo, settings.access_table)
    secrets = CachedSecrets(clients.secrets_manager())
    token_key = partial(secrets.versions, settings.stream_token_secret_arn)
    model_settings = ModelSettings(settings.language_model_options, secrets.read)
    language_model = await asyncio.to_thread(language_models.build, settings.language_model, model_settings)
    relief = await _relief(settings, clock, directory, worker_id)
    engines = await guarded_engines(settings)
    voice_activity = VoiceActivity(VadBank())
    loop = asyncio.get_running_loop()
    telemetry = Telemetry()
    changes = _changes(settings, clock, dynamo)
    equipment = Equipment(
        service=StreamService(changes, directory, token_key, worker_id, _successor(relief)),
        tool_calls=ToolCallService(changes, DynamoToolCalls(dynamo, settings.sessions_table), JsonSchemas()),
        recordings=S3Recordings(clients.s3(connections=_WRITERS), settings.recordings_bucket),
        engines=engines,
        voice_activity=voice_activity,
        herald=_herald(settings, clock),
        offload=ThreadOffload(ThreadPoolExecutor(_WRITERS, "writer")),
        time=loop.time,
        clock=clock,
        ids=RandomIds(clock),
        language_model=language_model,
        prices=language_models.prices(model_settings),
        terminology=DynamoAccess(dynamo, settings.access_table).terminology,
        knowledge=_libraries(settings, dynamo, clock).of,
        limits=Limits(idle_s=settings.idle_timeout_s, reconnect_s=settings.reconnect_window_s),
        telemetry=telemetry,
    )
    calls = Calls(equipment)
    relay = Relay(
        worker_id, directory, token_key, ThreadOffload(ThreadPoolExecutor(2, "relay")), clock, RandomIds(clock)
    )
    return Worker(
        id=worker_id,
        calls=calls,
        server=_server(settings, calls, relay, relief),
        engines=engines,
        language_model=language_model,
        voice_activity=voice_activity,
        directory=directory,
        inbox=SqsCommands(clients.sqs(), settings.inbox_prefix),
        clock=clock,
        beat_offload=ThreadOffload(ThreadPoolExecutor(1, "heart")),
        relay=relay,
        protection=Protection(settings.agent_uri) if settings.agent_uri else None,
        relief=relief,
        reporter=Reporter(telemetry, settings.metrics_namespace, worker_id, clock, observe.write_line),
    )


async def guarded_engines(settings: WorkerSettings) -> GuardedEngines:
    """Those that were asked for, behind a guard, and those that step in for them; all of them run, or none does."""
    primary = await _pool(settings, settings.engines, settings.engine_options)
    try:
        fallback = None
        if settings.engine_fallback:
            fallback = await _pool(settings, settings.engine_fallback, settings.engine_fallback_options)
    except BaseException:
        await primary.close()
        raise
    return GuardedEngines(Guard(primary, fallback, asyncio.get_running_loop().time, random.random))


async def _pool(settings: WorkerSettings, name: str, options: dict[str, str]) -> EnginePool:
    return await EnginePool.start(
        name, EngineSettings(settings.models_dir, options), processes=settings.engine_processes
    )


async def _relief(
    settings: WorkerSettings, clock: SystemClock, directory: DynamoWorkers, worker_id: str
) -> Relief | None:
    """None where no service of ECS stands behind this worker."""
    task = await deployed_task(settings.metadata_uri)
    if task is None:
        return None
    releases = EcsReleases(clients.ecs(), task.cluster, task.service)
    succession = Succession(worker_id, task.release, releases, directory, clock)
    return Relief(succession, ThreadOffload(ThreadPoolExecutor(1, "relief")), settings.relief_turn_s)


def _successor(relief: Relief | None) -> Callable[[], str | None]:
    return relief.succession.successor if relief is not None else nobody


def _server(settings: WorkerSettings, calls: Calls, relay: Relay, relief: Relief | None) -> MediaServer:
    limits = SocketLimits(sessions=settings.max_sessions)
    if relief is None:
        return MediaServer(calls, limits, relay)
    return MediaServer(calls, limits, relay, lambda: relief.has_come)


async def doors(settings: WorkerSettings) -> Doors:
    """Asks ECS, where there is one, for the address of this task."""
    reached_at = await private_host(settings.metadata_uri, settings.host)
    return Doors(settings.host, settings.port, settings.relay_port, reached_at)


def _libraries(settings: WorkerSettings, dynamo: DynamoDBClient, clock: SystemClock) -> Libraries:
    """In threads of their own: a base that takes seconds to read delays no write."""
    tables = Tables(settings.sessions_table, settings.access_table, settings.outbox_table)
    files = S3Documents(clients.s3(), settings.knowledge_bucket)
    return Libraries(DynamoKnowledge(dynamo, tables, clock), files, ThreadOffload(ThreadPoolExecutor(2, "library")))


def _herald(settings: WorkerSettings, clock: SystemClock) -> Herald:
    bus = EventBridgePublisher(clients.event_bridge(read_timeout_s=1.0), settings.event_bus)
    return Herald(bus.publish, ThreadOffload(ThreadPoolExecutor(1, "herald")), clock, RandomIds(clock))


def _changes(settings: WorkerSettings, clock: SystemClock, dynamo: DynamoDBClient) -> Changes:
    tables = Tables(settings.sessions_table, settings.access_table, settings.outbox_table)
    timeouts = Timeouts(
        idle=timedelta(seconds=settings.idle_timeout_s), reconnect=timedelta(seconds=settings.reconnect_window_s)
    )
    return Changes(DynamoSessions(dynamo, tables, clock), clock, RandomIds(clock), timeouts)
