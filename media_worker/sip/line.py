"""The way from a telephone into its session: one WebSocket to the stream's URL, spoken as a carrier speaks on it.

To the media worker this is a telephone like any other. When a worker goes away the call stays: the line is opened
again, and what was said meanwhile follows, as far as two seconds hold it.
"""

from __future__ import annotations

import asyncio
import audioop
import contextlib
import logging
from binascii import a2b_base64, b2a_base64
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import aiohttp
import msgspec

from media_worker.closing import CloseCode

_log = logging.getLogger(__name__)
_SAMPLE_BYTES = 2
_WAITING_FRAMES = 100
_CONNECT_S = 5.0
_PAUSES_S = (0.0, 0.5, 1.0, 2.0)
_LARGEST_FRAME = 1024 * 1024
_OVER = frozenset(
    {1000, CloseCode.NO_SUCH_SESSION, CloseCode.SESSION_ENDED, CloseCode.WINDOW_OVER, CloseCode.BAD_MESSAGE}
)


class Sound(Protocol):
    """The telephone's loudspeaker. PCM is 16 bit, 8 kHz."""

    def play(self, pcm: bytes) -> None: ...

    def clear(self) -> None: ...

    def mark(self, name: str, reached: Callable[[str], None]) -> None: ...


class LineRefused(Exception):
    """The session cannot be reached now. `code` is the socket's close code, or HTTP's status; 0 for no answer."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the session's stream was refused: {code}")
        self.code = code


class Ended(StrEnum):
    SESSION = "session"
    """The session is over, or this call's place in it."""
    UNREACHABLE = "unreachable"
    """No worker took the line for as long as a session waits."""


class _Media(msgspec.Struct, gc=False):
    payload: str


class _Named(msgspec.Struct, gc=False):
    name: str


class _Word(msgspec.Struct, gc=False):
    event: str
    media: _Media | None = None
    mark: _Named | None = None


_DECODER = msgspec.json.Decoder(_Word)
_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Way:
    """Where a session's stream is, and how one is let in: `call_id` names the stream, `token` is asked every time."""

    url: str
    call_id: str
    token: Callable[[], Awaitable[str]]


class Line:
    def __init__(self, http: aiohttp.ClientSession, way: Way, time: Callable[[], float], patience_s: float) -> None:
        self._http = http
        self._way = way
        self._time = time
        self._patience_s = patience_s
        self._sound: Sound | None = None
        self._socket: aiohttp.ClientWebSocketResponse[bool] | None = None
        self._waiting: deque[bytes] = deque(maxlen=_WAITING_FRAMES)
        self._news = asyncio.Event()
        self._chunk = 0
        self._participant = ""
        self.reconnects = 0

    def hear(self, pcm: bytes) -> None:
        """20 ms of what the telephone says."""
        self._chunk += 1
        payload = b2a_base64(audioop.lin2ulaw(pcm, _SAMPLE_BYTES), newline=False)
        self._say(b'{"event":"media","media":{"chunk":%d,"payload":"%b"}}' % (self._chunk, payload))

    def key(self, digit: str) -> None:
        self._say(_encode({"event": "dtmf", "dtmf": {"digit": digit}}))

    async def open(self, participant: str) -> None:
        """For a role, or somebody who takes part by id. Raises LineRefused."""
        self._participant = participant
        self._socket = await self._connect()

    async def run(self, sound: Sound) -> Ended:
        """Carry both ways until the session is over; `open` was called before."""
        self._sound = sound
        lost_at: float | None = None
        pauses = iter(_PAUSES_S)
        while True:
            if self._socket is not None:
                code, lived_s = await self._carry(self._socket)
                self._socket = None
                if code in _OVER:
                    return Ended.SESSION
                if lost_at is None or lived_s > _CONNECT_S:
                    lost_at, pauses = self._time(), iter(_PAUSES_S)
                sound.clear()
            assert lost_at is not None
            if self._time() - lost_at > self._patience_s:
                return Ended.UNREACHABLE
            await asyncio.sleep(next(pauses, _PAUSES_S[-1]))
            self.reconnects += 1
            try:
                self._socket = await self._connect()
            except LineRefused as refused:
                if refused.code in _OVER:
                    return Ended.SESSION
                _log.info("a line could not be opened again", extra={"code": str(refused.code)})

    async def close(self) -> None:
        """The telephone has hung up."""
        if self._socket is not None and not self._socket.closed:
            with contextlib.suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(2.0):
                    await self._socket.send_str('{"event":"stop"}')
                    await self._socket.close()

    async def _connect(self) -> aiohttp.ClientWebSocketResponse[bool]:
        token = await self._way.token()
        try:
            async with asyncio.timeout(_CONNECT_S):
                socket = await self._http.ws_connect(
                    self._way.url, max_msg_size=_LARGEST_FRAME, decode_text=False, compress=0
                )
                await socket.send_str('{"event":"connected","version":"1.0.0"}')
                await socket.send_str(self._start(token))
                return socket
        except aiohttp.WSServerHandshakeError as error:
            raise LineRefused(error.status) from None
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            _log.warning("a session's stream cannot be reached", extra={"code": type(error).__name__})
            raise LineRefused(0) from None

    def _start(self, token: str) -> str:
        parameters = {"token": token, "participant": self._participant}
        begins = {
            "media_format": {"encoding": "PCMU", "sample_rate": 8000, "channels": 1},
            "custom_parameters": parameters,
        }
        return _encode({"event": "start", "stream_id": self._way.call_id, "start": begins}).decode()

    async def _carry(self, socket: aiohttp.ClientWebSocketResponse[bool]) -> tuple[int, float]:
        """Until it is closed: by which code, and after how long."""
        began = self._time()
        forth = asyncio.create_task(self._forth(socket), name="sip-line-forth")
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(message.data)
        finally:
            forth.cancel()
            await asyncio.gather(forth, return_exceptions=True)
        return socket.close_code or CloseCode.GOING_AWAY, self._time() - began

    async def _forth(self, socket: aiohttp.ClientWebSocketResponse[bool]) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                while self._waiting:
                    await socket.send_frame(self._waiting[0], aiohttp.WSMsgType.TEXT)
                    self._waiting.popleft()
                self._news.clear()
                await self._news.wait()

    def _take(self, frame: bytes) -> None:
        assert self._sound is not None
        try:
            word = _DECODER.decode(frame)
        except msgspec.DecodeError:
            return
        if word.event == "media" and word.media is not None:
            self._sound.play(audioop.ulaw2lin(a2b_base64(word.media.payload), _SAMPLE_BYTES))
        elif word.event == "mark" and word.mark is not None:
            self._sound.mark(word.mark.name, self._reached)
        elif word.event == "clear":
            self._sound.clear()

    def _reached(self, name: str) -> None:
        self._say(_encode({"event": "mark", "mark": {"name": name}}))

    def _say(self, frame: bytes) -> None:
        self._waiting.append(frame)
        self._news.set()
