from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_worker.sip.sdp import Codec, LocalMedia, Malformed, NotAcceptable, SdpError, accept, answer, offer

LOCAL = LocalMedia("203.0.113.7", 16384, session_id=77, version=3)
HEAD = "v=0\r\no=pbx 5 5 IN IP4 192.0.2.1\r\ns=call\r\nc=IN IP4 192.0.2.1\r\nt=3 4\r\n"
# As Asterisk 20 offers.
ASTERISK = (
    HEAD + "m=audio 11424 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=maxptime:150\r\na=sendrecv\r\n"
)


def offered(*lines: str) -> bytes:
    return (HEAD + "\r\n".join([*lines, ""])).encode()


def test_an_offer_is_answered_with_its_first_codec_of_ours_and_its_numbers() -> None:
    agreed, text = answer(ASTERISK.encode(), LOCAL)
    assert (agreed.host, agreed.port, agreed.rtcp_port, agreed.rtcp_mux) == ("192.0.2.1", 11424, 11425, False)
    assert (agreed.codec, agreed.payload_type, agreed.telephone_event) == (Codec.PCMA, 8, 101)
    assert (agreed.sends, agreed.hears, agreed.ptime_ms) == (True, True, 20)
    assert text == (
        b"v=0\r\no=- 77 3 IN IP4 203.0.113.7\r\ns=-\r\nc=IN IP4 203.0.113.7\r\nt=3 4\r\n"
        b"m=audio 16384 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
        b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    )


def test_a_codec_that_we_do_not_speak_is_passed_over_and_static_numbers_need_no_name() -> None:
    assert answer(offered("m=audio 4000 RTP/AVP 18 9 0"), LOCAL)[0].payload_type == 0


def test_a_codec_may_come_under_another_number() -> None:
    agreed, text = answer(offered("m=audio 4000 RTP/AVP 97 98", "a=rtpmap:97 pcmu/8000/1", "a=rtpmap:98 x/8000"), LOCAL)
    assert (agreed.codec, agreed.payload_type, agreed.telephone_event) == (Codec.PCMU, 97, None)
    assert b"m=audio 16384 RTP/AVP 97\r\na=rtpmap:97 PCMU/8000\r\n" in text


def test_a_number_that_means_something_else_there_is_not_taken() -> None:
    with pytest.raises(NotAcceptable):
        answer(offered("m=audio 4000 RTP/AVP 0", "a=rtpmap:0 G729/8000"), LOCAL)


@pytest.mark.parametrize(
    ("theirs", "sends", "hears", "ours"),
    [
        ("sendrecv", True, True, "sendrecv"),
        ("sendonly", False, True, "recvonly"),
        ("recvonly", True, False, "sendonly"),
        ("inactive", False, False, "inactive"),
    ],
)
def test_a_direction_is_answered_with_its_mirror(theirs: str, sends: bool, hears: bool, ours: str) -> None:
    of_the_medium = answer(offered("m=audio 4000 RTP/AVP 0", f"a={theirs}"), LOCAL)
    of_the_session = answer(offered(f"a={theirs}", "m=audio 4000 RTP/AVP 0"), LOCAL)
    assert of_the_medium == of_the_session
    agreed, text = of_the_medium
    assert (agreed.sends, agreed.hears) == (sends, hears)
    assert text.endswith(f"a={ours}\r\n".encode())


def test_an_address_of_zeros_is_hold() -> None:
    agreed, text = answer(offered("m=audio 4000 RTP/AVP 0", "c=IN IP4 0.0.0.0"), LOCAL)
    assert (agreed.sends, agreed.hears) == (False, True)
    assert text.endswith(b"a=recvonly\r\n")


def test_our_own_hold_is_told_and_nothing_is_heard() -> None:
    agreed, text = answer(ASTERISK.encode(), replace(LOCAL, hold=True))
    assert (agreed.sends, agreed.hears) == (True, False)
    assert text.endswith(b"a=sendonly\r\n")
    assert offer(replace(LOCAL, hold=True)).endswith(b"a=sendonly\r\na=rtcp-mux\r\n")


def test_other_media_are_answered_in_their_place_with_port_0() -> None:
    _, text = answer(
        offered(
            "m=video 4002 RTP/AVP 31 96",
            "m=audio 4004 RTP/SAVP 0",
            "m=audio 4000 RTP/AVP 0",
            "m=audio 4006 RTP/AVP 8",
            "m=image 4008 udptl t38",
        ),
        LOCAL,
    )
    assert [line for line in text.decode().splitlines() if line.startswith("m=")] == [
        "m=video 0 RTP/AVP 31 96",
        "m=audio 0 RTP/SAVP 0",
        "m=audio 16384 RTP/AVP 0",
        "m=audio 0 RTP/AVP 8",
        "m=image 0 udptl t38",
    ]


def test_rtcp_goes_where_it_is_wanted() -> None:
    muxed, text = answer(offered("m=audio 4000 RTP/AVP 0", "a=rtcp-mux"), LOCAL)
    told, _ = answer(offered("m=audio 4000 RTP/AVP 0", "a=rtcp:5001 IN IP4 192.0.2.1"), LOCAL)
    absurd, _ = answer(offered("m=audio 65535 RTP/AVP 0", "a=rtcp:99999"), LOCAL)
    assert (muxed.rtcp_mux, muxed.rtcp_port, text.endswith(b"a=rtcp-mux\r\n")) == (True, 4000, True)
    assert (told.rtcp_mux, told.rtcp_port, absurd.rtcp_port) == (False, 5001, 65535)


@pytest.mark.parametrize(
    ("wanted", "sent_ms"),
    [("ptime:20", 20), ("ptime:10", 20), ("ptime:30", 20), ("ptime:40", 40), ("ptime:500", 60), ("maxptime:20", 20)],
)
def test_packets_are_as_long_as_whole_ticks_allow(wanted: str, sent_ms: int) -> None:
    assert answer(offered("m=audio 4000 RTP/AVP 0", f"a={wanted}"), LOCAL)[0].ptime_ms == sent_ms


@pytest.mark.parametrize(
    "lines",
    [
        ["m=video 4000 RTP/AVP 31"],
        ["m=audio 0 RTP/AVP 0"],
        ["m=audio 4000 RTP/SAVP 0"],
        ["m=audio 4000 RTP/AVPF 0"],
        ["m=audio 4000 RTP/AVP 18"],
        ["m=audio 53 RTP/AVP 0"],
        ["m=audio 4000 RTP/AVP 200", "a=rtpmap:200 PCMU/8000"],
        ["m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1"],
        ["m=audio 4000 RTP/AVP 0", "c=IN IP4 pbx.example.com"],
        ["m=audio 4000 RTP/AVP 0", "c=IN IP4 127.0.0.1"],
        ["m=audio 4000 RTP/AVP 0", "c=IN IP4 169.254.169.254"],
        ["m=audio 4000 RTP/AVP 0", "c=IN IP4 224.0.0.1"],
        ["m=audio 4000 RTP/AVP 0", "c=IN IP4 255.255.255.255"],
    ],
)
def test_what_we_cannot_do_or_must_not_is_not_acceptable(lines: list[str]) -> None:
    with pytest.raises(NotAcceptable):
        answer(offered(*lines), LOCAL)


def test_without_any_address_there_is_nowhere_to_send() -> None:
    with pytest.raises(NotAcceptable):
        answer(b"v=0\r\nm=audio 4000 RTP/AVP 0\r\n", LOCAL)


def test_a_laptop_calls_itself() -> None:
    assert answer(offered("m=audio 4000 RTP/AVP 0", "c=IN IP4 127.0.0.1"), replace(LOCAL, host="127.0.0.1"))[0].sends


def test_what_we_offer_can_be_answered_by_ourselves() -> None:
    ours, theirs = LOCAL, LocalMedia("192.0.2.1", 20000, session_id=5, version=1)
    at_them, text = answer(offer(ours), theirs)
    at_us = accept(ours, text)
    assert (at_them.host, at_them.port, at_us.host, at_us.port) == ("203.0.113.7", 16384, "192.0.2.1", 20000)
    assert (at_us.codec, at_us.payload_type, at_us.telephone_event) == (Codec.PCMU, 0, 101)
    assert at_us.rtcp_mux and at_them.rtcp_mux and at_us.rtcp_port == 20000


def test_an_answer_that_refuses_is_not_acceptable() -> None:
    with pytest.raises(NotAcceptable):
        accept(LOCAL, offered("m=audio 0 RTP/AVP 0"))
    with pytest.raises(Malformed):
        accept(LOCAL, b"no")


lines = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["m=audio 4000 RTP/AVP 0 101", "m=audio 65535 RTP/AVP 0", "a=rtpmap:101 telephone-event/8000"]),
    st.from_regex(r"a=(ptime|maxptime|rtcp|rtpmap|sendonly|fmtp):[0-9 A-Za-z/]{0,20}", fullmatch=True),
    st.from_regex(r"c=IN IP[46] [0-9a-f.:]{1,20}", fullmatch=True),
)


@settings(max_examples=300)
@given(st.lists(lines, max_size=12).map(lambda found: "\r\n".join(["v=0", "c=IN IP4 192.0.2.1", *found]).encode()))
def test_whatever_comes_is_answered_by_a_description_or_by_one_of_our_errors(body: bytes) -> None:
    try:
        agreed, text = answer(body, LOCAL)
    except SdpError:
        return
    assert 1024 <= agreed.port < 65536 and 1024 <= agreed.rtcp_port < 65536
    assert text.count(b"\r\n") == text.count(b"\n") and text.startswith(b"v=0\r\no=- 77 3 ")


@given(st.binary(max_size=300))
def test_bytes_are_no_description(body: bytes) -> None:
    with pytest.raises(SdpError):
        answer(body, LOCAL)
