import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest

from media_worker.language_models.base import ModelError
from media_worker.language_models.bedrock.bridge import _AHEAD, Bridge, Event

PATIENCE_S = 5.0


class Source:
    """Events as they are wanted; `made` counts them, `ended` is set when their thread has gone."""

    def __init__(self, make: Callable[[threading.Event], Iterator[Event]]) -> None:
        self._make = make
        self.made = 0
        self.closed = threading.Event()
        self.ended = threading.Event()

    def __iter__(self) -> Iterator[Event]:
        try:
            for event in self._make(self.closed):
                self.made += 1
                yield event
        finally:
            self.ended.set()

    def close(self) -> None:
        self.closed.set()


def numbers(count: int) -> Callable[[threading.Event], Iterator[Event]]:
    return lambda closed: iter({"n": number} for number in range(count))


def bridged(source: Source, threads: ThreadPoolExecutor) -> AsyncGenerator[Event, None]:
    bridge = Bridge(asyncio.get_running_loop(), lambda: source)
    return cast("AsyncGenerator[Event, None]", bridge.events(threads))


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


async def test_everything_arrives_in_its_order(threads: ThreadPoolExecutor) -> None:
    source = Source(numbers(500))
    assert [event["n"] async for event in bridged(source, threads)] == list(range(500))


async def test_who_reads_slowly_holds_the_thread_up(threads: ThreadPoolExecutor) -> None:
    source = Source(numbers(10_000))
    events = bridged(source, threads)
    await anext(events)
    await asyncio.to_thread(source.ended.wait, 0.2)
    assert source.made <= _AHEAD + 2
    await events.aclose()
    assert await asyncio.to_thread(source.ended.wait, PATIENCE_S)


async def test_closing_wakes_who_waits_for_the_next_event(threads: ThreadPoolExecutor) -> None:
    def quiet(closed: threading.Event) -> Iterator[Event]:
        yield {"n": 0}
        closed.wait(PATIENCE_S)

    source = Source(quiet)
    events = bridged(source, threads)
    await anext(events)
    await events.aclose()
    assert await asyncio.to_thread(source.ended.wait, PATIENCE_S)
    assert source.closed.is_set()


async def test_what_opens_after_it_was_closed_is_closed_at_once(threads: ThreadPoolExecutor) -> None:
    source, may_open = Source(numbers(1)), threading.Event()

    def open_late() -> Source:
        may_open.wait(PATIENCE_S)
        return source

    bridge = Bridge(asyncio.get_running_loop(), open_late)
    events = cast("AsyncGenerator[Event, None]", bridge.events(threads))
    reading = asyncio.create_task(anext(events))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    may_open.set()
    assert await asyncio.to_thread(source.closed.wait, PATIENCE_S)


async def test_an_error_of_the_thread_is_raised_after_what_came_before(threads: ThreadPoolExecutor) -> None:
    def failing(closed: threading.Event) -> Iterator[Event]:
        yield {"n": 0}
        raise ModelError("model_failed")

    events = bridged(Source(failing), threads)
    assert await anext(events) == {"n": 0}
    with pytest.raises(ModelError):
        await anext(events)
