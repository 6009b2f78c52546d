"""Calls that gateways make: one INVITE through the tenant's trunk, and a `Call` as any other once somebody takes it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from core.domain.legs import LegEnd
from core.domain.sip import Trunk
from core.errors import KallglotError
from core.services.sip_dialing import SipDialing, SipOrder
from core.telephony_ports import CallPlace
from media_worker.sip import sdp
from media_worker.sip.call import Call
from media_worker.sip.dialing.answered_line import AnsweredLine
from media_worker.sip.dialing.attempt import Attempt
from media_worker.sip.dialing.roads import NoRoad
from media_worker.sip.invitations import Ways
from media_worker.sip.line import Line
from media_worker.sip.ports import Exchange
from media_worker.sip.rtp.ports import NoPortLeft
from media_worker.sip.rtp.stream import RtpStream
from media_worker.sip.signalling.dialog import Dialog
from media_worker.sip.signalling.flows import Flow
from media_worker.sip.signalling.timers import GIVE_UP_S

_log = logging.getLogger(__name__)
RING_S = 60.0
_LOOK_S = 3.0


@dataclass(frozen=True, slots=True)
class _Sound:
    stream: RtpStream
    line: Line
    local: sdp.LocalMedia


@dataclass(slots=True)
class Dialer:
    """`road` leads to a trunk (raises NoRoad); `begun` gets every call that was taken. `len`: calls that are dialed."""

    exchange: Exchange
    service: SipDialing
    ways: Ways
    road: Callable[[Trunk], Awaitable[Flow]]
    begun: Callable[[Call], None]
    _dialing: dict[CallPlace, asyncio.Task[None]] = field(default_factory=dict)
    _is_stopping: bool = False

    def __len__(self) -> int:
        return len(self._dialing)

    def places(self) -> list[CallPlace]:
        """Of the calls that ring."""
        return list(self._dialing)

    def start(self, order: SipOrder, done: Callable[[], Awaitable[None]]) -> None:
        """`done` is awaited when somebody has taken the call, or nobody will."""
        task = asyncio.create_task(self._dial(order, done), name="sip-dial")
        self._dialing[order.place] = task
        task.add_done_callback(lambda ended: self._dialed(order.place, ended))

    async def drain(self, patience_s: float) -> None:
        """What rings may go on for that long; then it is cancelled."""
        if self._dialing:
            await asyncio.wait(tuple(self._dialing.values()), timeout=patience_s)
        self._is_stopping = True
        if self._dialing:
            await asyncio.wait(tuple(self._dialing.values()), timeout=2 * _LOOK_S)

    def _dialed(self, place: CallPlace, task: asyncio.Task[None]) -> None:
        self._dialing.pop(place, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a call could not be dialed", exc_info=error)

    async def _dial(self, order: SipOrder, done: Callable[[], Awaitable[None]]) -> None:
        end: LegEnd | None = LegEnd.FAILED
        try:
            async with AsyncExitStack() as opened:
                end = await self._attempted(opened, order)
                if end is None:
                    opened.pop_all()
        except NoPortLeft:
            _log.warning("no port is left for a call that was to be dialed")
        except NoRoad as error:
            _log.warning("a call was not dialed: %s", error, extra={"leg_id": order.place.leg_id})
        finally:
            if end is not None:
                await self._over(order.place, end)
            await done()

    async def _attempted(self, opened: AsyncExitStack, order: SipOrder) -> LegEnd | None:
        """None when the call was taken, and has begun. Raises NoPortLeft or NoRoad."""
        flow = await self.road(order.trunk)
        sound = await self._sound(opened, order)
        word = self.exchange.word
        dialog = Dialog.calling(order.call_id, word(), order.from_uri, order.to_uri, flow, self.ways.place)
        told: set[asyncio.Task[None]] = set()
        attempt = Attempt(
            self.exchange,
            dialog,
            sdp.offer(sound.local),
            order.credentials,
            rang=lambda: told.add(asyncio.create_task(self._rang(order.place))),
            taken=lambda body: self._begin(order, dialog, sound, body),
        )
        attempt.begin()
        end = await self._waited(attempt, order.place)
        await asyncio.gather(*told)
        _log.info("a call was dialed", extra={"leg_id": order.place.leg_id, "code": end.value if end else "taken"})
        return end

    async def _sound(self, opened: AsyncExitStack, order: SipOrder) -> _Sound:
        line = self.ways.line(order.place.session_id, order.call_id, self._token(order.place))
        stream = await self.ways.stream(line.hear, line.key)
        opened.callback(stream.close)
        return _Sound(stream, line, sdp.LocalMedia(self.ways.media_host, stream.port, secrets.randbits(31), 1))

    async def _waited(self, attempt: Attempt, place: CallPlace) -> LegEnd | None:
        until = self.exchange.time() + RING_S
        while not attempt.outcome.done():
            left_s = until - self.exchange.time()
            await asyncio.wait((attempt.outcome,), timeout=max(0.0, min(_LOOK_S, left_s)))
            if attempt.outcome.done():
                break
            end = LegEnd.NO_ANSWER if left_s <= 0 else await self._unwanted(place)
            if end is not None:
                await self._cancelled(attempt, end)
        return attempt.outcome.result()

    async def _cancelled(self, attempt: Attempt, end: LegEnd) -> None:
        attempt.cancel(end)
        # One that has said nothing yet is not told before it does; nobody here waits for that.
        await asyncio.wait((attempt.outcome,), timeout=GIVE_UP_S if not self._is_stopping else _LOOK_S)
        attempt.give_up(end)

    async def _unwanted(self, place: CallPlace) -> LegEnd | None:
        if self._is_stopping:
            return LegEnd.CANCELED
        try:
            is_wanted = await self.exchange.offload(self.service.is_wanted, place)
        except KallglotError:
            return None
        return None if is_wanted else LegEnd.CANCELED

    def _begin(self, order: SipOrder, dialog: Dialog, sound: _Sound, body: bytes) -> None:
        """Also with a description that we cannot use: the other side believes in a call, and is owed its BYE."""
        place = order.place
        line = AnsweredLine(sound.line, order.participant, lambda: self.exchange.offload(self.service.answered, place))

        async def gone(end: LegEnd) -> None:
            await self._over(place, end)

        call = Call(self.exchange, dialog, sound.stream, line, sound.local, place, gone)
        try:
            call.aim(sdp.accept(sound.local, body))
        except sdp.SdpError:
            _log.warning("a call was taken with sound that cannot be used", extra={"leg_id": place.leg_id})
            call.end(LegEnd.FAILED)
        self.begun(call)

    async def _rang(self, place: CallPlace) -> None:
        try:
            await self.exchange.offload(self.service.ringing, place)
        except KallglotError as error:
            _log.warning("that a call rings was not stored", extra={"code": error.code})

    async def _over(self, place: CallPlace, end: LegEnd) -> None:
        try:
            await self.exchange.offload(self.service.over, place, end)
        except KallglotError as error:
            _log.error("the end of a call was not stored", extra={"code": error.code})

    def _token(self, place: CallPlace) -> Callable[[], Awaitable[str]]:
        return lambda: self.exchange.offload(self.service.calls.token, place)
