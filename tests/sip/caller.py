"""A telephone of our own, for what SIPp and baresip cannot be told: to lose packets, to repeat them, to say nothing.

Plain text and sockets, so that the product's own reading of SIP is not tested against itself. UDP only.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from tests.sip.rtp import Media, Road
from tests.sip.scenario import Direction

_HOST = "127.0.0.1"
_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Received:
    """A request or an answer, as it came. Names of headers are in lower case; of a repeated one the first is kept."""

    came: float
    first_line: str
    headers: Mapping[str, str]
    body: str

    @classmethod
    def read(cls, data: bytes, came: float) -> Received:
        head, _, body = data.decode().partition("\r\n\r\n")
        first_line, *lines = head.split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), value.strip())
        return cls(came, first_line, headers, body)

    @property
    def status(self) -> int:
        """0 of a request."""
        first, second, _ = self.first_line.split(" ", 2)
        return int(second) if first == "SIP/2.0" else 0

    @property
    def method(self) -> str:
        """Of the request that it is or answers."""
        return self.headers["cseq"].split()[1]

    @property
    def media(self) -> tuple[str, int]:
        """Where the other side wants its audio, by its SDP."""
        lines = dict(line.split("=", 1) for line in reversed(self.body.splitlines()) if "=" in line)
        return lines["c"].split()[2], int(lines["m"].split()[1])

    @property
    def direction(self) -> str:
        words = ("sendrecv", "sendonly", "recvonly", "inactive")
        return next((word for word in words if f"a={word}" in self.body.splitlines()), "sendrecv")


class Caller(asyncio.DatagramProtocol):
    """One call, step by step. Nothing is repeated and nothing is answered unless a test says so."""

    def __init__(self, gateway_port: int, user: str, media: Media) -> None:
        self.media = media
        self.received: list[Received] = []
        self._gateway = (_HOST, gateway_port)
        self._target = f"sip:{user}@{_HOST}:{gateway_port}"
        self._remote = self._target
        self._call_id = secrets.token_hex(12)
        self._tag = secrets.token_hex(4)
        self._to = f"<{self._target}>"
        self._cseq = 0
        self._branch = ""
        self._version = 0
        self._arrived = asyncio.Event()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: object) -> None:
        self.received.append(Received.read(data, asyncio.get_running_loop().time()))
        self._arrived.set()

    @property
    def address(self) -> tuple[str, int]:
        assert self._transport is not None
        return _HOST, int(self._transport.get_extra_info("sockname")[1])

    async def call(self, headers: Mapping[str, str] | None = None) -> Received:
        """INVITE, its answer, ACK; and speak from then on."""
        answer = await self.invite(headers=headers)
        await self.taken(answer)
        return answer

    async def taken(self, answer: Received) -> None:
        """By this answer to the INVITE."""
        assert answer.status == 200, answer.first_line
        self._knows(answer)
        self.ack()
        self.media.aim(*answer.media)

    async def invite(self, direction: Direction = "sendrecv", headers: Mapping[str, str] | None = None) -> Received:
        self.send_invite(direction, headers)
        answer = await self.final("INVITE")
        if answer.status < 300:
            self._knows(answer)
        return answer

    def send_invite(self, direction: Direction = "sendrecv", headers: Mapping[str, str] | None = None) -> bytes:
        """As it was sent, to be sent again."""
        self._version += 1
        return self.send("INVITE", headers, self._sdp(direction))

    def ack(self) -> None:
        self._write("ACK", self._cseq, f"z9hG4bK{secrets.token_hex(8)}", {}, "")

    def send(self, method: str, headers: Mapping[str, str] | None = None, body: str = "") -> bytes:
        self._cseq += 1
        self._branch = f"z9hG4bK{secrets.token_hex(8)}"
        return self._write(method, self._cseq, self._branch, headers or {}, body)

    def ack_of_refusal(self) -> None:
        """Part of the INVITE's own transaction."""
        self._write("ACK", self._cseq, self._branch, {}, "")

    def cancel(self) -> None:
        """Of the INVITE that was sent last."""
        self._write("CANCEL", self._cseq, self._branch, {}, "")

    def again(self, message: bytes) -> None:
        assert self._transport is not None
        self._transport.sendto(message, self._gateway)

    async def request(self, method: str, headers: Mapping[str, str] | None = None) -> Received:
        self.send(method, headers)
        return await self.final(method)

    async def final(self, method: str, patience_s: float = _PATIENCE_S) -> Received:
        """The answer to the request of this method that was sent last."""
        number = f"{self._cseq} {method}"
        return await self.until(lambda shown: shown.status >= 200 and shown.headers["cseq"] == number, patience_s)

    async def asked(self, method: str, patience_s: float = _PATIENCE_S) -> Received:
        """A request of the other side."""
        return await self.until(lambda shown: shown.status == 0 and shown.method == method, patience_s)

    async def until(self, wanted: Callable[[Received], bool], patience_s: float = _PATIENCE_S) -> Received:
        """The first that came. Raises TimeoutError."""
        async with asyncio.timeout(patience_s):
            while True:
                if found := next((shown for shown in self.received if wanted(shown)), None):
                    return found
                self._arrived.clear()
                await self._arrived.wait()

    def answers(self, method: str, status: int) -> list[Received]:
        return [shown for shown in self.received if (shown.method, shown.status) == (method, status)]

    def say_yes(self, request: Received) -> None:
        copied = "".join(f"{name.title()}: {request.headers[name]}\r\n" for name in _COPIED)
        self.again(f"SIP/2.0 200 OK\r\n{copied}Content-Length: 0\r\n\r\n".encode())

    def _knows(self, answer: Received) -> None:
        self._to = answer.headers["to"]
        self._remote = answer.headers["contact"].strip("<>").partition(">")[0]

    def close(self) -> None:
        self.media.close()
        if self._transport is not None:
            self._transport.close()

    def _write(self, method: str, cseq: int, branch: str, headers: Mapping[str, str], body: str) -> bytes:
        host, port = self.address
        lines = [
            f"{method} {self._remote} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:caller@{host}:{port}>;tag={self._tag}",
            f"To: {self._to}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:caller@{host}:{port}>",
            *(f"{name}: {value}" for name, value in headers.items()),
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        message = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
        self.again(message)
        return message

    def _sdp(self, direction: Direction) -> str:
        lines = [
            *("v=0", f"o=caller 7 {self._version} IN IP4 {_HOST}", "s=-", f"c=IN IP4 {_HOST}", "t=0 0"),
            f"m=audio {self.media.port} RTP/AVP 0 101",
            *("a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20"),
            f"a={direction}",
        ]
        return "\r\n".join([*lines, ""])


_COPIED = ("via", "from", "to", "call-id", "cseq")


@asynccontextmanager
async def calling(
    gateway_port: int, user: str, out: Road | None = None, back: Road | None = None
) -> AsyncIterator[Caller]:
    """A telephone that has not called yet. It does not hang up by itself."""
    media = await Media.open(out or Road(), back or Road(seed=2))
    loop = asyncio.get_running_loop()
    _, caller = await loop.create_datagram_endpoint(
        lambda: Caller(gateway_port, user, media), local_addr=(_HOST, 0)
    )  # fmt: skip
    try:
        yield caller
    finally:
        caller.close()
