from __future__ import annotations

import pytest

from media_worker.sip.signalling.dialog import Dialog, NoDialog, Place
from media_worker.sip.signalling.reading import Asked, read
from tests.fakes.sip_messages import SentFlow, answered, asked, request

PLACE = Place("198.51.100.4", 5060, "sip.example.com", 5061)


def _dialog(flow: SentFlow | None = None, more: str = "") -> Dialog:
    return Dialog.answering(asked(flow or SentFlow(), request(more=more)), "ours", PLACE)


def test_a_request_of_ours_goes_to_their_contact_by_their_names() -> None:
    dialog = _dialog(more="Record-Route: <sip:one.example;lr>, <sip:two.example;lr>")
    text = dialog.request("BYE", "z9hG4bKbye", dialog.next_sequence()).decode()
    assert text.startswith("BYE sip:+493012345@10.0.0.5:5070 SIP/2.0\r\n")
    assert "Via: SIP/2.0/UDP 198.51.100.4:5060;branch=z9hG4bKbye;rport\r\n" in text
    assert "From: <sip:sess_01@198.51.100.4>;tag=ours\r\n" in text
    assert 'To: "Anna B." <sip:+493012345@pbx.example>;tag=theirs\r\n' in text
    assert "Route: <sip:one.example;lr>\r\nRoute: <sip:two.example;lr>\r\n" in text
    assert "CSeq: 1 BYE\r\n" in text
    found = read(dialog.request("BYE", "z9hG4bKbye", 2), SentFlow())
    assert isinstance(found, Asked)
    assert found.sequence == 2


@pytest.mark.parametrize(
    ("transport", "contact"),
    [
        ("UDP", "<sip:sess_01@198.51.100.4:5060>"),
        ("TCP", "<sip:sess_01@198.51.100.4:5060;transport=tcp>"),
        ("TLS", "<sip:sess_01@sip.example.com:5061;transport=tls>"),
    ],
)
def test_where_we_are_reached_is_told_as_it_was_come_by(transport: str, contact: str) -> None:
    assert _dialog(SentFlow(transport)).contact == contact


def test_requests_older_than_one_that_was_had_are_none() -> None:
    dialog, flow = _dialog(), SentFlow()
    order = [dialog.is_in_order(asked(flow, request("BYE", sequence=number))) for number in (2, 2, 1, 5)]
    assert order == [True, False, False, True]


def test_a_changed_contact_is_where_they_are_from_then_on() -> None:
    dialog = _dialog()
    data = request("UPDATE", sequence=2).replace(b"Contact: <sip:+493012345@10.0.0.5:5070>", b"Contact: <sip:new@h>")
    dialog.moved(asked(SentFlow(), data))
    assert dialog.target == "sip:new@h"


@pytest.mark.parametrize(
    "data",
    [
        request().replace(b"Contact: <sip:+493012345@10.0.0.5:5070>\r\n", b""),
        request().replace(b"Contact: <sip:+493012345@10.0.0.5:5070>", b"Contact: nothing at all"),
        request().replace(b";tag=theirs", b""),
        request(more="\n".join(["Record-Route: <sip:a;lr>"] * 17)),
    ],
)
def test_what_begins_no_dialog(data: bytes) -> None:
    with pytest.raises(NoDialog):
        Dialog.answering(asked(SentFlow(), data), "ours", PLACE)


def test_who_took_a_call_of_ours_is_who_we_talk_to() -> None:
    dialog = _dialog()
    dialog.answered(answered(SentFlow(), 200, "z9hG4bKone", "INVITE"))
    assert (dialog.their_tag, dialog.theirs) == ("theirs", "<sip:+493012345@pbx.example>;tag=theirs")
