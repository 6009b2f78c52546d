"""The worker's life, without its sockets: what happens between signing in and signing out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import datetime

import pytest

from core.domain.sessions import Status
from core.errors import DependencyRefused, Unavailable
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
        def beat(self, worker_id: str, at: datetime, address: str | None = None) -> None:
            if failures and (failure := failures.pop()):
                raise failure
            super().beat(worker_id, at, address)

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


class Frozen(MemoryWorkers):
    """Beats do not arrive while `stopped`."""

    stopped = False

    def beat(self, worker_id: str, at: datetime, address: str | None = None) -> None:
        if self.stopped:
            raise Unavailable("dynamodb_unavailable", "")
        super().beat(worker_id, at, address)


@virtual_time
async def test_a_worker_that_was_away_too_long_lets_go_of_what_another_one_has_taken() -> None:
    life = Life(plant(workers=Frozen()))
    directory = life.plant.workers
    assert isinstance(directory, Frozen)
    serving = asyncio.create_task(life.served())
    await asyncio.sleep(1)
    taken, kept = life.plant.create(), life.plant.create()
    lost, held = await Client(taken).connect(life.calls, life.plant), await Client(kept).connect(life.calls, life.plant)
    directory.stopped = True
    await asyncio.sleep(20)
    assert not life.calls.takes_new
    other = plant(worker_id="worker_2", sessions=life.plant.sessions, workers=directory.__class__())
    other.service.attach(life.plant.stored(taken))
    directory.stopped = False
    await asyncio.sleep(6)
    assert lost.socket.closed == (1012, "reconnect")
    assert held.socket.closed is None
    assert life.calls.takes_new
    life.stop.set()
    await serving


@virtual_time
async def test_a_short_pause_changes_nothing() -> None:
    life = Life(plant(workers=Frozen()))
    directory = life.plant.workers
    assert isinstance(directory, Frozen)
    serving = asyncio.create_task(life.served())
    await asyncio.sleep(1)
    directory.stopped = True
    await asyncio.sleep(8)
    assert life.calls.takes_new
    life.stop.set()
    await serving


@virtual_time
async def test_a_worker_that_has_signed_out_beats_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its sessions would wait for its death, while it is busy saying goodbye."""
    life = Life(plant())
    slow = asyncio.Event()

    async def dismiss() -> None:
        await slow.wait()

    monkeypatch.setattr(life.calls, "dismiss", dismiss)
    serving = asyncio.create_task(life.served())
    await asyncio.sleep(1)
    life.stop.set()
    await asyncio.sleep(20)
    assert life.plant.workers.last_beat("worker_1") is None
    slow.set()
    await serving


def test_log_lines_are_json_with_ids_only() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "refused %s", ("it",), None)
    record.session_id, record.secret = "sess_1", "kst_live_x"
    line = json.loads(JsonFormatter().format(record))
    assert (line["message"], line["session_id"], line["level"]) == ("refused it", "sess_1", "INFO")
    assert "secret" not in line


class Refusing(MemoryWorkers):
    """Lets a worker in, and refuses to let it out."""

    def forget(self, worker_id: str) -> None:
        raise DependencyRefused("DeleteItem was refused")


@virtual_time
async def test_clients_are_sent_elsewhere_even_when_signing_out_is_refused() -> None:
    life = Life(plant(workers=Refusing()))
    serving = asyncio.create_task(life.served())
    await asyncio.sleep(1)
    client = await Client(life.plant.create()).connect(life.calls, life.plant)
    life.stop.set()
    await serving
    assert client.socket.closed == (1012, "reconnect")
    assert life.inbox.closed
    assert not life.worker.failed


@virtual_time
async def test_a_worker_of_which_a_part_has_failed_leaves_and_says_so() -> None:
    life = Life(plant())

    async def broken() -> None:
        await asyncio.sleep(1)
        raise ValueError("the detector")

    life.worker.voice_activity.run = broken  # type: ignore[method-assign]  # any part of it will do
    await life.served()
    assert life.worker.failed
    assert life.inbox.closed


def test_no_fault_of_the_inbox_makes_a_worker_deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media_worker.worker._POLL_AGAIN_S", 0.0)
    answers: list[Exception | list[Mapping[str, str]]] = [
        DependencyRefused("ReceiveMessage was refused"),
        ValueError("not JSON"),
        RuntimeError("closed"),
        [{"type": "end", "session_id": "sess_1"}],
    ]
    heard: list[object] = []

    class Faulty(Inbox):
        def receive(self, wait_s: int) -> list[Mapping[str, str]]:
            if not answers:
                worker._gone.set()
                return []
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

    class Loop:
        def call_soon_threadsafe(self, _to: object, command: object) -> None:
            heard.append(command)

    worker = asyncio.run(_made())
    worker.inbox = Faulty()
    worker._poll(Loop())  # type: ignore[arg-type]  # all that it needs of a loop
    assert heard == [{"type": "end", "session_id": "sess_1"}]


async def _made() -> Worker:
    return Life(plant()).worker
