"""One relayed socket: what the client sends goes to the owner, what the owner sends to the client, as it is.

Neither side's frames are opened. A frame is read when the one before it has been passed on, so a slow side slows the
other one down instead of filling memory here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

from aiohttp import ClientWebSocketResponse, WSMsgType

from media_worker.closing import CloseCode
from media_worker.media_socket import Frame, MediaSocket

CLIENT_GONE = 1001
_SILENT_BEATS = 2
_FAREWELL_S = 2.0
_PING_S = 1.0
_LOWEST_CODE = 1000
_NEVER_SENT = frozenset({1004, 1005, 1006, 1015})


class Line:
    def __init__(self, owner: ClientWebSocketResponse[bool], client: MediaSocket) -> None:
        self._owner = owner
        self._client = client
        self._silent_beats = 0
        self._patience = asyncio.timeout(None)

    async def carry(self, read_already: Iterable[Frame]) -> None:
        """Until either side closes. An owner that vanishes is a reason to come again (1012)."""
        back = asyncio.create_task(self._back(), name="relay-back")
        try:
            with contextlib.suppress(ConnectionError, TimeoutError):
                async with self._patience:
                    await self._forth(read_already)
            if not self._client.is_closing:
                await asyncio.wait((back,), timeout=_FAREWELL_S)
                self._client.close(CloseCode.GOING_AWAY, "reconnect")
        finally:
            back.cancel()
            await asyncio.gather(back, return_exceptions=True)
            await self._hang_up()

    async def beat(self) -> None:
        """Ask whether the owner lives; one that has answered nothing for two beats is given up.

        A frozen one takes nothing more after a while: neither a ping nor the frame behind which we wait may hold us up.
        """
        if self._silent_beats >= _SILENT_BEATS:
            self._client.close(CloseCode.GOING_AWAY, "reconnect")
            self._patience.reschedule(asyncio.get_running_loop().time())
            return
        self._silent_beats += 1
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(_PING_S):
                await self._owner.ping()

    async def _forth(self, read_already: Iterable[Frame]) -> None:
        for frame in read_already:
            await self._send(frame)
        async for frame in self._client.frames():
            await self._send(frame)

    async def _send(self, frame: Frame) -> None:
        await self._owner.send_frame(frame.data, WSMsgType.BINARY if frame.binary else WSMsgType.TEXT)

    async def _back(self) -> None:
        while True:
            message = await self._owner.receive()
            self._silent_beats = 0
            match message.type:
                case WSMsgType.TEXT | WSMsgType.BINARY:
                    await self._client.forward(Frame(message.data, message.type is WSMsgType.BINARY))
                case WSMsgType.PING:
                    await self._owner.pong(message.data)
                case WSMsgType.PONG:
                    pass
                case WSMsgType.CLOSE:
                    self._client.close(sendable(message.data), message.extra or "")
                    return
                case _:
                    self._client.close(CloseCode.GOING_AWAY, "reconnect")
                    return

    async def _hang_up(self) -> None:
        """The owner is told why the client left."""
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(_FAREWELL_S):
                await self._owner.close(code=sendable(self._client.close_code, otherwise=CLIENT_GONE))


def sendable(code: int | None, otherwise: int = CloseCode.GOING_AWAY) -> int:
    """Some codes are only ever read, never sent (RFC 6455, section 7.4)."""
    return otherwise if code is None or code < _LOWEST_CODE or code in _NEVER_SENT else int(code)
