"""The sending side of a WebSocket, without ever waiting for it."""

from __future__ import annotations

import asyncio
import contextlib
from struct import pack

from aiohttp import web

from media_worker.closing import CloseCode
from media_worker.limits import SocketLimits

_TEXT_FRAME = 0x81


class MediaSocket:
    """Frames go straight to the transport: no task, no queue and no lock per message.

    The transport's own buffer is the only one, so a slow client costs its own socket and nobody else's.
    Compression is off; then any whole frame may be written between those of aiohttp (pings, close).
    """

    def __init__(self, response: web.WebSocketResponse, transport: asyncio.Transport, limits: SocketLimits) -> None:
        self._response = response
        self._transport = transport
        self._limits = limits
        self._closing: asyncio.Task[None] | None = None

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


def _header(size: int) -> bytes:
    """RFC 6455, section 5.2: final text frame, unmasked."""
    if size < 126:
        return bytes((_TEXT_FRAME, size))
    if size < 65536:
        return pack("!BBH", _TEXT_FRAME, 126, size)
    return pack("!BBQ", _TEXT_FRAME, 127, size)
