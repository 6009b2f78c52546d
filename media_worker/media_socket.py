"""A WebSocket as the worker uses it: read frame by frame, written without ever waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from struct import pack

import msgspec
from aiohttp import WSMsgType

from media_worker.closing import CloseCode
from media_worker.frame_queue import FrameResponse
from media_worker.limits import SocketLimits

_TEXT_FRAME = 0x81
_PING = b"\x89\x00"
# Looking a member up in its enumeration costs as much as comparing it, and this is done for every message.
_TEXT, _BINARY, _PINGED = WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING
_CLOSED = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED)
_SILENT_BEATS = 2


class Frame(msgspec.Struct, gc=False):
    """Not a dataclass: one is made for every message of every call, and this is three times as fast."""

    data: bytes
    binary: bool


class MediaSocket:
    """Frames go straight to the transport: no task, no queue and no lock per message.

    The transport's own buffer is the only one, so a slow client costs its own socket and nobody else's.
    Compression is off; then any whole frame may be written between those of aiohttp (pongs, close). Heartbeats are
    our own, because aiohttp's take a timer for every message: a tenth of all that a frame costs.
    """

    def __init__(self, response: FrameResponse, transport: asyncio.Transport, limits: SocketLimits) -> None:
        self._response = response
        self._transport = transport
        self._limits = limits
        self._closing: asyncio.Task[None] | None = None
        self._silent_beats = 0
        self._take: Callable[[bytes, bool], None] = _nobody
        self._fault: Exception | None = None

    async def frames(self) -> AsyncIterator[Frame]:
        """Data frames until the socket is closed, by either side. aiohttp refuses what is too long (1009)."""
        receive = self._response.receive
        while (kind := (message := await receive()).type) not in _CLOSED:
            self._silent_beats = 0
            if kind is _TEXT or kind is _BINARY:
                yield Frame(message.data, kind is _BINARY)
            elif kind is _PINGED:
                await self._response.pong(message.data)

    async def hear(self, take: Callable[[bytes, bool], None]) -> None:
        """Hand every data frame to `take` (and whether it is binary) when it has been read, until the socket is closed.

        What `take` raises closes the socket and comes out here.
        """
        queue = self._response.queue
        self._take = take
        queue.take = self._hand_on if queue.is_empty else None
        try:
            async for frame in self.frames():
                self._hand_on(frame.data, frame.binary)
                if queue.is_empty:
                    queue.take = self._hand_on
        finally:
            queue.take = None
        if self._fault is not None:
            raise self._fault

    def _hand_on(self, data: bytes, binary: bool) -> None:
        """Called from inside the parser, which swallows exceptions."""
        self._silent_beats = 0
        try:
            self._take(data, binary)
        except Exception as error:
            if self._fault is None:
                self._fault = error
                self.close(CloseCode.OUR_FAULT, "internal_error")

    def beat(self) -> None:
        """Ask whether the client lives; one that has answered nothing for two beats is cut off."""
        if self._silent_beats >= _SILENT_BEATS:
            self._transport.abort()
        elif not (self.is_closing or self._transport.is_closing()):
            # A broken connection is closed before its reader has noticed, and uvloop raises for what is written then.
            self._silent_beats += 1
            self._transport.write(_PING)

    async def forward(self, frame: Frame) -> None:
        """Write, and wait while the client is slow. Raises ConnectionError when it is gone."""
        await self._response.send_frame(frame.data, WSMsgType.BINARY if frame.binary else WSMsgType.TEXT)

    @property
    def close_code(self) -> int | None:
        """None while open, and where the connection just broke."""
        return self._response.close_code

    @property
    def is_closing(self) -> bool:
        return self._closing is not None or self._response.closed

    def send(self, frame: bytes, *, droppable: bool = False) -> None:
        if self.is_closing or self._transport.is_closing():
            return
        waiting = self._transport.get_write_buffer_size()
        if droppable and waiting > self._limits.outbound_bytes // 4:
            return
        if waiting > self._limits.outbound_bytes:
            self.close(CloseCode.TOO_MUCH, "the stream is not read fast enough")
            return
        self._transport.write(_header(len(frame)) + frame)

    def close(self, code: int, reason: str) -> None:
        """Once; what was sent before still goes out."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(code, reason), name="close-socket")

    async def closed(self) -> None:
        if self._closing is not None:
            await asyncio.wait((self._closing,))

    async def _close(self, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(self._limits.close_wait_s):
                await self._response.close(code=code, message=reason.encode()[:120])
        except TimeoutError:
            self._transport.abort()
        with contextlib.suppress(ConnectionError):
            self._transport.close()


def _nobody(_data: bytes, _binary: bool) -> None:
    """Before anybody listens."""


@lru_cache(256)
def _header(size: int) -> bytes:
    """RFC 6455, section 5.2: final text frame, unmasked."""
    if size < 126:
        return bytes((_TEXT_FRAME, size))
    if size < 65536:
        return pack("!BBH", _TEXT_FRAME, 126, size)
    return pack("!BBQ", _TEXT_FRAME, 127, size)
