from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_worker.sip.rtp.packet import Packet, parse, sequence_distance, timestamp_distance, write_header

PLAIN = bytes.fromhex("80 88 1234 deadbeef 00000007".replace(" ", ""))


def test_a_plain_packet_is_read() -> None:
    assert parse(PLAIN + b"sound") == Packet(8, True, 0x1234, 0xDEADBEEF, 7, b"sound")


def test_sources_an_extension_and_padding_are_no_sound() -> None:
    head = bytes([0x80 | 0x20 | 0x10 | 2]) + PLAIN[1:]
    packet = parse(head + bytes(8) + b"\xbe\xde\x00\x01" + bytes(4) + b"sound" + b"\0\0\x03")
    assert packet is not None and packet.payload == b"sound"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PLAIN[:11],
        b"\x40" + PLAIN[1:],
        b"\xc0" + PLAIN[1:],
        b"\x8f" + PLAIN[1:] + bytes(59),
        b"\x90" + PLAIN[1:],
        b"\x90" + PLAIN[1:] + b"\0\0\0\2" + bytes(7),
        b"\xa0" + PLAIN[1:] + b"\0",
        b"\xa0" + PLAIN[1:] + b"\x02",
        b"\xa0" + PLAIN[1:],
        PLAIN + bytes(1500),
    ],
)
def test_what_contradicts_itself_is_no_packet(data: bytes) -> None:
    assert parse(data) is None


@given(st.integers(0, 127), st.booleans(), st.integers(0, 65535), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_what_is_written_is_read(kind: int, marker: bool, sequence: int, timestamp: int, ssrc: int) -> None:
    buffer = bytearray(14)
    write_header(buffer, kind, marker, sequence + 65536, timestamp - 2**32, ssrc)
    assert parse(buffer) == Packet(kind, marker, sequence, timestamp, ssrc, b"\0\0")


@settings(max_examples=1500)
@given(st.binary(max_size=1600))
def test_nothing_that_comes_raises_and_a_payload_is_part_of_it(data: bytes) -> None:
    packet = parse(data)
    assert packet is None or packet.payload in data


def test_numbers_wrap_around() -> None:
    assert (sequence_distance(2, 65534), sequence_distance(65534, 2), sequence_distance(7, 7)) == (4, -4, 0)
    assert (timestamp_distance(100, 2**32 - 60), timestamp_distance(2**32 - 60, 100)) == (160, -160)
