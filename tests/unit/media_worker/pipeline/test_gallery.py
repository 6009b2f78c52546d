"""Partials go to watchers while, and only while, somebody watches."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from core.domain.events import EventType
from core.domain.sessions import Session, Transcription
from core.domain.watching import WATCH_LIFETIME, watch_command
from tests.fakes.engines import FakeEngines
from tests.fakes.talk import Running
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import plant

MINUTE = timedelta(minutes=1)


def talkative() -> FakeEngines:
    engines = FakeEngines("where is my order", asr_s=0.05, mt_s=0.01, tts_s=0.02)
    engines.partial = "where"
    return engines


def watched(worker: Running, session: Session, lasts: timedelta = MINUTE, asked_ago: timedelta = timedelta(0)) -> None:
    at = worker.plant.clock.now() - asked_ago
    worker.calls.command(watch_command(session.id, at, worker.plant.clock.now() + lasts))


def cries(worker: Running) -> list[str]:
    assert {event.type for event in worker.plant.bus.taken} <= {EventType.TRANSCRIPT_PARTIAL}
    return [event.data["text"] for event in worker.plant.bus.taken]


@virtual_time
async def test_where_nobody_watches_nothing_leaves_the_worker() -> None:
    async with Running(plant(talkative())) as worker:
        client = await worker.client(worker.plant.create())
        await client.say(1.0)
        assert client.of("transcript.partial")
        assert cries(worker) == []


@virtual_time
async def test_who_watches_gets_what_the_clients_get() -> None:
    async with Running(plant(talkative())) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        watched(worker, session)
        await client.say(1.0)
        [told, *_] = worker.plant.bus.taken
        shown = {"type": "transcript.partial", "session_id": session.id, **told.data}
        assert shown == client.of("transcript.partial")[0]
        assert (told.tenant, told.session_id) == (session.tenant, session.id)
        assert not [event for event in worker.plant.sessions.events if event.type is EventType.TRANSCRIPT_PARTIAL]


@virtual_time
async def test_a_watch_that_nobody_renews_is_over_after_its_time() -> None:
    async with Running(plant(talkative())) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        watched(worker, session)
        await asyncio.sleep(61)
        await client.say(1.0)
        assert cries(worker) == []


@virtual_time
async def test_nobody_watches_longer_than_is_usual_whatever_is_asked() -> None:
    async with Running(plant(talkative())) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        watched(worker, session, lasts=timedelta(days=1))
        await asyncio.sleep(WATCH_LIFETIME.total_seconds() + 1)
        await client.say(1.0)
        assert cries(worker) == []


@virtual_time
async def test_the_last_one_has_left() -> None:
    async with Running(plant(talkative())) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        watched(worker, session)
        await asyncio.sleep(1)
        watched(worker, session, lasts=timedelta(0))
        await client.say(1.0)
        assert cries(worker) == []


@virtual_time
async def test_a_stop_that_was_overtaken_by_somebody_new_stops_nothing() -> None:
    async with Running(plant(talkative())) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        await asyncio.sleep(10)
        watched(worker, session)
        watched(worker, session, lasts=timedelta(seconds=-2), asked_ago=timedelta(seconds=2))
        await client.say(1.0)
        assert cries(worker)


@virtual_time
async def test_what_nobody_can_read_changes_nothing() -> None:
    async with Running(plant(talkative())) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        watched(worker, session)
        worker.calls.command({"type": "watch", "session_id": session.id})
        worker.calls.command({"type": "watch", "session_id": session.id, "at": "x", "until": "y"})
        worker.calls.command(watch_command("sess_elsewhere", worker.plant.clock.now(), worker.plant.clock.now()))
        await client.say(1.0)
        assert cries(worker)


@virtual_time
async def test_a_session_that_wants_no_partials_has_none_for_watchers_either() -> None:
    async with Running(plant(talkative())) as worker:
        session = worker.plant.create(transcription=Transcription(partials=False))
        client = await worker.client(session)
        watched(worker, session)
        await client.say(1.0)
        assert cries(worker) == []
