"""The other side of signalling: what a PBX sends, a way back that remembers, and timers that a test moves on."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from media_worker.sip.signalling.reading import Answered, Asked, read


@dataclass(slots=True)
class SentFlow:
    """Remembers what was sent on it, and to which port."""

    transport: str = "UDP"
    host: str = "203.0.113.7"
    port: int = 40_000
    is_open: bool = True
    sent: list[bytes] = field(default_factory=list)
    ports: list[int | None] = field(default_factory=list)

    @property
    def is_reliable(self) -> bool:
        return self.transport != "UDP"

    def send(self, data: bytes, port: int | None = None) -> None:
        self.sent.append(data)
        self.ports.append(port)

    @property
    def codes(self) -> list[int]:
        """Of all answers that were sent."""
        return [int(data.split(b" ", 2)[1]) for data in self.sent if data.startswith(b"SIP/2.0")]


@dataclass(slots=True)
class _Handle:
    call: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Timers:
    """`later` for transactions; `pass_s` lets time go by, and what is due happen in order."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._waiting: list[tuple[float, int, _Handle]] = []
        self._numbers = itertools.count()

    def time(self) -> float:
        return self.now

    def later(self, delay_s: float, call: Callable[[], None]) -> _Handle:
        handle = _Handle(call)
        heapq.heappush(self._waiting, (self.now + delay_s, next(self._numbers), handle))
        return handle

    def pass_s(self, seconds: float) -> None:
        until = self.now + seconds
        while self._waiting and self._waiting[0][0] <= until:
            self.now, _, handle = heapq.heappop(self._waiting)
            if not handle.is_cancelled:
                handle.call()
        self.now = until


def request(
    method: str = "INVITE",
    user: str = "sess_01",
    branch: str = "z9hG4bKone",
    sequence: int = 1,
    to_tag: str = "",
    more: str = "",
    body: str = "",
    rport: str = ";rport",
) -> bytes:
    tag = f";tag={to_tag}" if to_tag else ""
    lines = [
        f"{method} sip:{user}@198.51.100.4 SIP/2.0",
        f"Via: SIP/2.0/UDP 10.0.0.5:5070;branch={branch}{rport}",
        'From: "Anna B." <sip:+493012345@pbx.example>;tag=theirs',
        f"To: <sip:{user}@198.51.100.4>{tag}",
        "Call-ID: call-1@pbx.example",
        f"CSeq: {sequence} {method}",
        "Contact: <sip:+493012345@10.0.0.5:5070>",
        "Max-Forwards: 70",
        *(line for line in more.splitlines() if line),
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def asked(flow: SentFlow, data: bytes | None = None) -> Asked:
    message = read(data if data is not None else request(), flow)
    assert isinstance(message, Asked)
    return message


def answered(flow: SentFlow, code: int, branch: str, method: str = "BYE", sequence: int = 1) -> Answered:
    lines = [
        f"SIP/2.0 {code} Whatever",
        f"Via: SIP/2.0/UDP 198.51.100.4:5060;branch={branch};rport",
        "From: <sip:sess_01@198.51.100.4>;tag=ours",
        "To: <sip:+493012345@pbx.example>;tag=theirs",
        "Call-ID: call-1@pbx.example",
        f"CSeq: {sequence} {method}",
        "Contact: <sip:+493012345@10.0.0.5:5070>",
        "Content-Length: 0",
    ]
    message = read(("\r\n".join(lines) + "\r\n\r\n").encode(), flow)
    assert isinstance(message, Answered)
    return message
