"""Calls that a gateway makes: a service that has no store, a trunk that answers as a test says."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from core.domain.legs import LegEnd
from core.domain.sip import Trunk, TrunkCredentials
from core.services.sip_dialing import SipOrder
from core.telephony_ports import CallPlace
from media_worker.sip.dialing.dialer import Dialer
from media_worker.sip.invitations import Ways
from media_worker.sip.line import Line
from media_worker.sip.rtp.stream import RtpStream
from media_worker.sip.signalling.dialog import Place
from tests.fakes.sip_calls import OFFER, TENANT, WITH_SDP, FakeGateway

PLACE = CallPlace(TENANT, "sess_01", "leg_01")
ORDER = SipOrder(
    place=PLACE,
    participant="customer",
    call_id="call-of-ours",
    to_uri="sip:bob@example.com",
    from_uri="sip:desk@trunk.example.com",
    trunk=Trunk("sip:trunk.example.com"),
    credentials=TrunkCredentials("desk", "secret"),
)


@dataclass
class FakeDialing:
    """SipDialing, in words: what was told, in order."""

    told: list[str] = field(default_factory=list)
    wanted: bool = True
    answered_error: Exception | None = None

    @property
    def calls(self) -> Any:
        return SimpleNamespace(token=lambda _place: "kst_token")

    def ringing(self, _place: CallPlace) -> None:
        self.told.append("ringing")

    def answered(self, _place: CallPlace) -> None:
        if self.answered_error is not None:
            raise self.answered_error
        self.told.append("answered")

    def is_wanted(self, _place: CallPlace) -> bool:
        return self.wanted

    def over(self, _place: CallPlace, end: LegEnd) -> None:
        self.told.append(end.value)


class DialingGateway(FakeGateway):
    """`flow` leads to the trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.dialing, self.is_kept = FakeDialing(), False
        ways = Ways(self._open_sound, lambda *_: cast(Line, self.line), "198.51.100.4", Place("198.51.100.4", 5060))
        self.dialer = Dialer(self.exchange, cast(Any, self.dialing), ways, self._road, self.switchboard.begin)
        self.switchboard.dialer = self.dialer

    async def dial(self, order: SipOrder = ORDER) -> str:
        """The INVITE."""
        self.dialer.start(order, self._kept)
        await self.settle()
        return self.said("INVITE")[-1]

    async def answer(self, code: int, tag: str = "theirs", more: str = "", body: str = "", to: str = "") -> None:
        self.send(answer_to(to or self.said("INVITE")[-1], code, tag, more, body))
        await self.settle()

    async def taken(self) -> None:
        await self.answer(200, more=WITH_SDP, body=OFFER)

    def once(self, method: str) -> list[str]:
        """Requests of ours without their repeats."""
        return list(dict.fromkeys(self.said(method)))

    async def _road(self, _trunk: Trunk) -> Any:
        return self.flow

    async def _open_sound(self, _hear: object, _key: object) -> RtpStream:
        return cast(RtpStream, self.stream)

    async def _kept(self) -> None:
        self.is_kept = True


def answer_to(request: str, code: int, tag: str = "theirs", more: str = "", body: str = "") -> bytes:
    fields = dict(line.split(": ", 1) for line in request.split("\r\n\r\n", 1)[0].split("\r\n")[1:])
    lines = [
        f"SIP/2.0 {code} Whatever",
        *(f"{name}: {fields[name]}" for name in ("Via", "From", "Call-ID", "CSeq")),
        f"To: {fields['To']};tag={tag}" if code > 100 else f"To: {fields['To']}",
        "Contact: <sip:bob@203.0.113.7:5070>",
        *(line for line in more.splitlines() if line),
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def from_trunk(gateway: DialingGateway, method: str, sequence: int = 1) -> bytes:
    """A request of the other side's, inside the call."""
    ours = gateway.said("INVITE")[0].split("From: ", 1)[1].split("\r\n", 1)[0]
    lines = [
        f"{method} sip:kallglot@198.51.100.4:5060 SIP/2.0",
        f"Via: SIP/2.0/UDP 203.0.113.7:5070;branch=z9hG4bKtheirs{sequence};rport",
        "From: <sip:bob@example.com>;tag=theirs",
        f"To: {ours}",
        "Call-ID: call-of-ours",
        f"CSeq: {sequence} {method}",
        "Max-Forwards: 70",
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
