"""Requests that were asked of us, each answered once however often it comes (RFC 3261, 17.2; RFC 6026).

What is asked again gets the same answer again. A refusal of an INVITE is repeated until its ACK comes; so is the answer
that takes it, whose ACK is the dialog's business (`Taken`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from media_worker.sip.signalling import writing
from media_worker.sip.signalling.reading import Asked
from media_worker.sip.signalling.timers import GIVE_UP_S, T4_S, Later, Repeating

_INVITE = "INVITE"
Key = tuple[str, tuple[str, str, str, str, int]]


def _nothing() -> None:
    """Nobody is told."""


@dataclass(slots=True, eq=False)
class Transaction:
    asked: Asked
    last: bytes = b""
    is_final: bool = False
    repeating: Repeating | None = None


class ServerTransactions:
    """`most` at once; beyond them nothing new is taken, and the other side tries again."""

    def __init__(self, later: Later, most: int = 5000) -> None:
        self._later = later
        self._most = most
        self._running: dict[Key, Transaction] = {}

    def __len__(self) -> int:
        return len(self._running)

    def take(self, asked: Asked) -> Transaction | None:
        """A new transaction; None for a request that was known, which has got its answer again by then."""
        key = (asked.method, asked.key)
        if (known := self._running.get(key)) is not None:
            if known.last:
                asked.answer(known.last)
            return None
        if len(self._running) >= self._most:
            return None
        self._running[key] = transaction = Transaction(asked)
        return transaction

    def acknowledged(self, ack: Asked) -> bool:
        """An ACK for a refusal: whether it was one."""
        transaction = self._running.get((_INVITE, ack.key))
        if transaction is None or not transaction.is_final or not transaction.repeating:
            return False
        transaction.repeating.stop()
        return True

    def cancelled_by(self, cancel: Asked) -> Transaction | None:
        """The INVITE that a CANCEL speaks of."""
        return self._running.get((_INVITE, cancel.key))

    def tell(self, transaction: Transaction, code: int, *, tag: str = "", fields: writing.Fields = ()) -> None:
        """A provisional answer."""
        if not transaction.is_final:
            transaction.last = writing.answer(transaction.asked, code, tag=tag, fields=fields)
            transaction.asked.answer(transaction.last)

    def end(
        self,
        transaction: Transaction,
        code: int,
        *,
        tag: str = "",
        fields: writing.Fields = (),
        body: bytes = b"",
        unheard: Callable[[], None] = _nothing,
    ) -> Repeating | None:
        """The final answer, once; a second one is passed over.

        Of an INVITE that is taken: repeated until the dialog stops it, and `unheard` is told when no ACK ever came.
        """
        if transaction.is_final:
            return None
        asked = transaction.asked
        transaction.is_final = True
        transaction.last = writing.answer(asked, code, tag=tag, fields=fields, body=body)
        asked.answer(transaction.last)
        if asked.method != _INVITE:
            self._forget_in(transaction, T4_S if asked.flow.is_reliable else GIVE_UP_S)
            return None
        self._forget_in(transaction, GIVE_UP_S)
        repeated = Repeating(self._later, lambda: asked.answer(transaction.last), unheard)
        if code >= 300:
            transaction.repeating = repeated
            if asked.flow.is_reliable:
                repeated.only_wait()
        # An answer that takes the call is repeated over connections, too: a proxy behind one may speak by datagram.
        return repeated

    def _forget_in(self, transaction: Transaction, seconds: float) -> None:
        key = (transaction.asked.method, transaction.asked.key)

        def forget() -> None:
            if transaction.repeating is not None:
                transaction.repeating.stop()
            self._running.pop(key, None)

        self._later(seconds, forget)
