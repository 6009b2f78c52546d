from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.domain.sessions import EndReason, Role, Session, Status, Usage
from core.domain.transcripts import Turn
from core.errors import DependencyRefused, FenceLost, Unavailable
from media_worker.pipeline.equipment import Limits
from media_worker.pipeline.ledger import Ledger
from media_worker.pipeline.recorder import Piece
from tests.fakes.clocks import START
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import Plant, plant


class Weather:
    """Between the ledger and its stores: `failure` is raised by every call while it is set."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.calls = 0
        self.running = 0

    async def offload(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        self.calls += 1
        self.running += 1
        assert self.running == 1, "a session's writes never overlap"
        await asyncio.sleep(0.01)
        self.running -= 1
        if self.failure is not None:
            raise self.failure
        return call(*arguments, **named)


class Desk:
    ledger: Ledger

    def __init__(self, made: Plant, weather: Weather, session: Session) -> None:
        self.plant, self.weather, self.session = made, weather, session
        self.lost = 0
        self.seen: list[Session] = []
        self.written: list[Turn] = []

    def lose(self) -> None:
        self.lost += 1

    @property
    def turns(self) -> list[str]:
        return [turn.text for turn in self.plant.sessions.turns(self.session.tenant, self.session.id)]

    @property
    def stored(self) -> Session:
        return self.plant.stored(self.session)


async def desk(limits: Limits | None = None) -> Desk:
    made, weather = plant(limits=limits), Weather()
    session = made.create()
    equipment = replace(made.equipment, offload=weather.offload)
    at = Desk(made, weather, session)
    at.ledger = Ledger(session, equipment, at.lose, at.seen.append, at.written.extend)
    await at.ledger.attach()
    await at.ledger.first_audio()
    return at


def turn(number: int) -> Turn:
    return Turn(f"seg_{number}", number, Role.AGENT, "en", f"line {number}", START, 0.0, 1.0, 0.9)


def piece(number: int) -> Piece:
    return Piece(number * 10.0, 10.0, bytes(4))


@virtual_time
async def test_what_is_handed_in_is_written_in_order() -> None:
    at = await desk()
    for number in range(1, 31):
        at.ledger.turn(turn(number))
    at.ledger.piece(piece(0))
    at.ledger.checkpoint(Usage(active_s=3.0), START)
    await at.ledger.flush()
    assert at.turns == [f"line {number}" for number in range(1, 31)]
    assert [turn.sequence for turn in at.written] == list(range(1, 31))
    assert at.stored.usage.active_s == 3.0
    assert at.stored.last_audio_at == START
    (chunk,) = at.plant.sessions.chunks(at.session.tenant, at.session.id)
    assert at.plant.recordings.objects[chunk.key] == bytes(4)


@virtual_time
async def test_while_the_tables_do_not_answer_everything_waits_and_nothing_is_lost() -> None:
    at = await desk()
    at.weather.failure = Unavailable("dynamodb_unavailable", "no answer")
    for number in range(1, 6):
        at.ledger.turn(turn(number))
        at.ledger.piece(piece(number))
        await asyncio.sleep(10)
    assert at.turns == []
    at.weather.failure = None
    await asyncio.wait_for(at.ledger.flush(), 30)
    assert at.turns == [f"line {number}" for number in range(1, 6)]
    assert len(at.plant.sessions.chunks(at.session.tenant, at.session.id)) == 5


@virtual_time
async def test_tries_grow_rarer_while_the_tables_do_not_answer() -> None:
    at = await desk()
    before = at.weather.calls
    at.weather.failure = Unavailable("dynamodb_unavailable", "no answer")
    at.ledger.turn(turn(1))
    await asyncio.sleep(60)
    assert 10 <= at.weather.calls - before <= 20


@virtual_time
async def test_beyond_the_limit_turns_are_refused_and_the_oldest_recording_is_lost() -> None:
    at = await desk(Limits(unsaved_turns=3, unsaved_chunks=2))
    at.weather.failure = Unavailable("dynamodb_unavailable", "no answer")
    assert [at.ledger.turn(turn(number)) for number in range(1, 6)] == [True, True, True, False, False]
    for number in range(1, 5):
        at.ledger.piece(piece(number))
    at.weather.failure = None
    await asyncio.wait_for(at.ledger.flush(), 30)
    assert at.turns == ["line 1", "line 2", "line 3"]
    chunks = at.plant.sessions.chunks(at.session.tenant, at.session.id)
    assert [chunk.offset_s for chunk in chunks] == [30.0, 40.0]


@virtual_time
async def test_a_lost_fence_is_told_once_and_nothing_more_is_written() -> None:
    at = await desk()
    at.weather.failure = FenceLost(at.session.id)
    at.ledger.turn(turn(1))
    await asyncio.wait_for(at.ledger.flush(), 5)
    calls = at.weather.calls
    at.ledger.turn(turn(2))
    await at.ledger.leave(lambda: True)
    await asyncio.sleep(10)
    assert at.lost == 1
    assert at.weather.calls == calls


@virtual_time
async def test_a_write_that_can_never_succeed_is_given_up_and_the_next_is_made() -> None:
    at = await desk()
    at.weather.failure = DependencyRefused("AccessDenied")
    at.ledger.turn(turn(1))
    await asyncio.wait_for(at.ledger.flush(), 5)
    at.weather.failure = None
    at.ledger.turn(turn(2))
    await at.ledger.flush()
    assert at.turns == ["line 2"]


@virtual_time
async def test_chunks_wait_until_the_recording_has_its_id() -> None:
    made, weather = plant(), Weather()
    session = made.create()
    ledger = Ledger(
        session, replace(made.equipment, offload=weather.offload), lambda: None, lambda _: None, lambda _: None
    )
    await ledger.attach()
    ledger.piece(piece(0))
    await asyncio.wait_for(ledger.flush(), 1)
    assert made.recordings.objects == {}
    await ledger.first_audio()
    await ledger.flush()
    assert len(made.recordings.objects) == 1


@virtual_time
async def test_a_resumed_recording_goes_on_numbering_its_chunks() -> None:
    at = await desk()
    at.ledger.piece(piece(0))
    at.ledger.piece(piece(1))
    await at.ledger.flush()
    again = Ledger(at.stored, at.plant.equipment, lambda: None, lambda _: None, lambda _: None)
    await again.attach()
    again.piece(piece(2))
    await again.flush()
    chunks = at.plant.sessions.chunks(at.session.tenant, at.session.id)
    assert [(chunk.index, chunk.offset_s) for chunk in chunks] == [(0, 0.0), (1, 10.0), (2, 20.0)]


@virtual_time
async def test_a_recording_whose_numbers_cannot_be_read_is_not_written_over() -> None:
    at = await desk()
    at.ledger.piece(piece(0))
    await at.ledger.flush()
    before = dict(at.plant.recordings.objects)
    weather = Weather()
    equipment = replace(at.plant.equipment, offload=weather.offload)
    again = Ledger(at.stored, equipment, lambda: None, lambda _: None, lambda _: None)
    await again.attach()
    weather.failure = DependencyRefused("AccessDenied")
    again.piece(piece(1)._replace(pcm=b"other"))
    while weather.calls < 2:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.015)
    weather.failure = None
    await again.flush()
    assert at.plant.recordings.objects == before
    assert [chunk.offset_s for chunk in at.plant.sessions.chunks(at.session.tenant, at.session.id)] == [0.0]


@virtual_time
async def test_every_write_shows_the_session_as_it_is_now() -> None:
    at = await desk()
    at.plant.service.end(at.stored, EndReason.COMPLETED)
    at.ledger.turn(turn(1))
    await at.ledger.flush()
    assert at.seen[-1].status is Status.ENDING
    await at.ledger.flushed()
    assert at.stored.status is Status.ENDED


@virtual_time
async def test_leaving_is_forgotten_when_somebody_has_come_meanwhile() -> None:
    at = await desk()
    await at.ledger.leave(lambda: False)
    assert at.stored.disconnected_at is None
    await at.ledger.leave(lambda: True)
    assert at.stored.disconnected_at is not None


@virtual_time
async def test_an_error_while_attaching_is_the_callers() -> None:
    at = await desk()
    at.weather.failure = Unavailable("dynamodb_unavailable", "no answer")
    with pytest.raises(Unavailable):
        await at.ledger.attach()
