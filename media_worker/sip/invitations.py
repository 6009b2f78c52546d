"""An INVITE from outside of a call: may it come in, and if so, with sound and line ready before it is told so."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from core.domain.legs import LegEnd
from core.errors import Conflict, KallglotError, NotFound, RateLimited
from core.services.sip_calls import Admission, Caller, Connected, NotAllowed, SipCallService
from core.services.streams import SessionEnded
from core.telephony_ports import CallPlace
from media_worker.sip import sdp
from media_worker.sip.call import Call
from media_worker.sip.line import Line, LineRefused
from media_worker.sip.ports import Exchange
from media_worker.sip.refused import Refused
from media_worker.sip.rtp.ports import NoPortLeft
from media_worker.sip.rtp.stream import RtpStream
from media_worker.sip.signalling import writing
from media_worker.sip.signalling.dialog import Dialog, NoDialog, Place
from media_worker.sip.signalling.reading import Asked
from media_worker.sip.signalling.server_transactions import Transaction
from media_worker.sip.signalling.session_timer import SHORTEST_S, SessionTimer, TooShort, agreed

_log = logging.getLogger(__name__)
# Those who are not let in all wait as long as that, whatever it was that they did not have.
_REFUSED_AFTER_S = 0.25
_AGAIN_IN_S = "5"
_KNOWN_OPTIONS = frozenset({"timer"})
_PARTICIPANT = "X-Kallglot-Participant"
_MOST_HEADERS = 50


@dataclass(frozen=True, slots=True)
class Ways:
    """How a call gets its sound and its line. `hear` and `key` of the stream lead into the line."""

    stream: Callable[[Callable[[bytes], None], Callable[[str], None]], Awaitable[RtpStream]]
    line: Callable[[str, str, Callable[[], Awaitable[str]]], Line]
    """To a session, for a call id, by tokens."""
    media_host: str
    place: Place


Check = Callable[[Asked, Admission], Awaitable[None]]
"""Raises Refused for whoever has not shown a password, or a wrong one."""


@dataclass(slots=True)
class Invitations:
    """`begun` gets every call that was taken, with its task running."""

    exchange: Exchange
    service: SipCallService
    ways: Ways
    check: Check
    begun: Callable[[Call], None]
    has_room: Callable[[int], bool]
    _pending: dict[Transaction, asyncio.Task[None]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._pending)

    def take(self, transaction: Transaction) -> None:
        self.exchange.servers.tell(transaction, 100)
        task = asyncio.create_task(self._decide(transaction), name="sip-invite")
        self._pending[transaction] = task
        task.add_done_callback(lambda done: self._decided(transaction, done))

    def cancel(self, transaction: Transaction) -> None:
        """The caller has changed his mind; nothing happens when the answer was faster."""
        if (task := self._pending.get(transaction)) is not None and not transaction.is_final:
            task.cancel()

    def _decided(self, transaction: Transaction, task: asyncio.Task[None]) -> None:
        """A task that was cancelled before it ran, or while a refusal waited, could not say so itself."""
        self._pending.pop(transaction, None)
        if task.cancelled():
            self._refuse(transaction, 487, self.exchange.word())

    async def _decide(self, transaction: Transaction) -> None:
        tag, began = self.exchange.word(), self.exchange.time()
        try:
            async with asyncio.timeout(self.exchange.patience.answer_s):
                await self._admit(transaction, tag)
        except Refused as refused:
            if refused.late:
                await asyncio.sleep(max(0.0, began + _REFUSED_AFTER_S - self.exchange.time()))
            _log.info("a call was refused", extra={"code": str(refused.code), "peer": transaction.asked.flow.host})
            self._refuse(transaction, refused.code, tag, refused.fields)
        except (TimeoutError, KallglotError) as error:
            _log.warning("a call could not be taken", extra={"code": type(error).__name__})
            self._refuse(transaction, 503, tag, [("Retry-After", _AGAIN_IN_S)])
        except Exception:
            # The last line of a call: whatever it was, the other side is told that it was not its fault.
            _log.exception("a call could not be taken")
            self._refuse(transaction, 500, tag)

    def _refuse(self, transaction: Transaction, code: int, tag: str, fields: writing.Fields = ()) -> None:
        self.exchange.telemetry.answered(code)
        self.exchange.servers.end(transaction, code, tag=tag, fields=fields)

    async def _admit(self, transaction: Transaction, tag: str) -> None:
        asked = transaction.asked
        if not self.has_room(len(self._pending)):
            raise Refused(503, ("Retry-After", _AGAIN_IN_S))
        timer = _check_form(asked)
        try:
            dialog = Dialog.answering(asked, tag, self.ways.place)
        except NoDialog:
            raise Refused(400) from None
        admission = await self._admission(asked)
        await self.check(asked, admission)
        async with AsyncExitStack() as opened:
            await self._connect(opened, transaction, dialog, admission, timer)
            opened.pop_all()

    async def _admission(self, asked: Asked) -> Admission:
        try:
            return await self.exchange.offload(self.service.admission, asked.user, asked.flow.host)
        except NotFound:
            raise Refused(404, late=True) from None
        except NotAllowed:
            raise Refused(403, late=True) from None
        except SessionEnded:
            raise Refused(410, late=True) from None

    async def _connect(
        self,
        opened: AsyncExitStack,
        transaction: Transaction,
        dialog: Dialog,
        admission: Admission,
        timer: SessionTimer | None,
    ) -> None:
        """Whatever was opened is closed again by `opened` when a later step fails, or the caller cancels."""
        asked, session = transaction.asked, admission.session
        caller = _caller(asked)
        line = self.ways.line(session.id, asked.call_id, self._token(admission))
        try:
            stream = await self.ways.stream(line.hear, line.key)
        except NoPortLeft:
            raise Refused(503, ("Retry-After", _AGAIN_IN_S)) from None
        opened.callback(stream.close)
        local = sdp.LocalMedia(self.ways.media_host, stream.port, secrets.randbits(31), 1)
        body = _description(asked, local, stream)
        connected = await self._stored(opened, admission, caller)
        try:
            await line.open(connected.participant)
        except LineRefused as refused:
            _log.warning("a session did not take a call", extra={"code": str(refused.code), "session_id": session.id})
            raise Refused(480, ("Retry-After", _AGAIN_IN_S)) from None
        place = _place(admission, connected)
        call = Call(self.exchange, dialog, stream, line, local, place, self._gone(place), timer)
        call.knows(asked)
        self._say_yes(transaction, call, timer, body)

    async def _stored(self, opened: AsyncExitStack, admission: Admission, caller: Caller) -> Connected:
        """Shielded: a leg that was written by the time that the caller cancels must be ended, too."""
        writing_it = asyncio.ensure_future(self.exchange.offload(self.service.connect, admission, caller))

        async def undo() -> None:
            await asyncio.wait((writing_it,))
            if writing_it.exception() is None:
                await self._gone(_place(admission, writing_it.result()))(LegEnd.CANCELED)

        opened.push_async_callback(undo)
        try:
            return await asyncio.shield(writing_it)
        except RateLimited:
            raise Refused(486) from None
        except Conflict as error:
            raise Refused(410 if isinstance(error, SessionEnded) else 486) from None

    def _say_yes(self, transaction: Transaction, call: Call, timer: SessionTimer | None, body: bytes) -> None:
        asked = transaction.asked
        fields = [
            ("Contact", call.dialog.contact),
            ("Allow", writing.ALLOW),
            ("Supported", "timer"),
            *(timer.fields if timer else ()),
            ("Content-Type", writing.SDP),
        ]
        repeating = self.exchange.servers.end(
            transaction, 200, tag=call.dialog.our_tag, fields=fields, body=body, unheard=call.unheard
        )
        call.answered(repeating, offered=not asked.request.body)
        self.exchange.telemetry.answered(200)
        self.begun(call)

    def _token(self, admission: Admission) -> Callable[[], Awaitable[str]]:
        return lambda: self.exchange.offload(self.service.token, admission)

    def _gone(self, place: CallPlace) -> Callable[[LegEnd], Awaitable[None]]:
        async def gone(end: LegEnd) -> None:
            try:
                await self.exchange.offload(self.service.over, place, end)
            except KallglotError as error:
                _log.error("the end of a call was not stored", extra={"code": type(error).__name__})

        return gone


def _place(admission: Admission, connected: Connected) -> CallPlace:
    return CallPlace(admission.session.tenant, admission.session.id, connected.leg_id)


def _check_form(asked: Asked) -> SessionTimer | None:
    """What every INVITE must keep to, whomever it is for. Raises Refused."""
    unknown = asked.options("Require") - _KNOWN_OPTIONS
    if unknown:
        raise Refused(420, ("Unsupported", ", ".join(sorted(unknown))))
    if asked.header("Max-Forwards") == "0":
        raise Refused(483)
    kind = (asked.header("Content-Type") or writing.SDP).partition(";")[0].strip().lower()
    if asked.request.body and kind != writing.SDP:
        raise Refused(415, ("Accept", writing.SDP))
    try:
        return agreed(asked)
    except TooShort:
        raise Refused(422, ("Min-SE", str(SHORTEST_S))) from None
    except ValueError:
        raise Refused(400) from None


def _description(asked: Asked, local: sdp.LocalMedia, stream: RtpStream) -> bytes:
    """Our answer to their offer; without one, an offer of ours. Raises Refused."""
    if not asked.request.body:
        return sdp.offer(local)
    try:
        found, body = sdp.answer(asked.request.body, local)
    except sdp.NotAcceptable:
        raise Refused(488) from None
    except sdp.SdpError:
        raise Refused(400) from None
    stream.aim(found)
    return body


def _caller(asked: Asked) -> Caller:
    headers = asked.request.headers
    return Caller(
        call_id=asked.call_id,
        source_host=asked.flow.host,
        from_uri=str(asked.request.from_address.uri),
        user=asked.user,
        participant=asked.header(_PARTICIPANT),
        headers=_own_headers({name: headers[name] for name in headers.keys()}),  # noqa: SIM118
    )


def _own_headers(headers: Mapping[str, str]) -> dict[str, str]:
    own = [(name, value) for name, value in headers.items() if name.lower().startswith("x-")]
    return dict(own[:_MOST_HEADERS])
