"""A call's socket: the JSON stream of contract section 9, in its late dialect.

    async with Stream.open(session["stream"]["url"], session["stream"]["token"]) as stream:
        await stream.say("customer", mulaw)
        async for message in stream:
            ...

Like a telephone, an open microphone is never silent on the wire: from `live` on, a frame of every speaker goes out
each 20 ms, silence where nobody speaks. `say` queues speech behind what that speaker is still saying.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from kallglot.errors import KallglotError
from kallglot.messages import Message, parse
from kallglot.pace import Pace

FRAME_S = 0.02
FRAME_BYTES = 160
SILENCE = b"\xff" * FRAME_BYTES
MAX_MESSAGE_BYTES = 4 * 1024 * 1024


class StreamClosed(KallglotError):
    """The server closed the socket for a reason of its own; `code` is one of contract section 9."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(f"stream closed with {code} {reason}".strip())
        self.code = code


@dataclass(slots=True)
class _Microphone:
    """What one speaker has still to say, in frames, and who waits for the end of it."""

    frames: deque[bytes] = field(default_factory=deque)
    sent: int = 0
    silent: asyncio.Event = field(default_factory=asyncio.Event)

    def queue(self, mulaw: bytes) -> None:
        padded = mulaw + SILENCE[: -len(mulaw) % FRAME_BYTES]
        self.frames.extend(padded[at : at + FRAME_BYTES] for at in range(0, len(padded), FRAME_BYTES))
        self.silent.clear()

    def next(self) -> bytes:
        if self.frames:
            return self.frames.popleft()
        self.silent.set()
        return SILENCE


class Socket(Protocol):
    async def send(self, message: str) -> None: ...

    async def recv(self) -> str | bytes: ...


class Stream:
    """One socket. Speakers are `customer` and `agent`; audio is mu-law at 8 kHz."""

    def __init__(self, socket: Socket, pace: Callable[[], Pace] = lambda: Pace(FRAME_S)) -> None:
        self._socket = socket
        self._pace = pace
        self._microphones: dict[str, _Microphone] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, token: str) -> AsyncIterator[Stream]:
        headers = {"Authorization": f"Bearer {token}"}
        async with connect(url, additional_headers=headers, max_size=MAX_MESSAGE_BYTES, compression=None) as socket:
            yield cls(socket)

    @asynccontextmanager
    async def live(self, *speakers: str) -> AsyncIterator[None]:
        """Open these microphones for the duration of the block."""
        self._microphones = {speaker: _Microphone() for speaker in speakers}
        pump = asyncio.create_task(self._pump())
        try:
            yield
        finally:
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await pump

    async def say(self, speaker: str, mulaw: bytes) -> None:
        """Returns when the last of it is on the wire, in real time."""
        microphone = self._microphones[speaker]
        microphone.queue(mulaw)
        await microphone.silent.wait()
        if microphone.frames:
            raise StreamClosed(None, "hung up while speaking")

    async def send_frame(self, speaker: str, mulaw: bytes, sequence: int) -> None:
        await self.send(
            {
                "type": "audio.input",
                "sequence": sequence,
                "timestamp_ms": round((sequence - 1) * FRAME_S * 1000),
                "speaker": speaker,
                "audio": {
                    "encoding": "mulaw",
                    "sample_rate_hz": 8000,
                    "payload": base64.b64encode(mulaw).decode(),
                },
            }
        )

    async def send_text(self, speaker: str, text: str) -> None:
        """Translated and spoken to the other side like speech."""
        await self.send({"type": "text.input", "speaker": speaker, "text": text})

    async def ping(self) -> None:
        await self.send({"type": "ping"})

    async def end(self) -> None:
        """Hang up; the server answers with `session.ended` and closes."""
        await self.send({"type": "session.end"})

    async def send(self, message: dict[str, Any]) -> None:
        await self._socket.send(json.dumps(message, separators=(",", ":")))

    async def receive(self) -> Message:
        """The next message; StreamClosed when there will be none."""
        try:
            return parse(await self._socket.recv())
        except ConnectionClosed as closed:
            raise _reason(closed) from closed

    async def __aiter__(self) -> AsyncIterator[Message]:
        """Messages until the server has ended the session (1000); StreamClosed for any other end."""
        while True:
            try:
                yield await self.receive()
            except StreamClosed as closed:
                if closed.code == 1000:
                    return
                raise

    async def _pump(self) -> None:
        pace = self._pace()
        try:
            while True:
                await pace.tick()
                await self._send_frames()
        finally:
            for microphone in self._microphones.values():
                microphone.silent.set()

    async def _send_frames(self) -> None:
        for speaker, microphone in self._microphones.items():
            microphone.sent += 1
            await self.send_frame(speaker, microphone.next(), microphone.sent)


def _reason(closed: ConnectionClosed) -> StreamClosed:
    frame = closed.rcvd
    return StreamClosed(frame.code, frame.reason) if frame else StreamClosed(None, "connection lost")
