from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.sip.signalling.framing import LARGEST_BODY_BYTES, LARGEST_HEADER_BYTES, Framer, Unframed


def _message(body: bytes, name: str = "Content-Length") -> bytes:
    return b"OPTIONS sip:a@b SIP/2.0\r\n%b: %d\r\n\r\n%b" % (name.encode(), len(body), body)


@given(
    bodies=st.lists(st.binary(max_size=50), min_size=1, max_size=5),
    cuts=st.lists(st.integers(1, 40), min_size=1, max_size=20),
)
def test_messages_come_out_whole_however_the_stream_was_cut(bodies: list[bytes], cuts: list[int]) -> None:
    messages = [_message(body) for body in bodies]
    stream, framer, found = b"".join(messages), Framer(), []
    while stream:
        size = cuts[len(stream) % len(cuts)]
        found += framer.feed(stream[:size])
        stream = stream[size:]
    assert found == messages


@pytest.mark.parametrize("name", ["Content-Length", "content-length", "l", "L "])
def test_a_length_by_any_of_its_names(name: str) -> None:
    assert Framer().feed(_message(b"body", name)) == [_message(b"body", name)]


def test_keep_alives_are_counted_and_are_no_messages() -> None:
    framer = Framer()
    assert framer.feed(b"\r\n\r\n" + _message(b"x") + b"\r\n\r\n") == [_message(b"x")]
    assert framer.keep_alives == 2


def test_the_answer_to_a_keep_alive_of_ours_is_passed_over() -> None:
    assert Framer().feed(b"\r\n" + _message(b"x")) == [_message(b"x")]


@pytest.mark.parametrize(
    "data",
    [
        b"OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n\r\n",
        b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: many\r\n\r\n",
        b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n",
        b"x" * (LARGEST_HEADER_BYTES + 1),
        b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: %d\r\n\r\n" % (LARGEST_BODY_BYTES + 1),
    ],
)
def test_a_stream_of_which_nobody_knows_the_next_message_is_given_up(data: bytes) -> None:
    with pytest.raises(Unframed):
        Framer().feed(data)
