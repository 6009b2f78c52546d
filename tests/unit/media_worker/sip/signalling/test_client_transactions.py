from __future__ import annotations

from media_worker.sip.signalling.client_transactions import ClientTransactions
from media_worker.sip.signalling.reading import Answered
from tests.fakes.sip_messages import SentFlow, Timers, answered

BRANCH = "z9hG4bKours"


class Sent:
    def __init__(self, method: str = "BYE", transport: str = "UDP") -> None:
        self.flow, self.timers = SentFlow(transport), Timers()
        self.clients = ClientTransactions(self.timers.later)
        self.heard: list[int] = []
        self.given_up = 0
        self.clients.send(BRANCH, method, b"request", self.flow, self._hear, self._give_up, lambda _: b"ACK")

    def answer(self, code: int, method: str = "BYE") -> bool:
        return self.clients.take(answered(self.flow, code, BRANCH, method))

    def _hear(self, answer: Answered) -> None:
        self.heard.append(answer.code)

    def _give_up(self) -> None:
        self.given_up += 1


def test_a_request_is_repeated_ever_more_slowly_and_given_up() -> None:
    sent = Sent()
    sent.timers.pass_s(31.9)
    assert len(sent.flow.sent) == 11  # 0, 0.5, 1.5, 3.5, then every four seconds
    assert sent.given_up == 0
    sent.timers.pass_s(0.2)
    assert sent.given_up == 1
    assert len(sent.clients) == 0


def test_an_answer_ends_it() -> None:
    sent = Sent()
    assert sent.answer(200)
    sent.timers.pass_s(60)
    assert (len(sent.flow.sent), sent.heard, sent.given_up) == (1, [200], 0)
    assert len(sent.clients) == 0


def test_over_a_connection_nothing_is_repeated_but_given_up_all_the_same() -> None:
    sent = Sent(transport="TCP")
    sent.timers.pass_s(33)
    assert (len(sent.flow.sent), sent.given_up) == (1, 1)


def test_one_that_rings_is_not_given_up() -> None:
    sent = Sent("INVITE")
    sent.answer(180, "INVITE")
    sent.timers.pass_s(120)
    assert (sent.heard, sent.given_up, len(sent.flow.sent)) == ([180], 0, 1)


def test_every_repeat_of_a_taken_call_comes_through_for_its_ack() -> None:
    sent = Sent("INVITE")
    sent.answer(200, "INVITE")
    sent.answer(200, "INVITE")
    assert sent.heard == [200, 200]
    sent.timers.pass_s(33)
    assert not sent.answer(200, "INVITE")


def test_a_refusal_is_acknowledged_every_time_and_told_once() -> None:
    sent = Sent("INVITE")
    sent.answer(486, "INVITE")
    sent.answer(486, "INVITE")
    assert sent.flow.sent == [b"request", b"ACK", b"ACK"]
    assert sent.heard == [486]


def test_an_answer_to_nothing_is_nobodys() -> None:
    sent = Sent()
    assert not sent.clients.take(answered(sent.flow, 200, "z9hG4bKother"))
