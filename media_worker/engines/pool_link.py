"""The pool's end of one engine process: its socket, what is under way on it, and the process itself.

Everything here is synchronous and returns at once, except `run`, which lives as long as the process. Messages sent
before the process is up wait in order; when it dies, everything under way fails once and for all and the link is of
no further use: the pool makes another.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from media_worker.engines import pool_process
from media_worker.engines.base import Capabilities, EngineError
from media_worker.engines.failures import raised
from media_worker.engines.heartbeat import BeatRules, Heartbeat, Sign
from media_worker.engines.pool_messages import (
    Audio,
    Configure,
    Failed,
    FramingError,
    FromProcess,
    Heard,
    Message,
    Ping,
    Pong,
    PoolInbox,
    Ready,
    Spent,
    StartFailed,
    frame,
)
from media_worker.engines.pool_stats import StageCost
from media_worker.engines.registry import EnginesNotAvailable

FLUSH_S = 0.016
_log = logging.getLogger(__name__)


class Sink(Protocol):
    """Whoever waits for the answers to one request."""

    def receive(self, message: FromProcess) -> bool:
        """Take one answer; True when it was the last."""
        ...

    def fail(self, error: EngineError) -> None: ...


class StreamSink(Protocol):
    """Whoever feeds one stream."""

    def consumed(self, size: int) -> None: ...

    def partial(self, utterance: int, text: str) -> None: ...

    def lost(self) -> None: ...

    @property
    def unheard_s(self) -> float:
        """Audio handed over and not yet worked off."""
        ...


@dataclass(slots=True)
class EngineLink(asyncio.Protocol):
    on_lost: Callable[[], None]
    costs: dict[str, StageCost]
    ready: asyncio.Future[Capabilities] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    pid: int | None = None
    lost: bool = False
    heartbeat: Heartbeat = field(default_factory=lambda: Heartbeat(BeatRules()))
    last_heard_s: float = 0.0
    last_worked_s: float = 0.0
    requests: dict[int, Sink] = field(default_factory=dict)
    streams: dict[int, StreamSink] = field(default_factory=dict)
    _numbers: int = 0
    _audio: list[tuple[int, bytes]] = field(default_factory=list)
    _owed_since: float | None = None
    _flush_at: asyncio.TimerHandle | None = None
    _unsent: list[bytes] = field(default_factory=list)
    _transport: asyncio.Transport | None = None
    _process: asyncio.subprocess.Process | None = None
    _inbox: PoolInbox = field(default_factory=PoolInbox)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    # Sending

    def next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def feed(self, stream: int, pcm: bytes) -> None:
        """Audio leaves with the next flush, in one message for all streams of the process."""
        self._audio.append((stream, pcm))
        if self._flush_at is None:
            self._flush_at = asyncio.get_running_loop().call_later(FLUSH_S, self._flush)

    def send(self, message: Message) -> None:
        """Anything but audio leaves at once, behind the audio that came before it."""
        if self._audio:
            self._flush()
        self._write(message)

    def _flush(self) -> None:
        if self._flush_at is not None:
            self._flush_at.cancel()
            self._flush_at = None
        pieces, self._audio = self._audio, []
        if pieces:
            self._write(Audio(pieces))
            if self._owed_since is None:
                self._owed_since = asyncio.get_running_loop().time()

    def _write(self, message: Message) -> None:
        if self.lost:
            return
        if self._transport is None:
            self._unsent.append(frame(message))
        else:
            self._transport.write(frame(message))

    # Receiving (asyncio.Protocol)

    def data_received(self, data: bytes) -> None:
        self.last_heard_s = asyncio.get_running_loop().time()
        try:
            messages = self._inbox.receive(data)
        except (FramingError, msgspec.MsgspecError):
            _log.exception("an engine process sent something unreadable")
            self.kill()
            return
        for message in messages:
            self._dispatch(message)

    def _dispatch(self, message: FromProcess) -> None:
        if isinstance(message, Pong):
            return
        self.last_worked_s = self.last_heard_s
        match message:
            case Heard():
                self._heard(message)
            case Spent():
                self.costs.setdefault(message.stage, StageCost()).add(message)
            case Ready():
                self.ready.set_result(message.capabilities)
            case StartFailed():
                self._refuse(message.reason)
            case _:
                self._answer(message.request, message)

    def _heard(self, heard: Heard) -> None:
        self._owed_since = None
        for number, size in heard.consumed:
            if stream := self.streams.get(number):
                stream.consumed(size)
        for number, utterance, text in heard.partials:
            if stream := self.streams.get(number):
                stream.partial(utterance, text)

    def _answer(self, number: int, message: FromProcess) -> None:
        sink = self.requests.get(number)
        if sink is None:
            return
        if isinstance(message, Failed):
            del self.requests[number]
            sink.fail(raised(message))
        elif sink.receive(message):
            del self.requests[number]

    def connection_lost(self, exc: Exception | None) -> None:
        self._lose()

    def _refuse(self, reason: str) -> None:
        if not self.ready.done():
            self.ready.set_exception(EnginesNotAvailable(reason))
            self.ready.exception()  # read once, so that a restart nobody waits for is not reported as forgotten

    def _lose(self) -> None:
        """Once: fail what is under way, tell the streams, tell the pool."""
        if self.lost:
            return
        self.lost = True
        self._refuse("the engine process ended before it was ready")
        if self._flush_at is not None:
            self._flush_at.cancel()
        requests, self.requests = self.requests, {}
        streams, self.streams = self.streams, {}
        for sink in requests.values():
            sink.fail(EngineError("engine_process_died", retryable=True))
        for stream in streams.values():
            stream.lost()
        self._over.set()
        self.on_lost()

    # The process

    async def run(self, configure: Configure) -> None:
        """Start the process and stay until it has ended; whatever happens, it is gone and reaped afterwards."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = await pool_process.spawn(theirs.fileno())
            self.pid = self._process.pid
            await self._connect(ours, configure)
            await self._over.wait()
        finally:
            ours.close() if self._transport is None else self._transport.abort()
            self._lose()
            if self._process is not None:
                await pool_process.ended(self._process)

    async def _connect(self, connection: socket.socket, configure: Configure) -> None:
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, sock=connection)
        transport.write(b"".join([frame(configure), *self._unsent]))
        self._unsent.clear()
        self._transport = transport

    def hang_up(self) -> None:
        """Close the socket: the process reads end of file, stops its engines and leaves."""
        self._over.set()

    def look(self, now: float) -> None:
        """From time to time: ask whether the process still lives, and end one that does not."""
        if not self.ready.done() or self.lost:
            return
        if not any(stream.unheard_s > 0 for stream in self.streams.values()):
            self._owed_since = None
        sign = self.heartbeat.look(now, self.last_heard_s, self._owed_since)
        if sign is Sign.ASK:
            self._write(Ping())
        elif sign is Sign.DEAD:
            _log.error("engine process %s stands still and is replaced", self.pid)
            self.kill()

    def kill(self) -> None:
        """End a process that does not answer; only ever our own child."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
