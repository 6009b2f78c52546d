from __future__ import annotations

from media_worker.sip.signalling.server_transactions import ServerTransactions, Transaction
from tests.fakes.sip_messages import SentFlow, Timers, asked, request


def _begun(flow: SentFlow, timers: Timers, method: str = "INVITE") -> tuple[ServerTransactions, Transaction]:
    servers = ServerTransactions(timers.later)
    transaction = servers.take(asked(flow, request(method)))
    assert transaction is not None
    return servers, transaction


def test_what_is_asked_again_gets_the_same_answer_again() -> None:
    flow, timers = SentFlow(), Timers()
    servers, transaction = _begun(flow, timers, "BYE")
    servers.end(transaction, 200)
    assert servers.take(asked(flow, request("BYE"))) is None
    assert flow.sent[0] == flow.sent[1]
    timers.pass_s(33)
    assert len(servers) == 0


def test_an_answer_that_is_lost_is_repeated_until_the_dialog_has_its_ack() -> None:
    flow, timers, unheard = SentFlow(), Timers(), []
    servers, transaction = _begun(flow, timers)
    repeating = servers.end(transaction, 200, tag="ours", unheard=lambda: unheard.append(True))
    timers.pass_s(4)
    assert flow.codes == [200] * 4  # at once, after 0.5, 1.5 and 3.5 s
    assert repeating is not None
    repeating.stop()
    timers.pass_s(60)
    assert flow.codes == [200] * 4
    assert unheard == []


def test_who_never_acknowledges_is_noticed_after_32_seconds() -> None:
    flow, timers, unheard = SentFlow(), Timers(), []
    servers, transaction = _begun(flow, timers)
    servers.end(transaction, 200, unheard=lambda: unheard.append(True))
    timers.pass_s(31.9)
    assert unheard == []
    timers.pass_s(0.2)
    assert unheard == [True]
    assert len(servers) == 0


def test_a_refusal_is_repeated_until_its_ack() -> None:
    flow, timers = SentFlow(), Timers()
    servers, transaction = _begun(flow, timers)
    servers.tell(transaction, 100)
    servers.end(transaction, 404, tag="ours")
    timers.pass_s(0.6)
    assert servers.acknowledged(asked(flow, request("ACK", to_tag="ours")))
    timers.pass_s(60)
    assert flow.codes == [100, 404, 404]


def test_over_a_connection_a_refusal_is_said_once() -> None:
    flow, timers = SentFlow("TCP"), Timers()
    servers, transaction = _begun(flow, timers)
    servers.end(transaction, 486)
    timers.pass_s(60)
    assert flow.codes == [486]


def test_an_ack_for_what_was_taken_is_the_dialogs() -> None:
    flow, timers = SentFlow(), Timers()
    servers, transaction = _begun(flow, timers)
    servers.end(transaction, 200)
    assert not servers.acknowledged(asked(flow, request("ACK", branch="z9hG4bKtwo")))
    assert not servers.acknowledged(asked(flow, request("ACK")))


def test_there_is_one_final_answer() -> None:
    flow, timers = SentFlow(), Timers()
    servers, transaction = _begun(flow, timers)
    servers.end(transaction, 487)
    servers.end(transaction, 200)
    servers.tell(transaction, 100)
    assert flow.codes == [487]


def test_nothing_new_is_taken_beyond_the_limit() -> None:
    flow, timers = SentFlow(), Timers()
    servers = ServerTransactions(timers.later, most=1)
    assert servers.take(asked(flow, request())) is not None
    assert servers.take(asked(flow, request(branch="z9hG4bKtwo"))) is None
    assert flow.sent == []


def test_a_cancel_finds_its_invite() -> None:
    flow, timers = SentFlow(), Timers()
    servers, transaction = _begun(flow, timers)
    assert servers.cancelled_by(asked(flow, request("CANCEL"))) is transaction
    assert servers.cancelled_by(asked(flow, request("CANCEL", branch="z9hG4bKtwo"))) is None


def test_an_answer_says_where_the_request_came_from() -> None:
    flow, timers = SentFlow(), Timers()
    servers, transaction = _begun(flow, timers)
    servers.end(transaction, 404, tag="ours")
    text = flow.sent[0].decode()
    assert "Via: SIP/2.0/UDP 10.0.0.5:5070;branch=z9hG4bKone;received=203.0.113.7;rport=40000\r\n" in text
    assert 'From: "Anna B." <sip:+493012345@pbx.example>;tag=theirs\r\n' in text
    assert "To: <sip:sess_01@198.51.100.4>;tag=ours\r\n" in text
