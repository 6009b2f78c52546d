from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_worker.sip.signalling.reading import Answered, Asked, read
from tests.fakes.sip_messages import SentFlow, answered, asked, request


def test_what_a_request_says() -> None:
    found = asked(SentFlow(), request(to_tag="ours", sequence=7, more="Supported: timer, 100rel"))
    assert (found.method, found.user, found.sequence) == ("INVITE", "sess_01", 7)
    assert (found.call_id, found.from_tag, found.to_tag) == ("call-1@pbx.example", "theirs", "ours")
    assert found.options("Supported") == {"timer", "100rel"}


def test_an_invite_its_cancel_and_the_ack_of_its_refusal_are_of_one_key() -> None:
    flow = SentFlow()
    keys = {asked(flow, request(method)).key for method in ("INVITE", "CANCEL", "ACK")}
    assert len(keys) == 1
    assert asked(flow, request(branch="z9hG4bKother")).key not in keys


def test_without_rport_the_answer_goes_to_the_port_of_the_via() -> None:
    flow = SentFlow()
    asked(flow, request()).answer(b"x")
    asked(flow, request(rport="")).answer(b"x")
    assert flow.ports == [None, 5070]


def test_what_an_answer_says() -> None:
    found = answered(SentFlow(), 200, "z9hG4bKours")
    assert (found.code, found.method, found.branch, found.to_tag) == (200, "BYE", "z9hG4bKours", "theirs")


def test_folded_lines_and_compact_names() -> None:
    data = request().replace(b"Call-ID:", b"i:").replace(b"Max-Forwards: 70", b"Subject: a\r\n b")
    assert asked(SentFlow(), data).header("Subject") == "a b"


def test_what_follows_the_body_in_a_datagram_is_nothing() -> None:
    assert asked(SentFlow(), request(body="v=0") + b"rubbish").request.body == b"v=0"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff\xfe nothing",
        request().replace(b"CSeq: 1 INVITE", b"CSeq: 1 BYE"),
        request().replace(b"CSeq: 1 INVITE\r\n", b""),
        request().replace(b"Via: SIP/2.0/UDP 10.0.0.5:5070;branch=z9hG4bKone;rport\r\n", b""),
        request().replace(b"Content-Length: 0", b"Content-Length: 9"),
        request().replace(b"tag=theirs", b"self=1"),
        request(more="\n".join(["X-A: b"] * 200)),
        request(more="X-A: " + "b" * 5000),
        request(sequence=2**31),
    ],
)
def test_what_is_no_message_is_none(data: bytes) -> None:
    assert read(data, SentFlow()) is None


@settings(max_examples=2000)
@given(data=st.data())
def test_a_message_with_anything_in_it_is_read_or_is_none(data: st.DataObject) -> None:
    whole = bytearray(request(body="v=0", more="X-Note: a;b=c,d"))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(whole) - 1))
        cut = data.draw(st.integers(0, 6))
        whole[at : at + cut] = data.draw(st.binary(max_size=8))
        if not whole:
            break
    assert isinstance(read(bytes(whole), SentFlow()), Asked | Answered | None)
