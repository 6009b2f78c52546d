"""The worker's life, without its sockets: what happens between signing in and signing out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import datetime

from core.domain.sessions import Status
from core.errors import Unavailable
from media_worker.observe import JsonFormatter
from media_worker.pipeline.calls import Calls
from media_worker.server import MediaServer
from media_worker.worker import Worker
from tests.fakes.engines import FakeEngines
from tests.fakes.stores import MemoryWorkers
from tests.fakes.talk import Client, loud
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import Plant, inline, plant


class Inbox:
    """Empty at once: a thread that polls it must not hold up virtual time."""

    def __init__(self) -> None:
        self.opened: str | None = None
        self.closed = False

    def open(self, worker_id: str) -> None:
        self.opened = worker_id

    def receive(self, wait_s: int) -> list[Mapping[str, str]]:
        raise RuntimeError("closed")

    def close(self) -> None:
        self.closed = True


class Life:
    def __init__(self, made: Plant) -> None:
        self.plant = made
        self.inbox = Inbox()
        self.stop = asyncio.Event()
        self.signed_in = False
        self.calls = Calls(made.equipment)
        self.worker = Worker(
            id="worker_1",
            calls=self.calls,
            server=MediaServer(self.calls),
            engines=made.engines,
            voice_activity=made.equipment.voice_activity,
            directory=made.workers,
            inbox=self.inbox,
            clock=made.clock,
            beat_offload=inline,
        )

    async def served(self) -> None:
        await self.worker.run(self.stop, self._open_door)

    async def _open_door(self) -> None:
        self.signed_in = self.plant.workers.last_beat("worker_1") is not None


@virtual_time
async def test_a_worker_signs_in_beats_and_signs_out() -> None:
    life = Life(plant())
    life.plant.workers.forget("worker_1")
    serving = asyncio.create_task(life.served())
    await asyncio.sleep(21)
    beat = life.plant.workers.last_beat("worker_1")
    assert life.inbox.opened == "worker_1"
    assert life.signed_in, "the door opened before the worker was known"
    assert beat is not None and (life.plant.clock.now() - beat).total_seconds() <= 5
    life.stop.set()
    await serving
    assert life.plant.workers.last_beat("worker_1") is None
    assert life.inbox.closed


@virtual_time
async def test_a_heartbeat_that_fails_is_tried_again() -> None:
    life = Life(plant())
    failures = [Unavailable("dynamodb_unavailable", ""), None]

    class Flaky(MemoryWorkers):
        def beat(self, worker_id: str, at: datetime) -> None:
            if failures and (failure := failures.pop()):
                raise failure
            super().beat(worker_id, at)

    life.worker.directory = Flaky()
    serving = asyncio.create_task(life.served())
    await asyncio.sleep(11)
    assert life.worker.directory.last_beat("worker_1") is not None
    life.stop.set()
    await serving


@virtual_time
async def test_stopping_writes_the_last_words_and_sends_the_clients_elsewhere() -> None:
    life = Life(plant(FakeEngines("last words")))
    serving = asyncio.create_task(life.served())
    await asyncio.sleep(1)
    session = life.plant.create()
    client = await Client(session).connect(life.calls, life.plant)
    await client.speak(loud(1.0))
    life.stop.set()
    await serving
    assert client.socket.closed == (1012, "reconnect")
    stored = life.plant.stored(session)
    assert (stored.status, stored.turn_count) == (Status.ACTIVE, 1)
    assert life.worker.server.stopping


def test_log_lines_are_json_with_ids_only() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "refused %s", ("it",), None)
    record.session_id, record.secret = "sess_1", "kst_live_x"
    line = json.loads(JsonFormatter().format(record))
    assert (line["message"], line["session_id"], line["level"]) == ("refused it", "sess_1", "INFO")
    assert "secret" not in line
