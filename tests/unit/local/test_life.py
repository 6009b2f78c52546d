from __future__ import annotations

import asyncio
import os
import signal
import threading

import pytest

from local.life import INTERRUPTED, finished, run, started


async def test_a_resource_is_stopped_when_the_block_is_left() -> None:
    stopped: list[str] = []
    async with started(lambda: "it", stopped.append) as resource:
        assert (resource, stopped) == ("it", [])
    assert stopped == ["it"]


async def test_a_resource_is_stopped_when_the_block_fails() -> None:
    stopped: list[str] = []
    with pytest.raises(RuntimeError):
        async with started(lambda: "it", stopped.append):
            raise RuntimeError
    assert stopped == ["it"]


async def test_a_start_that_is_cancelled_half_way_orphans_nothing() -> None:
    begun, may_go_on, stopped = threading.Event(), threading.Event(), list[str]()

    def start() -> str:
        begun.set()
        may_go_on.wait(5)
        return "it"

    async def use() -> None:
        async with started(start, stopped.append):
            raise AssertionError("never entered")

    task = asyncio.create_task(use())
    await asyncio.to_thread(begun.wait, 5)
    task.cancel()
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stopped == ["it"]


async def test_work_that_fails_after_a_cancellation_stays_a_cancellation() -> None:
    begun, may_go_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_go_on.wait(5)
        raise RuntimeError

    task = asyncio.create_task(finished(work))
    await asyncio.to_thread(begun.wait, 5)
    task.cancel()
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_work_and_never_its_tidying_up(number: signal.Signals) -> None:
    tidied: list[bool] = []

    async def work() -> int:
        os.kill(os.getpid(), number)
        try:
            await asyncio.Event().wait()
        finally:
            os.kill(os.getpid(), number)
            await asyncio.sleep(0)
            tidied.append(True)
        return 0

    assert run(work()) == INTERRUPTED
    assert tidied == [True]


def test_work_that_ends_by_itself_says_how() -> None:
    async def work() -> int:
        return 3

    assert run(work()) == 3
