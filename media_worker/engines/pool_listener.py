"""One leg's recogniser as the media plane holds it; the stream behind it may move from process to process."""

from __future__ import annotations

from collections.abc import Callable

from media_worker.engines.base import EngineError, Recognition, StreamSpec
from media_worker.engines.pool_link import EngineLink
from media_worker.engines.pool_messages import Begin, Close, Finish, FromProcess, Open, Recognised
from media_worker.engines.pool_requests import Answer, Timeouts, ask

_BYTES_PER_SAMPLE = 2
_AGAIN_S = 0.2
"""Pieces in which an utterance is heard again: as much as an engine process takes of a stream in one round."""


class PoolListener:
    """Audio beyond `backlog_s` not yet worked off is refused: the utterance fails, the next starts afresh. What an
    utterance begins with, because it is heard again, does not count.

    A leg stays with its process; if that dies, the next `begin` opens the stream on another.
    """

    def __init__(
        self,
        place: Callable[[], EngineLink],
        spec: StreamSpec,
        on_partial: Callable[[str], None],
        backlog_s: float,
        timeouts: Timeouts,
    ) -> None:
        self._place = place
        self._spec = spec
        self._on_partial = on_partial
        self._limit_bytes = int(backlog_s * spec.rate_hz) * _BYTES_PER_SAMPLE
        self._slice_bytes = int(_AGAIN_S * spec.rate_hz) * _BYTES_PER_SAMPLE
        self._timeouts = timeouts
        self._link: EngineLink | None = None
        self._stream = 0
        self._utterance = 0
        self._unheard_bytes = 0
        self._allowed_bytes = self._limit_bytes
        self._failure: EngineError | None = EngineError("utterance_not_begun")
        self._closed = False

    @property
    def broken(self) -> EngineError | None:
        return self._failure

    def begin(self, pcm: bytes = b"") -> None:
        if self._closed:
            raise EngineError("listener_closed")
        link = self._link or self._open()
        self._utterance += 1
        self._failure = None
        link.send(Begin(self._stream, self._utterance))
        self._allowed_bytes = self._limit_bytes + len(pcm)
        for start in range(0, len(pcm), self._slice_bytes):
            self.feed(pcm[start : start + self._slice_bytes])

    def feed(self, pcm: bytes) -> None:
        if self._failure is not None or self._link is None:
            return
        self._unheard_bytes += len(pcm)
        if self._unheard_bytes > self._allowed_bytes:
            self._failure = EngineError("recogniser_overloaded", retryable=True)
            self._leave()
            return
        self._link.feed(self._stream, pcm)

    async def finish(self) -> Recognition:
        failure, self._failure = self._failure, EngineError("utterance_not_begun")
        if failure is not None or self._link is None:
            raise failure or EngineError("engine_process_died", retryable=True)
        link, answer = self._link, Answer(_recognition)
        number = link.next_number()
        return await ask(link, number, Finish(self._stream, number), answer, self._timeouts.finish_s)

    async def close(self) -> None:
        self._closed = True
        self._failure = EngineError("listener_closed")
        self._leave()

    def _open(self) -> EngineLink:
        link = self._link = self._place()
        self._stream = link.next_number()
        self._unheard_bytes = 0
        link.streams[self._stream] = self
        link.send(Open(self._stream, self._spec))
        return link

    def _leave(self) -> None:
        """Give the stream up, with all audio that waits for it."""
        link, self._link = self._link, None
        if link is not None:
            link.streams.pop(self._stream, None)
            link.send(Close(self._stream))

    # What the link tells (StreamSink)

    def consumed(self, size: int) -> None:
        self._unheard_bytes -= size

    def partial(self, utterance: int, text: str) -> None:
        if utterance == self._utterance and self._failure is None:
            self._on_partial(text)

    def lost(self) -> None:
        self._link = None
        if self._failure is None:
            self._failure = EngineError("engine_process_died", retryable=True)

    @property
    def unheard_s(self) -> float:
        return self._unheard_bytes / (self._spec.rate_hz * _BYTES_PER_SAMPLE)


def _recognition(message: FromProcess) -> Recognition:
    assert isinstance(message, Recognised)
    return message.recognition
