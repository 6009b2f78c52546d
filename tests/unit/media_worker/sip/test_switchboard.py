from __future__ import annotations

import pytest

from core.domain.legs import LegEnd
from core.errors import Conflict, Unavailable
from core.services.sip_calls import NotAllowed
from core.services.streams import SessionEnded
from media_worker.sip.line import Ended
from tests.fakes.sip_calls import HOLD, OFFER, WITH_SDP, FakeGateway
from tests.fakes.sip_messages import answered, request
from tests.fakes.virtual_time import virtual_time

INVITE = request(more=WITH_SDP, body=OFFER)


async def _taken(more: str = WITH_SDP) -> FakeGateway:
    gateway = FakeGateway()
    gateway.send(request(more=more, body=OFFER))
    await gateway.settle()
    gateway.send(request("ACK", branch="z9hG4bKack", to_tag=gateway.our_tag()))
    await gateway.settle()
    return gateway


def _inside(gateway: FakeGateway, method: str, sequence: int = 2, more: str = "", body: str = "") -> bytes:
    return request(
        method, branch=f"z9hG4bK{sequence}", sequence=sequence, to_tag=gateway.our_tag(), more=more, body=body
    )


@virtual_time
async def test_a_call_is_taken_with_sound_line_and_leg_ready() -> None:
    gateway = await _taken(f"{WITH_SDP}\nX-Kallglot-Participant: agent\nX-Ticket: 7")
    assert gateway.flow.codes == [100, 200]
    assert b"m=audio 16384 RTP/AVP 0" in gateway.flow.sent[1]
    assert gateway.stream.agreed is not None
    assert gateway.stream.agreed.port == 30000
    assert gateway.line.participant == "agent"
    caller = gateway.service.connected[0]
    assert (caller.call_id, caller.source_host) == ("call-1@pbx.example", "203.0.113.7")
    assert caller.headers["X-Ticket"] == "7"
    assert len(gateway.switchboard) == 1


@virtual_time
async def test_the_answer_is_repeated_until_its_ack() -> None:
    gateway = FakeGateway()
    gateway.send(INVITE)
    await gateway.settle(4)
    assert gateway.flow.codes == [100, 200, 200, 200, 200]
    gateway.send(request("ACK", branch="z9hG4bKack", to_tag=gateway.our_tag()))
    await gateway.settle(20)
    assert gateway.flow.codes.count(200) == 4


@virtual_time
async def test_a_call_that_nobody_acknowledges_ends() -> None:
    gateway = FakeGateway()
    gateway.send(INVITE)
    await gateway.settle(34)
    assert gateway.service.ended == [("leg_01", LegEnd.FAILED)]
    assert len(gateway.said("BYE")) >= 1
    assert gateway.stream.is_closed


@virtual_time
async def test_the_other_side_hangs_up() -> None:
    gateway = await _taken()
    gateway.send(_inside(gateway, "BYE"))
    await gateway.settle()
    assert gateway.flow.codes[-1] == 200
    assert gateway.said("BYE") == []
    assert gateway.service.ended == [("leg_01", LegEnd.COMPLETED)]
    assert (gateway.stream.is_closed, gateway.line.is_closed, len(gateway.switchboard)) == (True, True, 0)


@virtual_time
async def test_the_session_ends() -> None:
    gateway = await _taken()
    gateway.line.over.set_result(Ended.SESSION)
    await gateway.settle()
    (bye,) = gateway.said("BYE")
    assert "CSeq: 1 BYE" in bye
    branch = bye.split("branch=", 1)[1].split(";", 1)[0]
    gateway.switchboard.receive(b"", gateway.flow)
    assert gateway.exchange.clients.take(answered(gateway.flow, 200, branch))
    await gateway.settle(60)
    assert len(gateway.said("BYE")) == 1
    assert gateway.service.ended == [("leg_01", LegEnd.COMPLETED)]


@virtual_time
async def test_hold_and_resume() -> None:
    gateway = await _taken()
    gateway.send(_inside(gateway, "INVITE", 2, WITH_SDP, HOLD))
    gateway.send(request("ACK", branch="z9hG4bKack2", sequence=2, to_tag=gateway.our_tag()))
    assert b"a=recvonly" in gateway.flow.sent[-1]
    assert gateway.stream.agreed is not None
    assert (gateway.stream.agreed.sends, gateway.stream.agreed.hears) == (False, False)
    gateway.stream.silent_s = 120.0
    await gateway.settle(120)
    assert len(gateway.switchboard) == 1
    gateway.stream.silent_s = 0.0
    gateway.send(_inside(gateway, "INVITE", 3, WITH_SDP, OFFER))
    assert (gateway.stream.agreed.sends, gateway.stream.agreed.hears) == (True, True)


@virtual_time
async def test_a_call_without_sound_ends_after_half_a_minute() -> None:
    gateway = await _taken()
    gateway.stream.silent_s = 30.5
    await gateway.settle(1.5)
    assert gateway.service.ended == [("leg_01", LegEnd.FAILED)]


@virtual_time
async def test_a_call_that_is_not_refreshed_in_time_ends() -> None:
    gateway = await _taken(f"{WITH_SDP}\nSession-Expires: 90\nSupported: timer")
    assert b"Session-Expires: 90;refresher=uac" in gateway.flow.sent[1]
    await gateway.settle(50)
    gateway.send(_inside(gateway, "UPDATE", 2, "Session-Expires: 90\nSupported: timer"))
    await gateway.settle(55)
    assert len(gateway.switchboard) == 1
    await gateway.settle(10)
    assert len(gateway.switchboard) == 0


@virtual_time
async def test_refreshes_that_are_on_us_are_sent() -> None:
    gateway = await _taken(f"{WITH_SDP}\nSession-Expires: 90;refresher=uas\nSupported: timer\nAllow: UPDATE")
    await gateway.settle(47)
    (update,) = {message.split("\r\nVia")[0]: message for message in gateway.said("UPDATE")}.values()
    branch = update.split("branch=", 1)[1].split(";", 1)[0]
    gateway.exchange.clients.take(answered(gateway.flow, 200, branch, "UPDATE"))
    await gateway.settle(40)
    assert len(gateway.switchboard) == 1


@virtual_time
async def test_a_cancelled_invitation_leaves_nothing_behind() -> None:
    gateway = FakeGateway()
    gateway.service.takes_s = 1.0
    gateway.send(INVITE)
    await gateway.settle(1.5)
    gateway.send(request("CANCEL"))
    await gateway.settle(3)
    assert gateway.flow.codes[:3] == [100, 200, 487]
    assert gateway.stream.is_closed
    assert gateway.service.ended == [("leg_01", LegEnd.CANCELED)]
    assert len(gateway.switchboard) == 0


@virtual_time
async def test_a_cancel_that_comes_with_its_invitation_is_answered_for_both() -> None:
    gateway = FakeGateway()
    gateway.send(INVITE)
    gateway.send(request("CANCEL"))
    await gateway.settle(1)
    assert gateway.flow.codes[:3] == [100, 200, 487]
    assert len(gateway.switchboard) == 0


@virtual_time
async def test_a_cancel_while_a_refusal_waits_is_answered_for_both() -> None:
    gateway = FakeGateway()
    gateway.service.errors["admission"] = NotAllowed("source_not_allowed", "not from there")
    gateway.send(INVITE)
    await gateway.settle(0.1)
    gateway.send(request("CANCEL"))
    await gateway.settle(0.05)
    assert gateway.flow.codes[:3] == [100, 200, 487]


@virtual_time
async def test_a_cancel_that_comes_too_late_changes_nothing() -> None:
    gateway = await _taken()
    gateway.send(request("CANCEL"))
    await gateway.settle()
    assert gateway.flow.codes[-1] == 200
    assert len(gateway.switchboard) == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotAllowed("source_not_allowed", "not from there"), 403),
        (SessionEnded("sess_01"), 410),
        (Unavailable("busy", "later"), 503),
        (RuntimeError("a fault"), 500),
    ],
)
@virtual_time
async def test_who_is_not_admitted_is_told_why(error: Exception, code: int) -> None:
    gateway = FakeGateway()
    gateway.service.errors["admission"] = error
    gateway.send(INVITE)
    await gateway.settle(0.4)
    assert gateway.flow.codes[:2] == [100, code]
    assert len(gateway.switchboard) == 0


@virtual_time
async def test_refusals_take_the_same_time_whatever_was_wrong() -> None:
    for user in ("sess_02", "nobody"):
        gateway = FakeGateway()
        gateway.send(request(user=user, more=WITH_SDP, body=OFFER))
        await gateway.settle(0.249)
        assert gateway.flow.codes == [100]
        await gateway.settle(0.002)
        assert gateway.flow.codes == [100, 404]


@virtual_time
async def test_a_session_with_too_many_calls_is_busy_and_the_port_is_free_again() -> None:
    gateway = FakeGateway()
    gateway.service.errors["connect"] = Conflict("too_many_legs", "enough")
    gateway.send(INVITE)
    await gateway.settle()
    assert gateway.flow.codes == [100, 486]
    assert gateway.stream.is_closed


@virtual_time
async def test_a_session_that_no_worker_takes_is_unavailable_and_its_leg_is_over() -> None:
    gateway = FakeGateway()
    gateway.line.refused = 503
    gateway.send(INVITE)
    await gateway.settle()
    assert gateway.flow.codes == [100, 480]
    assert gateway.service.ended == [("leg_01", LegEnd.CANCELED)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (request(more=f"{WITH_SDP}\nRequire: 100rel", body=OFFER), 420),
        (request(more="Content-Type: text/plain", body="hello"), 415),
        (request(more=f"{WITH_SDP}\nSession-Expires: 30", body=OFFER), 422),
        (request(more=WITH_SDP, body="nothing"), 400),
        (request(more=WITH_SDP, body=OFFER.replace("AVP 0 101", "AVP 18")), 488),
        (INVITE.replace(b"Contact: <sip:+493012345@10.0.0.5:5070>\r\n", b""), 400),
        (INVITE.replace(b"Max-Forwards: 70", b"Max-Forwards: 0"), 483),
        (request("REGISTER"), 405),
        (request("BYE"), 481),
        (request("BYE", to_tag="nobody"), 481),
        (request("CANCEL"), 481),
    ],
)
@virtual_time
async def test_what_cannot_be_done_has_its_own_answer(data: bytes, code: int) -> None:
    gateway = FakeGateway()
    gateway.send(data)
    await gateway.settle()
    assert gateway.flow.codes[-1] == code
    assert not gateway.service.connected


@virtual_time
async def test_an_offer_that_is_left_to_us_is_answered_in_the_ack() -> None:
    gateway = FakeGateway()
    gateway.send(request())
    await gateway.settle()
    assert b"m=audio 16384" in gateway.flow.sent[1]
    assert gateway.stream.agreed is None
    gateway.send(
        request("ACK", branch="z9hG4bKack", to_tag=gateway.our_tag(), more=WITH_SDP, body=OFFER.replace("0 101", "0"))
    )
    assert gateway.stream.agreed is not None


@virtual_time
async def test_options_say_whether_calls_are_taken() -> None:
    gateway = FakeGateway()
    gateway.send(request("OPTIONS"))
    await gateway.switchboard.drain(0)
    gateway.send(request("OPTIONS", branch="z9hG4bKtwo"))
    gateway.send(request(branch="z9hG4bKthree", sequence=9, more=WITH_SDP, body=OFFER))
    await gateway.settle()
    assert gateway.flow.codes == [200, 503, 100, 503]


@virtual_time
async def test_there_is_room_for_so_many() -> None:
    gateway = FakeGateway(most_calls=1)
    gateway.send(INVITE)
    await gateway.settle()
    gateway.send(INVITE.replace(b"call-1@", b"call-2@").replace(b"z9hG4bKone", b"z9hG4bKtwo"))
    await gateway.settle()
    assert gateway.flow.codes == [100, 200, 100, 503]


@virtual_time
async def test_the_same_invitation_by_two_ways_is_taken_once() -> None:
    gateway = FakeGateway()
    gateway.send(INVITE)
    gateway.send(INVITE.replace(b"z9hG4bKone", b"z9hG4bKtwo"))
    await gateway.settle()
    assert sorted(gateway.flow.codes) == [100, 200, 482]


@virtual_time
async def test_what_is_no_message_is_counted_and_nothing_more() -> None:
    gateway = FakeGateway()
    gateway.send(b"\x00\x01 rubbish \xff")
    assert (gateway.switchboard.unreadable, gateway.flow.sent) == (1, [])


@virtual_time
async def test_who_still_talks_when_the_process_must_stop_hears_the_call_end() -> None:
    gateway = await _taken()
    await gateway.switchboard.drain(1.0)
    assert len(gateway.said("BYE")) >= 1
    assert gateway.service.ended == [("leg_01", LegEnd.COMPLETED)]
