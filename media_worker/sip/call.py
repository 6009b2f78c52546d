"""One telephone: its dialog, its sound, and its line into the session; from the answer that takes it to the end.

Whatever ends it, everything is given back in one place: the other side gets its BYE, the port is free, the leg is over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from core.domain.legs import LegEnd
from core.telephony_ports import CallPlace
from media_worker.sip import sdp
from media_worker.sip.line import Ended
from media_worker.sip.ports import CallLine, Exchange
from media_worker.sip.rtp.stream import RtpStream
from media_worker.sip.signalling import writing
from media_worker.sip.signalling.dialog import Dialog
from media_worker.sip.signalling.reading import Answered, Asked
from media_worker.sip.signalling.server_transactions import Transaction
from media_worker.sip.signalling.session_timer import SessionTimer, TooShort, agreed
from media_worker.sip.signalling.timers import Repeating

_log = logging.getLogger(__name__)
_LOOK_S = 1.0
_NOTHING_ELSE = frozenset({408, 481})


@dataclass(frozen=True, slots=True)
class Over:
    """`by_them`: they have said goodbye, and are owed none."""

    end: LegEnd
    by_them: bool = False


class Call:
    """`gone` is told when all is over, with what has become of the leg; it may be awaited for as long as it takes."""

    def __init__(
        self,
        exchange: Exchange,
        dialog: Dialog,
        stream: RtpStream,
        line: CallLine,
        local: sdp.LocalMedia,
        place: CallPlace,
        gone: Callable[[LegEnd], Awaitable[None]],
        timer: SessionTimer | None = None,
    ) -> None:
        self.dialog = dialog
        self.place = place
        self._exchange = exchange
        self._stream = stream
        self._line = line
        self._local = local
        self._gone = gone
        self._timer = timer
        self._refreshed_at = exchange.time()
        self._held_since: float | None = None
        self._offered = False
        self._awaits_ack: Repeating | None = None
        self._refreshing = False
        self._updates = False
        self._over: asyncio.Future[Over] = asyncio.get_running_loop().create_future()

    # What the other side asks for.

    def answered(self, repeating: Repeating | None, *, offered: bool) -> None:
        """The 200 is out, and goes on until its ACK; `offered`: the ACK brings their side of the description."""
        self._awaits_ack, self._offered = repeating, offered

    def knows(self, asked: Asked) -> None:
        """What the first request tells of the other side."""
        self._updates = "update" in asked.options("Allow")

    def acknowledged(self, ack: Asked) -> None:
        if self._awaits_ack is not None:
            self._awaits_ack.stop()
            self._awaits_ack = None
        if self._offered:
            self._offered = False
            try:
                self.aim(sdp.accept(self._local, ack.request.body))
            except sdp.SdpError:
                self.end(LegEnd.FAILED)

    def unheard(self) -> None:
        """Nobody has acknowledged our answer."""
        self.end(LegEnd.FAILED)

    def asked(self, transaction: Transaction) -> None:
        asked = transaction.asked
        servers = self._exchange.servers
        if not self.dialog.is_in_order(asked):
            servers.end(transaction, 500)
        elif asked.method == "BYE":
            servers.end(transaction, 200)
            self.end(LegEnd.COMPLETED, by_them=True)
        elif asked.method in ("INVITE", "UPDATE"):
            self._change(transaction)
        elif asked.method in ("INFO", "OPTIONS"):
            servers.end(transaction, 200, fields=[("Allow", writing.ALLOW)])
        else:
            servers.end(transaction, 405, fields=[("Allow", writing.ALLOW)])

    def end(self, end: LegEnd, *, by_them: bool = False) -> None:
        """Once; what comes later is passed over."""
        if not self._over.done():
            self._over.set_result(Over(end, by_them))

    # Its life.

    async def run(self) -> None:
        line = asyncio.create_task(self._line.run(self._stream), name="sip-line")
        watch = asyncio.create_task(self._watch(), name="sip-watch")
        try:
            await asyncio.wait((line, watch, self._over), return_when=asyncio.FIRST_COMPLETED)
            self.end(_end_of(line))
        finally:
            watch.cancel()
            line.cancel()
            await asyncio.gather(line, watch, return_exceptions=True)
            over = self._over.result() if self._over.done() else Over(LegEnd.FAILED)
            await self._give_back(over)

    async def _watch(self) -> None:
        while not self._over.done():
            await asyncio.sleep(_LOOK_S)
            self.look()

    def look(self) -> None:
        """Once a second: is anybody still there?"""
        now, patience = self._exchange.time(), self._exchange.patience
        if self._held_since is not None:
            is_lost = now - self._held_since > patience.hold_s
        else:
            is_lost = self._stream.silent_s > patience.silence_s
        if self._timer is not None and now - self._refreshed_at > self._timer.over_in_s:
            is_lost = True
        if is_lost:
            _log.info("a telephone is gone without a word")
            self.end(LegEnd.FAILED)
        elif self._timer is not None and self._timer.ours and now - self._refreshed_at > self._timer.refresh_in_s:
            self._refresh()

    async def _give_back(self, over: Over) -> None:
        if self._awaits_ack is not None:
            self._awaits_ack.stop()
        self._stream.close()
        self._exchange.telemetry.ended(self._stream.stats, self._line.reconnects)
        if not over.by_them:
            self._send("BYE")
        await self._line.close()
        await self._gone(over.end)

    # Changes of a call that runs.

    def _change(self, transaction: Transaction) -> None:
        """Hold, resume, another address or codec, or only a sign of life."""
        asked, servers = transaction.asked, self._exchange.servers
        if self._awaits_ack is not None and asked.method == "INVITE":
            servers.end(transaction, 491)
            return
        try:
            timer = agreed(asked)
            fields, body = self._described(asked)
        except TooShort:
            servers.end(transaction, 422, fields=[("Min-SE", "90")])
            return
        except sdp.NotAcceptable:
            servers.end(transaction, 488)
            return
        except (sdp.SdpError, ValueError):
            servers.end(transaction, 400)
            return
        self._timer = timer or self._timer
        self._refreshed_at = self._exchange.time()
        self.dialog.moved(asked)
        kind = [("Content-Type", writing.SDP)] if body else []
        more = [*fields, *(timer.fields if timer else ()), *kind]
        repeating = servers.end(transaction, 200, fields=more, body=body, unheard=self.unheard)
        if asked.method == "INVITE":
            self.answered(repeating, offered=not asked.request.body)

    def _described(self, asked: Asked) -> tuple[list[tuple[str, str]], bytes]:
        """Our side of what they offer; an offer of ours where they leave it to us. An UPDATE may be about no sound."""
        fields = [("Contact", self.dialog.contact), ("Allow", writing.ALLOW), ("Supported", "timer")]
        if asked.request.body:
            self._local = replace(self._local, version=self._local.version + 1)
            found, body = sdp.answer(asked.request.body, self._local)
            self.aim(found)
            return fields, body
        return fields, b"" if asked.method == "UPDATE" else sdp.offer(self._local)

    def aim(self, found: sdp.Agreed) -> None:
        """Use what was agreed on. Who holds a call may send music: it is not listened to."""
        is_held = not (found.sends and found.hears)
        self._stream.aim(replace(found, hears=found.hears and not is_held))
        self._held_since = (self._held_since or self._exchange.time()) if is_held else None

    # What we ask for.

    def _refresh(self) -> None:
        if self._refreshing:
            return
        self._refreshing = True
        assert self._timer is not None
        fields = [("Session-Expires", f"{self._timer.interval_s};refresher=uac"), ("Supported", "timer")]
        if self._updates:
            self._send("UPDATE", fields)
        else:
            self._send("INVITE", fields, sdp.offer(self._local))

    def _send(self, method: str, fields: writing.Fields = (), body: bytes = b"") -> None:
        branch, sequence = self._exchange.branch(), self.dialog.next_sequence()
        data = self.dialog.request(method, branch, sequence, fields, body)
        self._exchange.clients.send(
            branch,
            method,
            data,
            self.dialog.flow,
            answered=lambda answer: self._heard(method, sequence, answer),
            given_up=lambda: self.end(LegEnd.FAILED),
            acknowledge=lambda answer: self._ack(branch, sequence),
        )

    def _heard(self, method: str, sequence: int, answer: Answered) -> None:
        if answer.code < 200 or method == "BYE":
            return
        self._refreshing = False
        if answer.code in _NOTHING_ELSE:
            self.end(LegEnd.FAILED)
            return
        self._refreshed_at = self._exchange.time()
        if method == "INVITE" and answer.code < 300:
            self.dialog.flow.send(self._ack(self._exchange.branch(), sequence))

    def _ack(self, branch: str, sequence: int) -> bytes:
        return self.dialog.request("ACK", branch, sequence)


def _end_of(line: asyncio.Task[Ended]) -> LegEnd:
    if not line.done() or line.cancelled():
        return LegEnd.FAILED
    if (error := line.exception()) is not None:
        _log.error("a line broke", exc_info=error)
        return LegEnd.FAILED
    return LegEnd.COMPLETED if line.result() is Ended.SESSION else LegEnd.FAILED
