"""A stream's socket at the level of its JSON, spoken by an independent WebSocket library."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

SILENCE = b"\xff" * 160
PATIENCE_S = 10.0
Message = dict[str, Any]


class Wire:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seen: list[Message] = []
        self._sequence = 0

    async def send(self, message: Mapping[str, Any] | str | bytes) -> None:
        await self.socket.send(json.dumps(message) if isinstance(message, Mapping) else message)

    async def audio(self, mulaw: bytes, speaker: str = "customer") -> None:
        """One message, at once."""
        self._sequence += 1
        await self.send(audio(mulaw, self._sequence, speaker))

    async def text(self, text: str, speaker: str = "agent") -> None:
        await self.send({"type": "text.input", "speaker": speaker, "text": text})

    async def until(self, kind: str, patience_s: float = PATIENCE_S) -> Message:
        """The next message of this type; what comes before it is kept in `seen`."""
        async with asyncio.timeout(patience_s):
            while True:
                message: Message = json.loads(await self.socket.recv())
                self.seen.append(message)
                if message["type"] == kind:
                    return message

    async def closed(self, patience_s: float = PATIENCE_S) -> int | None:
        """Read to the end; the close code."""
        async with asyncio.timeout(patience_s):
            try:
                while True:
                    self.seen.append(json.loads(await self.socket.recv()))
            except ConnectionClosed:
                return self.socket.close_code

    async def is_alive(self) -> None:
        """Raises TimeoutError, or ConnectionClosed, when it is not."""
        await self.send({"type": "ping"})
        await self.until("pong")

    async def is_alive_by_action(self) -> None:
        """The same of the events socket, in whose messages an action takes the place of a type."""
        await self.send({"action": "ping"})
        await self.until("pong")

    def drop(self) -> None:
        """Vanish without a word, as a telephone in a tunnel does."""
        self.socket.transport.abort()


def audio(mulaw: bytes, sequence: int, speaker: str = "customer") -> Message:
    return {
        "type": "audio.input",
        "sequence": sequence,
        "timestamp_ms": (sequence - 1) * 20,
        "speaker": speaker,
        "audio": {"encoding": "mulaw", "sample_rate_hz": 8000, "payload": base64.b64encode(mulaw).decode()},
    }


@asynccontextmanager
async def wire(session: Mapping[str, Any], token: str | None = None, *, header: bool = True) -> AsyncIterator[Wire]:
    """Connect to a session's stream, with its own token unless told otherwise; `header` False sends none."""
    stream = session["stream"]
    headers = {"Authorization": f"Bearer {token or stream['token']}"} if header else {}
    async with connect(stream["url"], additional_headers=headers, max_size=2**22, max_queue=None) as socket:
        yield Wire(socket)


@asynccontextmanager
async def ready(session: Mapping[str, Any], token: str | None = None) -> AsyncIterator[Wire]:
    """A socket that is part of the session."""
    async with wire(session, token) as opened:
        await opened.until("session.ready")
        yield opened
