from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, cast

from core.errors import Unavailable
from core.services.sip_dialing import Left, SipOrder
from core.sip_ports import SipPromise
from media_worker.sip.dialing.promises import PromiseReader
from tests.fakes.sip_dialing import ORDER, PLACE
from tests.fakes.virtual_time import virtual_time

PROMISE = SipPromise(PLACE, "r1")


class Queue:
    def __init__(self, *waiting: SipPromise | Exception) -> None:
        self.waiting, self.kept, self.started = deque(waiting), [], []  # type: ignore[var-annotated]
        self.answers: Any = Left.NOTHING
        self.rooms: Any = lambda: True

    def take(self, _wait_s: int) -> SipPromise | None:
        found = self.waiting.popleft() if self.waiting else None
        if isinstance(found, Exception):
            raise found
        return found

    def keep(self, promise: SipPromise) -> None:
        self.kept.append(promise.receipt)

    def claim(self, *_place: object) -> SipOrder | Left:
        if isinstance(self.answers, Exception):
            raise self.answers
        return cast(SipOrder | Left, self.answers)

    async def run(self, seconds: float = 5.0) -> None:
        async def offload(call: Any, *arguments: Any) -> Any:
            await asyncio.sleep(0.5)
            return call(*arguments)

        def start(order: SipOrder, promise: SipPromise) -> None:
            self.started.append((order, promise))

        reader = PromiseReader(
            cast(Any, self), cast(Any, self), cast(Any, offload), cast(Any, offload), lambda: "w", self.rooms, start
        )
        task = asyncio.create_task(reader.run())
        await asyncio.sleep(seconds)
        assert not task.done()
        task.cancel()


@virtual_time
async def test_a_call_that_is_ours_begins_and_its_promise_is_not_kept_yet() -> None:
    queue = Queue(PROMISE)
    queue.answers = ORDER
    await queue.run()
    assert queue.started == [(ORDER, PROMISE)]
    assert queue.kept == []


@virtual_time
async def test_a_promise_that_nothing_is_to_be_done_about_is_taken_away_and_another_gateways_is_not() -> None:
    queue = Queue(PROMISE)
    await queue.run()
    assert queue.kept == ["r1"]
    other = Queue(PROMISE)
    other.answers = Left.LATER
    await other.run()
    assert (other.kept, other.started) == ([], [])


@virtual_time
async def test_without_room_nothing_is_taken_and_what_came_meanwhile_is_left() -> None:
    full = Queue(PROMISE)
    full.rooms = lambda: False
    await full.run()
    assert len(full.waiting) == 1
    stopping = Queue(PROMISE)
    stopping.answers, rooms = ORDER, iter([True])
    stopping.rooms = lambda: next(rooms, False)
    await stopping.run()
    assert (stopping.started, stopping.kept) == ([], [])


@virtual_time
async def test_trouble_is_survived() -> None:
    queue = Queue(Unavailable("dependency_unavailable", "no"), PROMISE)
    await queue.run(10)
    assert queue.kept == ["r1"]
    troubled = Queue(PROMISE)
    troubled.answers = Unavailable("dependency_unavailable", "no")
    await troubled.run()
    assert troubled.kept == []
