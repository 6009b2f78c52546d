"""A model of Bedrock. One try; `BoundedModel` makes another one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import partial
from typing import Any, Protocol, cast

from media_worker.language_models.base import ModelError, Piece, Prompt
from media_worker.language_models.bedrock.bridge import Bridge, Event, Events
from media_worker.language_models.bedrock.reading import Reading
from media_worker.language_models.bedrock.request import request
from media_worker.language_models.names import ModelNames


class Converse(Protocol):
    """ConverseStream; blocks."""

    def open(self, request: Mapping[str, Any]) -> Events:
        """Raises ModelError."""
        ...

    def close(self) -> None: ...


class BedrockModel:
    """A thread for every answer that is being given, `parallel` of them at most."""

    def __init__(self, converse: Converse, names: ModelNames, parallel: int) -> None:
        self._converse = converse
        self._names = names
        self._parallel = parallel
        self._running = 0
        self._threads = ThreadPoolExecutor(parallel, "bedrock")

    async def answer(self, prompt: Prompt) -> AsyncIterator[Piece]:
        """Closing it ends the connection. Raises ModelError `model_busy` where too many answers are being given."""
        asked = request(prompt, self._names.id_of(prompt.model))
        if self._running == self._parallel:
            raise ModelError("model_busy", retryable=True)
        reading = Reading(prompt)
        self._running += 1
        try:
            async with aclosing(self._events(asked)) as events:
                async for event in events:
                    for piece in reading.read(event):
                        yield piece
        finally:
            self._running -= 1
        for piece in reading.end():
            yield piece

    def _events(self, asked: Mapping[str, Any]) -> AsyncGenerator[Event, None]:
        bridge = Bridge(asyncio.get_running_loop(), partial(self._converse.open, asked))
        return cast("AsyncGenerator[Event, None]", bridge.events(self._threads))

    async def close(self) -> None:
        """Answers that are being given have been closed before."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._converse.close()
