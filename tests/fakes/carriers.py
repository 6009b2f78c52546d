"""A carrier as the services see it: what it was asked, and what becomes of a call and of the answer to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from core.domain.telephony import Credentials
from core.telephony_ports import CallRefused, CarrierBusy, Order, OutcomeUnknown


class Answer(Enum):
    PLACED = auto()
    LOST = auto()
    """The call was placed and the answer was lost."""
    DROPPED = auto()
    """The command was lost."""
    REFUSED = auto()
    BUSY = auto()


@dataclass
class FakeLine:
    """Answers in order, and then with PLACED. `calls` are those that truly ring, by the leg they are for."""

    answers: list[Answer] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    hidden: bool = False
    unreachable: bool = False
    before: Callable[[], None] = lambda: None
    asked: Callable[[], None] = lambda: None

    def place(self, credentials: Credentials, order: Order) -> str:
        self.before()
        self.orders.append(order)
        answer = self.answers.pop(0) if self.answers else Answer.PLACED
        if answer is Answer.REFUSED:
            raise CallRefused("21211")
        if answer is Answer.BUSY:
            raise CarrierBusy(1.0)
        if answer is not Answer.DROPPED:
            self.calls.append((order.leg.id, f"CA{len(self.calls) + 1}"))
        if answer in (Answer.LOST, Answer.DROPPED):
            raise OutcomeUnknown
        return self.calls[-1][1]

    def find(self, credentials: Credentials, order: Order) -> Sequence[str]:
        """As far as a carrier can tell: every call between the same two numbers."""
        self.asked()
        if self.unreachable:
            raise OutcomeUnknown
        return [] if self.hidden else [*self.strangers, *(call_id for _, call_id in self.calls)]

    def hang_up(self, credentials: Credentials, call_id: str) -> None:
        if self.unreachable:
            raise OutcomeUnknown
        self.hung_up.append(call_id)
