"""The far end of a stream, as the contract has it: greets, tells finals, brings what was missed, and can be cut off."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kallglot.stream.closing import Closing
from kallglot.stream.socket import Gone, Socket

Json = dict[str, Any]


class FakeSocket:
    def __init__(self, server: MediaServer) -> None:
        self._server = server
        self._incoming: asyncio.Queue[str | Closing] = asyncio.Queue()
        self._closing: Closing | None = None
        self.frames_until_broken: int | None = None

    def say(self, message: Json) -> None:
        self._incoming.put_nowait(json.dumps(message))

    def end(self, closing: Closing) -> None:
        self._closing = self._closing or closing
        self._incoming.put_nowait(closing)

    async def send(self, message: str) -> None:
        if self._closing is not None:
            raise Gone(self._closing)
        self._server.heard(self, json.loads(message))

    async def receive(self) -> str | bytes:
        said = await self._incoming.get()
        if isinstance(said, Closing):
            raise Gone(said)
        return said

    async def close(self) -> None:
        self.end(Closing(1000))


@dataclass
class MediaServer:
    """One session. `refusals` answer the next connections, each once, before the session is asked."""

    refusals: list[Closing] = field(default_factory=list)
    is_down: bool = False
    has_ended: bool = False
    received: list[Json] = field(default_factory=list)
    connections: list[tuple[float, str, str]] = field(default_factory=list)
    finals: list[Json] = field(default_factory=list)
    socket: FakeSocket | None = None

    async def open(self, url: str, token: str) -> Socket:
        self.connections.append((asyncio.get_running_loop().time(), url, token))
        if self.is_down:
            raise Gone(Closing(reason="cannot connect: refused"))
        closing = self.refusals.pop(0) if self.refusals else None
        if closing is not None and closing.http_status:
            raise Gone(closing)
        self.socket = FakeSocket(self)
        if closing or self.has_ended:
            self.socket.end(closing or Closing(4409, "session_ended"))
        else:
            self._greet(self.socket, url)
        return self.socket

    def final(self, *, told: bool = True) -> None:
        """Somebody has said something; untold, it is on the wire no more when the connection breaks."""
        number = len(self.finals) + 1
        self.finals.append({"type": "transcript.final", "id": f"seg_{number}", "sequence": number, "text": f"{number}"})
        if told and self.socket is not None:
            self.socket.say(self.finals[-1])

    def cut(self, code: int | None = None) -> None:
        """The connection breaks, or the worker says that it goes (1012)."""
        assert self.socket is not None
        self.socket.end(Closing(code))
        self.socket = None

    def heard(self, socket: FakeSocket, message: Json) -> None:
        self.received.append(message)
        if message["type"] == "session.end":
            self.has_ended = True
            socket.say({"type": "session.ended", "session_id": "sess_1", "reason": "explicit_end"})
            socket.end(Closing(1000))

    def _greet(self, socket: FakeSocket, url: str) -> None:
        asked = parse_qs(urlsplit(url).query)
        ready = {"type": "session.ready", "session_id": "sess_1", "resumed": len(self.connections) > 1}
        socket.say({**ready, "last_sequence": len(self.finals), "audio": {"encoding": "mulaw", "sample_rate_hz": 8000}})
        if "last_sequence" in asked:
            for missed in self.finals[int(asked["last_sequence"][0]) :]:
                socket.say(missed)

    @property
    def asked_for(self) -> list[str | None]:
        """The `last_sequence` of each connection."""
        queries = (parse_qs(urlsplit(url).query) for _, url, _ in self.connections)
        return [query.get("last_sequence", [None])[0] for query in queries]

    @property
    def tokens(self) -> list[str]:
        return [token for _, _, token in self.connections]

    def spoken(self, speaker: str) -> list[Json]:
        return [each for each in self.received if each["type"] == "audio.input" and each["speaker"] == speaker]
