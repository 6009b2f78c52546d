"""Many at one moment: a place is taken before anything is waited for, and given back when it comes to nothing."""

from __future__ import annotations

import asyncio

import pytest

from core.domain.sessions import Session
from core.errors import RateLimited, Unavailable
from media_worker.pipeline.conversation import Conversation
from media_worker.pipeline.equipment import Limits
from media_worker.pipeline.ledger import Ledger
from tests.fakes.talk import Client, Running
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import plant

BURST = 40


async def join_at_once(
    worker: Running, at: list[Session], most: int | None = None
) -> list[Conversation | BaseException]:
    clients = [Client(session) for session in at]
    token = worker.plant.token
    joins = (worker.calls.join(c.session.id, token(c.session), c.leg, sessions=most) for c in clients)
    return await asyncio.gather(*joins, return_exceptions=True)


def refused(outcomes: list[Conversation | BaseException]) -> list[type[BaseException]]:
    return [type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)]


@virtual_time
async def test_of_forty_legs_that_come_at_once_exactly_as_many_as_may_get_in() -> None:
    async with Running(plant(limits=Limits(sockets_per_session=16))) as worker:
        outcomes = await join_at_once(worker, [worker.plant.create()] * BURST)
        assert refused(outcomes) == [RateLimited] * (BURST - 16)


@virtual_time
async def test_of_forty_sessions_that_come_at_once_exactly_as_many_as_may_get_in() -> None:
    async with Running(plant()) as worker:
        outcomes = await join_at_once(worker, [worker.plant.create() for _ in range(BURST)], most=5)
        assert refused(outcomes) == [Unavailable] * (BURST - 5)
        assert len(worker.calls) == 5


@virtual_time
async def test_the_place_of_a_leg_that_could_not_come_in_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Running(plant(limits=Limits(sockets_per_session=2))) as worker:
        session = worker.plant.create()
        here = await worker.client(session)

        async def fails(_ledger: Ledger) -> Session:
            raise Unavailable("store_unavailable", "not now")

        with monkeypatch.context() as broken:
            broken.setattr(Ledger, "attach", fails)
            assert refused(await join_at_once(worker, [session])) == [Unavailable]
        assert here.conversation is not None and not here.conversation.is_full
        assert refused(await join_at_once(worker, [session] * 2)) == [RateLimited]
