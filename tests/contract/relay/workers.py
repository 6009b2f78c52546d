"""Workers with real sockets in one process, over the same stores; engines, detector and stores are fakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from websockets.asyncio.client import connect

from core.adapters.system import SystemClock
from core.domain.rotation import fixed
from core.domain.sessions import Session
from core.services.succession import Succession
from media_worker.audio.turns import TurnRules
from media_worker.doors import site
from media_worker.limits import SocketLimits
from media_worker.pipeline.calls import Calls
from media_worker.relay.relay import Relay
from media_worker.server import MediaServer
from tests.fakes.engines import FakeEngines
from tests.fakes.releases import Service
from tests.fakes.worker import TOKEN_KEY, Plant, inline, plant

HOST = "127.0.0.1"
# Real time here: turns end sooner, so that nobody waits.
RULES = TurnRules(min_speech_ms=64, endpoint_ms=96, stalled_ms=200)


@dataclass
class Served:
    """A worker and its two doors."""

    name: str
    plant: Plant
    calls: Calls
    server: MediaServer
    relay: Relay
    port: int
    relay_port: int
    succession: Succession

    def url(self, session: Session, query: str = "") -> str:
        return f"ws://{HOST}:{self.port}/v1/sessions/{session.id}/connect{query}"

    def bearer(self, session: Session) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.plant.token(session)}"}

    def stream(self, session: Session, participant: str) -> connect:
        return connect(self.url(session, f"?participant={participant}"), additional_headers=self.bearer(session))

    def beat(self) -> None:
        self.plant.workers.beat(self.name, self.plant.clock.now(), f"{HOST}:{self.relay_port}")


@asynccontextmanager
async def worker(
    name: str, beside: Served | None = None, limits: SocketLimits | None = None, release: str = "worker:1"
) -> AsyncIterator[Served]:
    """`beside` is one with which it shares the stores, and the service that both belong to."""
    sessions, workers = (beside.plant.sessions, beside.plant.workers) if beside else (None, None)
    made = plant(FakeEngines(), clock=SystemClock(), worker_id=name, sessions=sessions, workers=workers)
    releases = beside.succession.releases if beside else Service("worker:1")
    succession = Succession(name, release, releases, made.workers, made.clock)
    service = replace(made.service, successor=succession.successor)
    made.equipment = replace(made.equipment, turns=RULES, service=service)
    calls = Calls(made.equipment)
    relay = Relay(name, made.workers, fixed(TOKEN_KEY), inline, made.clock, made.equipment.ids)
    server = MediaServer(calls, limits, relay, lambda: succession.is_relieved)
    async with AsyncExitStack() as opened:
        relay_door = await opened.enter_async_context(site(server.relay_app(), HOST, 0))
        public_door = await opened.enter_async_context(site(server.app(), HOST, 0))
        served = Served(name, made, calls, server, relay, await public_door(), await relay_door(), succession)
        served.beat()
        await opened.enter_async_context(_running(served))
        yield served


@asynccontextmanager
async def _running(served: Served) -> AsyncIterator[None]:
    work = (served.calls.run(), served.plant.equipment.voice_activity.run(), served.relay.beat_for_ever())
    tasks = [asyncio.create_task(coroutine) for coroutine in work]
    try:
        yield
    finally:
        await served.calls.dismiss()
        served.server.dismiss()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await served.relay.close()
