from __future__ import annotations

import pytest

from media_worker.sip.sdp.description import parse
from media_worker.sip.sdp.media import Malformed

HEAD = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n"


def test_lines_may_end_with_lf_alone_and_have_blanks_between_them() -> None:
    crlf = parse((HEAD + "m=audio 4000 RTP/AVP 0 8\n\na=ptime:30 \n").replace("\n", "\r\n").encode())
    bare = parse((HEAD + "m=audio 4000 RTP/AVP 0 8\n\na=ptime:30 \n").encode())
    assert crlf == bare
    assert bare.media[0].number("ptime") == 30


def test_each_medium_has_its_own_attributes_and_may_have_its_own_address() -> None:
    found = parse(
        (HEAD + "a=sendonly\nm=audio 4000 RTP/AVP 0\nm=video 4002 RTP/AVP 31\nc=IN IP4 192.0.2.9/127/3\na=x\n").encode()
    )
    assert found.session.has("sendonly") and not found.media[0].attributes and found.media[1].has("x")
    assert [found.host_of(media) for media in found.media] == ["192.0.2.1", "192.0.2.9"]


def test_a_port_may_name_how_many_and_a_protocol_anything() -> None:
    media = parse((HEAD + "m=Audio 4000/2 UDP/TLS/RTP/SAVPF 0 telephone\n").encode()).media[0]
    assert (media.kind, media.port, media.protocol, media.formats) == (
        "audio",
        4000,
        "UDP/TLS/RTP/SAVPF",
        ["0", "telephone"],
    )


def test_a_time_is_kept_for_the_answer_and_one_that_is_none_is_not() -> None:
    assert parse(b"v=0\nt=2873397496 2873404696\n").timing == "2873397496 2873404696"
    assert parse(b"v=0\nt=now\n").timing == "0 0"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"o=- 1 1 IN IP4 192.0.2.1\r\n",
        b"v=0\nnonsense\n",
        b"v=0\nm=audio\n",
        b"v=0\nm=audio 70000 RTP/AVP 0\n",
        b"v=0\nm=audio 4000 RTP/AVP\n",
        b"v=0\nm=aud\x00io 4000 RTP/AVP 0\n",
        b"v=0\nm=audio 4000 RTP/AVP " + b"0 " * 65,
        b"v=0\nc=IN IP4\n",
        b"v=0\n" + b"m=audio 4000 RTP/AVP 0\n" * 17,
        b"v=0\n" + b"a=x\n" * 500,
        b"v=0\n" + b"a=" + b"x" * 16_384,
    ],
)
def test_what_is_no_description_or_larger_than_one_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(body)


def test_many_attributes_are_not_kept_for_ever() -> None:
    assert len(parse(b"v=0\n" + b"a=x\n" * 400).session.attributes) == 200
