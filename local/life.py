"""Beginnings and ends: signals become a cancellation, and what was started in a thread is stopped in one."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")

INTERRUPTED = 130


def run(main: Coroutine[Any, Any, int]) -> int:
    """Run to the end, or to the first SIGINT or SIGTERM. Tearing down is never interrupted; INTERRUPTED then."""
    return asyncio.run(_until_signalled(main))


async def _until_signalled(main: Coroutine[Any, Any, int]) -> int:
    task = asyncio.create_task(main)
    signalled = asyncio.Event()

    def stop() -> None:
        if not signalled.is_set():
            signalled.set()
            task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if not signalled.is_set():
            raise
        return INTERRUPTED


@asynccontextmanager
async def started(start: Callable[[], T], stop: Callable[[T], None]) -> AsyncIterator[T]:
    """A resource with blocking calls. Cancelled while starting, it is awaited and stopped: nothing is orphaned."""
    resource = await finished(start, undo=stop)
    try:
        yield resource
    finally:
        await finished(lambda: stop(resource))


async def finished(work: Callable[[], T], undo: Callable[[T], None] | None = None) -> T:
    """Blocking work in a thread, to its end even when cancelled; then undone, and the cancellation goes on."""
    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if undo and task.exception() is None:
            await asyncio.to_thread(undo, task.result())
        raise
