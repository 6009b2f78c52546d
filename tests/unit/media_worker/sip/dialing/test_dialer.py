from __future__ import annotations

import pytest

from core.errors import Conflict
from core.services.streams import SessionEnded
from media_worker.sip.line import Ended
from tests.fakes.sip_calls import OFFER, WITH_SDP
from tests.fakes.sip_dialing import ORDER, DialingGateway, answer_to, from_trunk
from tests.fakes.virtual_time import virtual_time

CHALLENGE = 'Proxy-Authenticate: Digest realm="trunk", nonce="n1", algorithm=MD5, qop="auth"'


@virtual_time
async def test_a_call_is_offered_rings_and_is_led_into_its_session_when_it_is_taken() -> None:
    gateway = DialingGateway()
    invite = await gateway.dial()
    assert invite.startswith("INVITE sip:bob@example.com SIP/2.0\r\n")
    assert "From: <sip:desk@trunk.example.com>;tag=" in invite
    assert "To: <sip:bob@example.com>\r\n" in invite
    assert "m=audio 16384 RTP/AVP 0" in invite
    await gateway.answer(100)
    await gateway.answer(180)
    assert gateway.dialing.told == ["ringing"]
    assert gateway.line.participant == ""
    await gateway.taken()
    await gateway.settle(1)
    ack = gateway.said("ACK")[0]
    assert ack.startswith("ACK sip:bob@203.0.113.7:5070 SIP/2.0\r\n")
    assert "CSeq: 1 ACK" in ack
    assert gateway.dialing.told == ["ringing", "answered"]
    assert gateway.line.participant == "customer"
    assert gateway.stream.agreed is not None
    await gateway.settle(3)
    assert gateway.is_kept
    assert (len(gateway.dialer), len(gateway.switchboard)) == (0, 1)
    gateway.line.over.set_result(Ended.SESSION)
    await gateway.settle(1)
    assert "CSeq: 2 BYE" in gateway.once("BYE")[0]
    assert gateway.dialing.told[-1] == "completed"
    assert gateway.stream.is_closed


@virtual_time
async def test_every_repeat_of_the_answer_gets_its_ack_and_another_telephone_its_bye() -> None:
    gateway = DialingGateway()
    invite = await gateway.dial()
    await gateway.taken()
    await gateway.taken()
    assert len(gateway.said("ACK")) == 2
    assert gateway.said("ACK")[0] == gateway.said("ACK")[1]
    await gateway.answer(200, tag="second", more=WITH_SDP, body=OFFER, to=invite)
    assert len(gateway.said("ACK")) == 3
    assert "tag=second" in gateway.once("BYE")[0]
    assert len(gateway.switchboard) == 1


@virtual_time
async def test_goodbye_right_behind_the_answer_is_understood() -> None:
    gateway = DialingGateway()
    invite = await gateway.dial()
    gateway.send(answer_to(invite, 200, more=WITH_SDP, body=OFFER))
    gateway.send(from_trunk(gateway, "BYE"))
    await gateway.settle(5)
    assert gateway.flow.codes == [200]
    assert gateway.once("BYE") == []
    assert gateway.dialing.told[-1] == "completed"


@pytest.mark.parametrize(
    ("code", "end"),
    [
        (486, "busy"),
        (600, "busy"),
        (480, "no_answer"),
        (408, "no_answer"),
        (487, "canceled"),
        (403, "refused"),
        (302, "failed"),
        (404, "failed"),
        (503, "failed"),
    ],
)
@virtual_time
async def test_a_refusal_is_acknowledged_and_says_why(code: int, end: str) -> None:
    gateway = DialingGateway()
    await gateway.dial()
    await gateway.answer(code, more="Contact: <sip:elsewhere@198.51.100.99>")
    await gateway.settle(5)
    assert len(gateway.said("INVITE")) == 1
    assert "tag=theirs" in gateway.said("ACK")[0].split("To: ", 1)[1].split("\r\n", 1)[0]
    assert gateway.dialing.told == [end]
    assert gateway.stream.is_closed
    assert gateway.is_kept


@virtual_time
async def test_a_password_is_shown_to_who_asks_and_not_a_third_time() -> None:
    gateway = DialingGateway()
    await gateway.dial()
    await gateway.answer(407, more=CHALLENGE)
    second = gateway.said("INVITE")[-1]
    assert 'Proxy-Authorization: Digest username="desk", realm="trunk", nonce="n1", uri="sip:bob@example.com"' in second
    assert "secret" not in second
    assert "CSeq: 2 INVITE" in second
    await gateway.answer(407, more=CHALLENGE.replace("n1", "n2"))
    await gateway.answer(407, more=CHALLENGE.replace("n1", "n3"))
    await gateway.settle(5)
    assert len(gateway.said("INVITE")) == 3
    assert gateway.dialing.told == ["refused"]


@virtual_time
async def test_nobody_answers_within_a_minute() -> None:
    gateway = DialingGateway()
    await gateway.dial()
    await gateway.answer(180)
    await gateway.settle(55)
    assert gateway.once("CANCEL") == []
    await gateway.settle(6)
    cancel = gateway.once("CANCEL")[0]
    assert "CSeq: 1 CANCEL" in cancel
    assert cancel.split("Via: ", 1)[1].split("\r\n", 1)[0] in gateway.said("INVITE")[0]
    await gateway.answer(487)
    await gateway.settle(5)
    assert gateway.dialing.told == ["ringing", "no_answer"]


@virtual_time
async def test_the_end_of_the_session_cancels_what_rings_and_hangs_up_an_answer_that_crosses() -> None:
    gateway = DialingGateway()
    await gateway.dial()
    await gateway.answer(180)
    gateway.dialing.wanted = False
    await gateway.settle(4)
    assert len(gateway.once("CANCEL")) == 1
    await gateway.taken()
    await gateway.settle(5)
    assert len(gateway.said("ACK")) == 1
    assert len(gateway.once("BYE")) == 1
    assert gateway.dialing.told == ["ringing", "canceled"]
    assert len(gateway.switchboard) == 0


@virtual_time
async def test_a_cancel_waits_until_the_other_side_knows_of_the_call() -> None:
    gateway = DialingGateway()
    await gateway.dial()
    gateway.dialing.wanted = False
    await gateway.settle(4)
    assert gateway.once("CANCEL") == []
    await gateway.answer(100)
    await gateway.answer(180)
    assert len(gateway.once("CANCEL")) == 1
    await gateway.settle(40)
    assert gateway.dialing.told == ["canceled"]


@virtual_time
async def test_a_trunk_that_says_nothing_has_failed() -> None:
    gateway = DialingGateway()
    await gateway.dial()
    await gateway.settle(40)
    assert len(gateway.said("INVITE")) == 7
    assert gateway.dialing.told == ["failed"]


@pytest.mark.parametrize("error", [SessionEnded("sess_01"), Conflict("session_busy", "busy")])
@virtual_time
async def test_who_takes_a_call_for_a_session_that_is_over_hears_goodbye(error: Exception) -> None:
    gateway = DialingGateway()
    gateway.dialing.answered_error = error
    await gateway.dial()
    await gateway.taken()
    await gateway.settle(5)
    assert len(gateway.once("BYE")) == 1
    assert gateway.line.participant == ""


@virtual_time
async def test_a_call_taken_without_sound_that_can_be_used_ends() -> None:
    gateway = DialingGateway()
    await gateway.dial()
    await gateway.answer(200)
    await gateway.settle(5)
    assert (len(gateway.said("ACK")), len(gateway.once("BYE"))) == (1, 1)
    assert gateway.dialing.told[-1] == "failed"


@virtual_time
async def test_a_gateway_that_stops_cancels_what_still_rings() -> None:
    gateway = DialingGateway()
    await gateway.dial()
    await gateway.answer(180)
    assert ORDER.place in gateway.switchboard.places()
    await gateway.switchboard.drain(10)
    assert len(gateway.once("CANCEL")) == 1
    assert gateway.dialing.told == ["ringing", "canceled"]
