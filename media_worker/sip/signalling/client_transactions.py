"""Requests of ours, sent again until they are answered or given up (RFC 3261, 17.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from media_worker.sip.signalling.flows import Flow
from media_worker.sip.signalling.reading import Answered
from media_worker.sip.signalling.timers import GIVE_UP_S, T4_S, Later, Repeating

_INVITE = "INVITE"


@dataclass(slots=True, eq=False)
class _Sent:
    flow: Flow
    answered: Callable[[Answered], None]
    acknowledge: Callable[[Answered], bytes] | None
    repeating: Repeating
    is_final: bool = False


class ClientTransactions:
    def __init__(self, later: Later) -> None:
        self._later = later
        self._running: dict[tuple[str, str], _Sent] = {}

    def __len__(self) -> int:
        return len(self._running)

    def send(
        self,
        branch: str,
        method: str,
        data: bytes,
        flow: Flow,
        answered: Callable[[Answered], None],
        given_up: Callable[[], None],
        acknowledge: Callable[[Answered], bytes] | None = None,
    ) -> None:
        """`answered` gets every provisional answer and the final one; of an INVITE that was taken, also its repeats.

        `given_up`: nobody answered for 32 s. `acknowledge` writes the ACK for a refusal of an INVITE.
        """
        key = (branch, method)

        def give_up() -> None:
            # One that rings may ring for longer than anybody takes to answer at all.
            if self._running.pop(key, None) is not None:
                given_up()

        repeating = Repeating(self._later, lambda: flow.send(data), give_up, longest_pause_s=_longest(method))
        if flow.is_reliable:
            repeating.only_wait()
        self._running[key] = _Sent(flow, answered, acknowledge, repeating)
        flow.send(data)

    def take(self, answer: Answered) -> bool:
        """Whether it answers something that we sent."""
        sent = self._running.get((answer.branch, answer.method))
        if sent is None:
            return False
        if answer.code < 200:
            self._provisional(sent, answer)
        elif answer.code < 300 and answer.method == _INVITE:
            self._taken(sent, answer)
        else:
            self._final(sent, answer)
        return True

    def _provisional(self, sent: _Sent, answer: Answered) -> None:
        if sent.is_final:
            return
        if answer.method == _INVITE:
            # It rings: from here on whoever dials decides how long (section 17.1.1.2, timer B is for Calling alone).
            sent.repeating.stop()
        else:
            sent.repeating.slow_down()
        sent.answered(answer)

    def _taken(self, sent: _Sent, answer: Answered) -> None:
        """Kept for its repeats: each of them wants an ACK (RFC 6026, Accepted)."""
        if not sent.is_final:
            sent.is_final = True
            sent.repeating.stop()
            self._forget_in((answer.branch, answer.method), GIVE_UP_S)
        sent.answered(answer)

    def _final(self, sent: _Sent, answer: Answered) -> None:
        if sent.acknowledge is not None and answer.method == _INVITE:
            sent.flow.send(sent.acknowledge(answer))
        if sent.is_final:
            return
        sent.is_final = True
        sent.repeating.stop()
        self._forget_in((answer.branch, answer.method), GIVE_UP_S if answer.method == _INVITE else T4_S)
        sent.answered(answer)

    def _forget_in(self, key: tuple[str, str], seconds: float) -> None:
        def forget() -> None:
            self._running.pop(key, None)

        self._later(seconds, forget)


def _longest(method: str) -> float:
    """An INVITE's pauses double until it is given up (timer A)."""
    return GIVE_UP_S if method == _INVITE else 4.0
