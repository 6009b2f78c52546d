"""A gateway without sockets: who may call, sound, and lines into sessions, as a test wants them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from core.domain.access import Tenant
from core.domain.legs import LegEnd
from core.errors import NotFound
from core.services.sip_calls import Admission, Caller, Connected
from core.telephony_ports import CallPlace
from media_worker.sip.floodgate import Floodgate
from media_worker.sip.invitations import Invitations, Ways
from media_worker.sip.line import Ended, Line, LineRefused
from media_worker.sip.ports import Exchange, Patience
from media_worker.sip.rtp.stats import RtpStats
from media_worker.sip.rtp.stream import RtpStream
from media_worker.sip.sdp import Agreed
from media_worker.sip.signalling.client_transactions import ClientTransactions
from media_worker.sip.signalling.dialog import Place
from media_worker.sip.signalling.server_transactions import ServerTransactions
from media_worker.sip.switchboard import Switchboard
from media_worker.sip.telemetry import Telemetry
from tests.fakes.sip_messages import SentFlow

TENANT = Tenant("org_acme", True)
OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 203.0.113.7",
        "s=-",
        "c=IN IP4 203.0.113.7",
        "t=0 0",
        "m=audio 30000 RTP/AVP 0 101",
        "a=rtpmap:101 telephone-event/8000",
        "a=sendrecv",
        "",
    ]
)
HOLD = OFFER.replace("sendrecv", "sendonly").replace("o=- 1 1", "o=- 1 2")
WITH_SDP = "Content-Type: application/sdp"


@dataclass
class FakeStream:
    port: int = 16384
    silent_s: float = 0.0
    agreed: Agreed | None = None
    stats: RtpStats = field(default_factory=RtpStats)
    is_closed: bool = False

    def aim(self, agreed: Agreed) -> None:
        self.agreed = agreed

    def close(self) -> None:
        self.is_closed = True


@dataclass
class FakeLine:
    """Stays until `over` has a value."""

    refused: int | None = None
    participant: str = ""
    reconnects: int = 0
    is_closed: bool = False
    over: asyncio.Future[Ended] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def open(self, participant: str) -> None:
        if self.refused is not None:
            raise LineRefused(self.refused)
        self.participant = participant

    async def run(self, _sound: object) -> Ended:
        return await self.over

    async def close(self) -> None:
        self.is_closed = True

    def hear(self, pcm: bytes) -> None: ...

    def key(self, digit: str) -> None: ...


@dataclass
class FakeService:
    """Knows one session, `sess_01`. `errors` are raised by the use case of that name."""

    errors: dict[str, Exception] = field(default_factory=dict)
    connected: list[Caller] = field(default_factory=list)
    ended: list[tuple[str, LegEnd]] = field(default_factory=list)
    takes_s: float = 0.0

    def admission(self, session_id: str, source_host: str) -> Admission:
        if session_id != "sess_01":
            raise NotFound("session_not_found", "no such session")
        self._raise("admission")
        session = SimpleNamespace(id=session_id, tenant=TENANT)
        return cast(Admission, SimpleNamespace(session=session, needs_digest=False))

    def connect(self, _admission: Admission, caller: Caller) -> Connected:
        self._raise("connect")
        self.connected.append(caller)
        return Connected("leg_01", "kst_token", caller.participant or "customer")

    def token(self, _admission: Admission) -> str:
        return "kst_token"

    def over(self, place: CallPlace, end: LegEnd) -> None:
        self.ended.append((place.leg_id, end))

    def renew(self, places: Sequence[CallPlace]) -> None: ...

    def _raise(self, name: str) -> None:
        if name in self.errors:
            raise self.errors[name]


class FakeGateway:
    """To be made inside a running loop. `flow` is the PBX's."""

    def __init__(self, most_calls: int = 10) -> None:
        loop = asyncio.get_running_loop()
        numbers = itertools.count(1)
        self.service, self.stream, self.line, self.flow = FakeService(), FakeStream(), FakeLine(), SentFlow()
        self.exchange = Exchange(
            servers=ServerTransactions(loop.call_later),
            clients=ClientTransactions(loop.call_later),
            later=loop.call_later,
            time=loop.time,
            word=lambda: f"word{next(numbers)}",
            offload=cast(Any, self._offload),
            patience=Patience(),
            telemetry=Telemetry(),
        )
        self.switchboard = Switchboard(self.exchange, Floodgate(loop.time), most_calls)
        self.switchboard.invitations = Invitations(
            exchange=self.exchange,
            service=cast(Any, self.service),
            ways=Ways(self._open, lambda *_: cast(Line, self.line), "198.51.100.4", Place("198.51.100.4", 5060)),
            check=self._check,
            begun=self.switchboard.begin,
            has_room=self.switchboard.has_room,
        )

    def send(self, data: bytes) -> None:
        self.switchboard.receive(data, self.flow)

    async def settle(self, seconds: float = 0.01) -> None:
        await asyncio.sleep(seconds)

    def our_tag(self) -> str:
        answer = next(data for data in self.flow.sent if data.startswith(b"SIP/2.0 200"))
        return answer.decode().split("\r\nTo: ", 1)[1].split("\r\n", 1)[0].rpartition("tag=")[2]

    def said(self, method: str) -> list[str]:
        """Requests of ours that were sent."""
        return [data.decode() for data in self.flow.sent if data.startswith(method.encode())]

    async def _check(self, _asked: object, _admission: object) -> None:
        """Everybody may."""

    async def _open(self, _hear: object, _key: object) -> RtpStream:
        return cast(RtpStream, self.stream)

    async def _offload(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        if self.service.takes_s:
            await asyncio.sleep(self.service.takes_s)
        return call(*arguments, **named)


Token = Callable[[], Awaitable[str]]
