"""One recogniser of one speaker: an utterance at a time, while the next may already be spoken."""

from __future__ import annotations

import asyncio
from collections import deque

from media_worker.engines.base import EngineError, Recognition
from media_worker.engines.ports import Listener


class Ear:
    """Audio of a later utterance is held until the result of the earlier one is there.

    What is held is bounded by the lane: utterances by its queue, an utterance by the longest turn.
    """

    def __init__(self, listener: Listener, wait_s: float) -> None:
        self._listener = listener
        self._wait_s = wait_s
        self._busy = False
        self._held: deque[list[bytes]] = deque()

    def begin(self, pcm: bytes) -> None:
        if self._busy:
            self._held.append([pcm])
        else:
            self._start([pcm])

    def feed(self, pcm: bytes) -> None:
        """Audio of the utterance that was begun last."""
        if self._held:
            self._held[-1].append(pcm)
        else:
            self._listener.feed(pcm)

    async def finish(self) -> Recognition:
        """The result of the oldest unfinished utterance. Raises EngineError."""
        try:
            return await asyncio.wait_for(self._listener.finish(), self._wait_s)
        except TimeoutError as error:
            raise EngineError("recogniser_timeout", retryable=True) from error
        finally:
            self._busy = False
            if self._held:
                self._start(self._held.popleft())

    async def close(self) -> None:
        await self._listener.close()

    def _start(self, pieces: list[bytes]) -> None:
        self._busy = True
        self._listener.begin()
        for pcm in pieces:
            self._listener.feed(pcm)
