"""An INVITE of ours until somebody takes the call or it is clear that nobody will (RFC 3261, 13.2 and 9.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.domain.legs import LegEnd
from core.domain.sip import TrunkCredentials
from media_worker.sip.ports import Exchange
from media_worker.sip.signalling import writing
from media_worker.sip.signalling.credentials import challenge_in
from media_worker.sip.signalling.dialog import Dialog, NoDialog
from media_worker.sip.signalling.reading import Answered

# A nonce may run out between the challenge and its answer; who asks again after that has refused the password.
_MOST_CHALLENGES = 2
_CHALLENGES = frozenset({401, 407})
_RINGS = frozenset({180, 181, 182, 183})
_ENDS = {
    486: LegEnd.BUSY,
    600: LegEnd.BUSY,
    408: LegEnd.NO_ANSWER,
    480: LegEnd.NO_ANSWER,
    487: LegEnd.CANCELED,
    401: LegEnd.REFUSED,
    403: LegEnd.REFUSED,
    407: LegEnd.REFUSED,
}


@dataclass(slots=True, eq=False)
class Attempt:
    """`rang` and `taken` are told on the loop, each at most once; `taken` gets the description of the other side's
    sound, in the same breath in which the answer was read: a BYE may be right behind it.

    `outcome` is None when the call was taken. The dialog is this attempt's own until then.
    """

    exchange: Exchange
    dialog: Dialog
    body: bytes
    credentials: TrunkCredentials | None
    rang: Callable[[], None]
    taken: Callable[[bytes], None]
    outcome: asyncio.Future[LegEnd | None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    _branch: str = ""
    _sequence: int = 0
    _shown: list[tuple[str, str]] = field(default_factory=list)
    _challenges: int = 0
    _has_rung: bool = False
    _is_provisional: bool = False
    _wanted_no_more: LegEnd | None = None
    _early: bytes = b""
    _acks: dict[str, bytes] = field(default_factory=dict)

    def begin(self) -> None:
        branch, self._is_provisional = self.exchange.branch(), False
        sequence = self.dialog.next_sequence()
        self._branch, self._sequence = branch, sequence
        fields = [*self._shown, ("Allow", writing.ALLOW), ("Accept", writing.SDP)]
        self.exchange.clients.send(
            branch,
            "INVITE",
            self.dialog.request("INVITE", branch, sequence, fields, self.body),
            self.dialog.flow,
            answered=lambda answer: self._heard(branch, answer),
            given_up=lambda: self._over(LegEnd.FAILED),
            acknowledge=lambda answer: self._refusal_noted(branch, sequence, answer),
        )

    def cancel(self, end: LegEnd) -> None:
        """`end` is what becomes of the leg, unless the attempt was over by then. A CANCEL goes out as soon as it may:
        not before the other side has said that it knows of the call."""
        if self.outcome.done() or self._wanted_no_more is not None:
            return
        self._wanted_no_more = end
        if self._is_provisional:
            self._send("CANCEL", self._branch, self._sequence)

    def give_up(self, end: LegEnd) -> None:
        """Nobody waits any longer. Who takes the call after that hears goodbye at once."""
        self._wanted_no_more = self._wanted_no_more or end
        self._over(end)

    def _heard(self, branch: str, answer: Answered) -> None:
        if answer.code >= 300:
            if branch == self._branch:
                self._refused(answer)
        elif answer.code >= 200:
            self._was_taken(answer)
        elif branch == self._branch and not self.outcome.done():
            self._provisional(answer)

    def _provisional(self, answer: Answered) -> None:
        is_first, self._is_provisional = not self._is_provisional, True
        if self._wanted_no_more is not None:
            if is_first:
                self._send("CANCEL", self._branch, self._sequence)
            return
        self._early = answer.response.body or self._early
        if answer.code in _RINGS and not self._has_rung:
            self._has_rung = True
            self.rang()

    def _refused(self, answer: Answered) -> None:
        if answer.code in _CHALLENGES and self._wanted_no_more is None and self._show_password(answer):
            self.begin()
            return
        self._over(self._wanted_no_more or _ENDS.get(answer.code, LegEnd.FAILED))

    def _show_password(self, answer: Answered) -> bool:
        challenge = challenge_in(answer)
        if challenge is None or self.credentials is None or self._challenges >= _MOST_CHALLENGES:
            return False
        self._challenges += 1
        value = challenge.answer(self.credentials, "INVITE", self.dialog.target, self.exchange.word())
        # Two who ask, a proxy and whoever is behind it, are both answered.
        self._shown = [shown for shown in self._shown if shown[0] != challenge.header] + [(challenge.header, value)]
        return True

    def _was_taken(self, answer: Answered) -> None:
        """Every repeat gets its ACK. A second telephone that takes the call, or one that is not wanted any more, gets
        its BYE (13.2.2.4)."""
        if (ack := self._acks.get(answer.to_tag)) is not None:
            self.dialog.flow.send(ack)
            return
        dialog = self.dialog if not self._acks and self._wanted_no_more is None else replace(self.dialog)
        try:
            dialog.answered(answer)
        except NoDialog:
            self._over(LegEnd.FAILED)
            return
        ack = dialog.request("ACK", self.exchange.branch(), answer.sequence, self._shown)
        self._acks[answer.to_tag] = ack
        dialog.flow.send(ack)
        if dialog is self.dialog:
            self._over(None)
            self.taken(answer.response.body or self._early)
        else:
            self._say_goodbye(dialog)
            self._over(self._wanted_no_more or LegEnd.FAILED)

    def _over(self, end: LegEnd | None) -> None:
        if not self.outcome.done():
            self.outcome.set_result(end)

    def _refusal_noted(self, branch: str, sequence: int, answer: Answered) -> bytes:
        """The ACK of a refusal is part of the INVITE's transaction, and names whoever refused."""
        named = replace(self.dialog, theirs=answer.response.headers["To"])
        return named.request("ACK", branch, sequence)

    def _say_goodbye(self, dialog: Dialog) -> None:
        self._send("BYE", self.exchange.branch(), dialog.next_sequence(), dialog)

    def _send(self, method: str, branch: str, sequence: int, dialog: Dialog | None = None) -> None:
        """What becomes of it does not matter any more."""
        data = (dialog or self.dialog).request(method, branch, sequence)
        self.exchange.clients.send(branch, method, data, self.dialog.flow, lambda _: None, lambda: None)
