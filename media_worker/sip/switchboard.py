"""Every message that comes in → the transaction, the call or the invitation that it is for."""

from __future__ import annotations

import asyncio
import logging

from core.domain.legs import LegEnd
from core.telephony_ports import CallPlace
from media_worker.sip.call import Call
from media_worker.sip.dialing.dialer import Dialer
from media_worker.sip.floodgate import Floodgate
from media_worker.sip.invitations import Invitations
from media_worker.sip.ports import Exchange
from media_worker.sip.signalling import writing
from media_worker.sip.signalling.flows import Flow
from media_worker.sip.signalling.reading import Answered, Asked, read
from media_worker.sip.signalling.server_transactions import Transaction

_log = logging.getLogger(__name__)
_ALLOWED = [("Allow", writing.ALLOW)]


class Switchboard:
    """`invitations`, and the `dialer` of a gateway that makes calls, are set by whoever puts them together."""

    invitations: Invitations
    dialer: Dialer | None

    def __init__(self, exchange: Exchange, floodgate: Floodgate, most_calls: int) -> None:
        self.dialer = None
        self._exchange = exchange
        self._floodgate = floodgate
        self._most_calls = most_calls
        self._calls: dict[tuple[str, str], Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._invited: dict[tuple[str, str, int], Transaction] = {}
        self.is_draining = False
        self.unreadable = 0

    def __len__(self) -> int:
        """Calls that are here, and those that are about to be."""
        return len(self._tasks) + len(self.invitations) + self._dialed

    def has_room(self, pending: int) -> bool:
        """Of those pending, one is who asks."""
        return not self.is_draining and len(self._tasks) + self._dialed + pending <= self._most_calls

    def may_dial(self) -> bool:
        return self.has_room(len(self.invitations) + 1)

    def places(self) -> list[CallPlace]:
        """Of the calls that run, or ring at our request."""
        dialed = self.dialer.places() if self.dialer is not None else []
        return [*dialed, *(call.place for call in self._calls.values())]

    def receive(self, data: bytes, flow: Flow) -> None:
        try:
            message = read(data, flow)
            if message is None:
                self.unreadable += 1
            elif isinstance(message, Answered):
                self._exchange.clients.take(message)
            else:
                self._asked(message)
        except Exception:
            # Called from inside a socket, where nobody would hear of it.
            _log.exception("a message could not be handled")

    def begin(self, call: Call) -> None:
        self._calls[call.dialog.key] = call
        task = asyncio.create_task(call.run(), name="sip-call")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, call))

    async def drain(self, patience_s: float) -> None:
        """Take nothing new; who still talks when patience is over hears the call end."""
        self.is_draining = True
        until = self._exchange.time() + patience_s
        if self.dialer is not None:
            await self.dialer.drain(patience_s)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=max(0.0, until - self._exchange.time()))
        for call in tuple(self._calls.values()):
            call.end(LegEnd.COMPLETED)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10.0)

    @property
    def _dialed(self) -> int:
        return len(self.dialer) if self.dialer is not None else 0

    def _ended(self, task: asyncio.Task[None], call: Call) -> None:
        self._tasks.discard(task)
        self._calls.pop(call.dialog.key, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a call broke", exc_info=error)

    def _asked(self, asked: Asked) -> None:
        if asked.method == "ACK":
            self._acknowledged(asked)
            return
        if not asked.to_tag and not self._floodgate.admits(asked.flow.host):
            return
        transaction = self._exchange.servers.take(asked)
        if transaction is None:
            return
        if asked.method == "CANCEL":
            self._cancel(transaction)
        elif asked.to_tag:
            self._inside(transaction)
        else:
            self._outside(transaction)

    def _acknowledged(self, ack: Asked) -> None:
        if self._exchange.servers.acknowledged(ack):
            return
        if (call := self._calls.get((ack.call_id, ack.to_tag))) is not None:
            call.acknowledged(ack)

    def _cancel(self, transaction: Transaction) -> None:
        invite = self._exchange.servers.cancelled_by(transaction.asked)
        self._exchange.servers.end(transaction, 200 if invite is not None else 481)
        if invite is not None:
            self.invitations.cancel(invite)

    def _inside(self, transaction: Transaction) -> None:
        asked = transaction.asked
        call = self._calls.get((asked.call_id, asked.to_tag))
        if call is None:
            self._exchange.servers.end(transaction, 481)
        else:
            call.asked(transaction)

    def _outside(self, transaction: Transaction) -> None:
        servers, asked = self._exchange.servers, transaction.asked
        if asked.method == "INVITE":
            self._invite(transaction)
        elif asked.method == "OPTIONS":
            code = 503 if self.is_draining else 200
            fields = [*_ALLOWED, ("Accept", writing.SDP), ("Supported", "timer")]
            servers.end(transaction, code, tag=self._exchange.word(), fields=fields)
        elif asked.method in ("BYE", "UPDATE", "INFO"):
            servers.end(transaction, 481)
        else:
            servers.end(transaction, 405, fields=_ALLOWED)

    def _invite(self, transaction: Transaction) -> None:
        """The same request by two ways is one too many (RFC 3261, 8.2.2.2)."""
        asked = transaction.asked
        same = (asked.call_id, asked.from_tag, asked.sequence)
        known = self._invited.get(same)
        if known is not None:
            self._exchange.servers.end(transaction, 482)
            return
        self._invited[same] = transaction
        self._exchange.later(_MERGED_S, lambda: self._forget(same))
        self.invitations.take(transaction)

    def _forget(self, invited: tuple[str, str, int]) -> None:
        self._invited.pop(invited, None)


_MERGED_S = 32.0
