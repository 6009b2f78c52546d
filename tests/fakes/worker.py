"""A worker's insides around stores in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from core.adapters.json_schemas import JsonSchemas
from core.domain.access import Tenant, stream_token
from core.domain.rotation import fixed
from core.domain.sessions import Mode, Recording, Session, Timeouts
from core.ports import Clock, Commit
from core.services.changes import Changes
from core.services.streams import StreamService
from core.services.tool_calls import ToolCallService
from media_worker.engines.ports import Engines
from media_worker.language_models.base import LanguageModel
from media_worker.language_models.embedded.model import EmbeddedModel
from media_worker.pipeline.equipment import Equipment, Limits
from media_worker.pipeline.herald import Herald
from media_worker.pipeline.voice_activity import Bank, VoiceActivity
from tests.fakes.agents import MemoryToolCalls
from tests.fakes.clocks import START, SequenceIds
from tests.fakes.engines import EnergyBank, FakeEngines
from tests.fakes.stores import MemoryRecordings, MemorySessions, MemoryWorkers
from tests.fakes.watchers import FakeBus

P = ParamSpec("P")
T = TypeVar("T")
TOKEN_KEY = b"a key of thirty-two bytes, no less"
TENANT = Tenant("org_1", livemode=False)


async def inline(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Offload without a thread; other tasks still get their turn in between."""
    await asyncio.sleep(0)
    return call(*args, **kwargs)


class LoopClock:
    """The date by the (virtual) time of the running loop."""

    def now(self) -> Any:
        return START + timedelta(seconds=asyncio.get_running_loop().time())


@dataclass
class Plant:
    """Everything around a conversation; `sessions`, `recordings` and `workers` are where its traces are."""

    clock: Clock
    sessions: MemorySessions
    recordings: MemoryRecordings
    workers: MemoryWorkers
    service: StreamService
    engines: FakeEngines
    bank: Bank
    equipment: Equipment
    bus: FakeBus

    def create(self, **changes: Any) -> Session:
        number = len(self.sessions._sessions) + 1
        session = Session(
            id=f"sess_{number:04d}",
            tenant=TENANT,
            mode=Mode.BIDIRECTIONAL_TRANSLATION,
            created_at=self.clock.now(),
            source_language="en",
            target_language="es",
            recording=Recording(enabled=True),
        )
        return self.sessions.commit(Commit(replace(session, **changes), None, None))

    def token(self, session: Session) -> str:
        return stream_token(TOKEN_KEY, session.tenant, session.id, session.created_at, self.clock.now()).text

    def stored(self, session: Session) -> Session:
        found = self.sessions.find(session.tenant, session.id)
        assert found is not None
        return found


def plant(
    engines: FakeEngines | None = None,
    *,
    clock: Clock | None = None,
    limits: Limits | None = None,
    worker_id: str = "worker_1",
    sessions: MemorySessions | None = None,
    workers: MemoryWorkers | None = None,
    language_model: LanguageModel | None = None,
) -> Plant:
    """Call it on the loop that will run the conversation. Two workers share `sessions` and `workers`."""
    clock = clock or LoopClock()
    sessions = sessions or MemorySessions(clock)
    workers = workers or MemoryWorkers()
    limits = limits or Limits()
    timeouts = Timeouts(idle=timedelta(seconds=limits.idle_s), reconnect=timedelta(seconds=limits.reconnect_s))
    ids = SequenceIds()
    changes = Changes(sessions, clock, ids, timeouts)
    service = StreamService(changes, workers, fixed(TOKEN_KEY), worker_id)
    workers.beat(worker_id, clock.now())
    bank = EnergyBank()
    recordings = MemoryRecordings()
    bus = FakeBus()
    engines = engines or FakeEngines()
    equipment = Equipment(
        service=service,
        tool_calls=ToolCallService(changes, MemoryToolCalls(sessions), JsonSchemas()),
        recordings=recordings,
        engines=engines,
        voice_activity=VoiceActivity(bank),
        herald=Herald(bus.publish, inline, clock, ids),
        offload=inline,
        time=asyncio.get_running_loop().time,
        clock=clock,
        ids=ids,
        limits=limits,
        language_model=language_model or EmbeddedModel(),
    )
    return Plant(clock, sessions, recordings, workers, service, engines, bank, equipment, bus)


def as_engines(engines: FakeEngines) -> Engines:
    return engines
