"""When a worker asks whether it has been replaced, and when it offers itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.errors import DependencyRefused
from core.release_ports import Opening
from core.services.succession import Succession
from media_worker.relief import Relief
from tests.fakes.releases import Service
from tests.fakes.stores import MemoryWorkers
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import LoopClock, inline


class Post:
    def __init__(self) -> None:
        self.service, self.openings, self.clock = Service("worker:1"), MemoryWorkers(), LoopClock()
        self.has_room = True
        self.relief = Relief(Succession("w1", "worker:1", self.service, self.openings, self.clock), inline)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.relief.run(lambda: self.has_room))
        await asyncio.sleep(0.1)
        try:
            yield
            assert not task.done()
        finally:
            task.cancel()

    def replace(self) -> None:
        self.service.release = "worker:2"
        self.openings.announce("worker:2", Opening("w2", self.clock.now()))


@virtual_time
async def test_a_worker_offers_itself_every_five_seconds_and_asks_every_twenty() -> None:
    post = Post()
    async with post.held():
        await asyncio.sleep(60)
        opening = post.openings.announced("worker:1")
        assert opening is not None and (post.clock.now() - opening.at).total_seconds() < 5
        assert post.service.asked == 4


@virtual_time
async def test_who_is_full_or_superseded_does_not_offer_itself() -> None:
    post = Post()
    post.has_room = False
    async with post.held():
        await asyncio.sleep(30)
        assert post.openings.announced("worker:1") is None
        post.has_room = True
        await asyncio.sleep(9)
        post.replace()
        await asyncio.sleep(2)
        assert post.relief.has_come
        left = post.openings.announced("worker:1")
        await asyncio.sleep(12)
        assert post.openings.announced("worker:1") == left


@virtual_time
async def test_a_change_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    post = Post()
    async with post.held():
        post.replace()
        await asyncio.sleep(35)
        assert [record.message for record in caplog.records] == []
        post.replace()
        await asyncio.sleep(10)
        post.service.release = "worker:1"
        await asyncio.sleep(60)
    assert [record.message for record in caplog.records] == [
        "superseded: others take new sessions",
        "in service again",
    ]


@virtual_time
async def test_a_refusal_is_said_and_asked_again() -> None:
    post = Post()
    post.service.failure = DependencyRefused("DescribeServices was refused")
    async with post.held():
        await asyncio.sleep(41)
        assert post.service.asked == 3
        assert not post.relief.has_come
