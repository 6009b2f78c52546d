"""What one thread reads, on the event loop: few events wait in between, and closing wakes the thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import Executor
from typing import Any, Protocol

Event = Mapping[str, Any]
_AHEAD = 32
"""Events that may wait for the loop; then the thread does, and with it the service."""


class Events(Protocol):
    """Iterated in one thread; `close` comes from another and ends a wait for the next event."""

    def __iter__(self) -> Iterator[Event]: ...

    def close(self) -> None: ...


class _Closed(Exception):
    """Nobody listens any more."""


class Bridge:
    """One stream. `open_events` and the events are run in a thread; what they raise is raised by `events`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, open_events: Callable[[], Events]) -> None:
        self._loop = loop
        self._open = open_events
        self._queue: asyncio.Queue[Event | Exception | None] = asyncio.Queue()
        self._places = threading.Semaphore(_AHEAD)
        self._lock = threading.Lock()
        self._closed = False
        self._events: Events | None = None

    async def events(self, threads: Executor) -> AsyncIterator[Event]:
        """Closing it lets the thread go; one that still waits for the answer to begin goes when that comes."""
        threads.submit(self._run)
        try:
            while (item := await self._queue.get()) is not None:
                self._places.release()
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self._close()

    def _close(self) -> None:
        with self._lock:
            self._closed = True
            events = self._events
        self._places.release(_AHEAD)
        if events is not None:
            events.close()

    def _run(self) -> None:
        try:
            for event in self._opened():
                self._put(event)
            self._put(None)
        except _Closed:
            return
        except Exception as error:
            self._tell(error)

    def _opened(self) -> Events:
        events = self._open()
        with self._lock:
            self._events = events
            closed = self._closed
        if closed:
            events.close()
        return events

    def _put(self, item: Event | Exception | None) -> None:
        self._places.acquire()
        if self._closed:
            raise _Closed
        try:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)
        except RuntimeError:  # the loop has been closed
            raise _Closed from None

    def _tell(self, error: Exception) -> None:
        try:
            self._put(error)
        except _Closed:
            return
