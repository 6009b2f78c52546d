"""How the media plane sees its engines: asynchronous, non-blocking to feed, bounded.

`pool.EnginePool` implements this over engine processes, `guarded_engines.GuardedEngines` over one or two of those; a
lane never knows how many there are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from media_worker.engines.base import Capabilities, EngineError, Recognition, SpeechRequest, StreamSpec


class Listener(Protocol):
    """One leg's recogniser, wherever it runs."""

    def begin(self, pcm: bytes = b"") -> None:
        """A new utterance; `pcm` of it was heard before, by a recogniser that is gone, and is due at once."""
        ...

    def feed(self, pcm: bytes) -> None:
        """Hand over audio of the open utterance; returns at once. Audio over the queue's limit is an error event,
        never a silent loss: the next `finish` raises EngineError("recogniser_overloaded")."""
        ...

    @property
    def broken(self) -> EngineError | None:
        """Why the open utterance cannot be finished any more; what is fed is not heard."""
        ...

    async def finish(self) -> Recognition: ...

    async def close(self) -> None: ...


class Engines(Protocol):
    @property
    def capabilities(self) -> Capabilities: ...

    def telling(self, on_notice: Callable[[str], None]) -> Engines:
        """The same engines for one session; `on_notice` is called with a code when its clients should know that
        something was tried again or done by others."""
        ...

    def listen(self, spec: StreamSpec, on_partial: Callable[[str], None]) -> Listener:
        """Open a recogniser. `on_partial` is called on the event loop with the tentative text of the open utterance,
        and no more once `finish` was called."""
        ...

    async def translate(self, text: str, source: str, target: str) -> str: ...

    def speak(self, request: SpeechRequest) -> AsyncIterator[bytes]: ...

    async def close(self) -> None: ...
