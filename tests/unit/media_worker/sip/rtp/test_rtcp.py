from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_worker.sip.rtp.rtcp import Block, Report, SenderInfo, compound, is_rtcp, parse

INFO = SenderInfo(ntp=0x0102030405060708, timestamp=9, packets=10, octets=1600)
BLOCK = Block(ssrc=6, lost_share=12, lost=-3, highest=70_000, jitter=44, last_report=0x03040506, since=65_536)
# As Asterisk sends: a receiver's report about nobody, and a name.
ASTERISK = bytes.fromhex("80c9000100000005" + "81ca000400000005" + "0107" + b"asteris".hex() + "000000")


def test_a_report_of_a_sender_and_of_a_receiver_are_read_as_written() -> None:
    assert parse(compound(5, "a@b", INFO, BLOCK)) == Report(5, INFO, (BLOCK,), ())
    assert parse(compound(5, "a@b", None, BLOCK)) == Report(5, None, (BLOCK,), ())
    assert parse(compound(5, "a@b", None, None, leaves=True)) == Report(5, None, (), (5,))


def test_a_report_of_another_product_is_read() -> None:
    assert parse(ASTERISK) == Report(5, None, (), ())


def test_the_bytes_are_those_of_the_standard() -> None:
    data = compound(5, "ab", None, Block(6, 1, -1, 2, 3, 4, 5))
    assert (
        data.hex()
        == (
            "81c9000700000005"
            + "00000006"
            + "01ffffff"
            + "00000002"
            + "00000003"
            + "00000004"
            + "00000005"
            # The name, ended by a zero and filled up to whole words.
            + "81ca0003"
            + "00000005"
            + "0102616200000000"[:16]
        )
    )


def test_reports_are_told_from_sound_on_the_same_port() -> None:
    assert is_rtcp(compound(5, "a", None, None))
    assert not any(is_rtcp(bytes([0x80, marker | kind]) + bytes(10)) for marker in (0, 128) for kind in (0, 8, 13, 101))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        ASTERISK[:7],
        ASTERISK[8:],
        b"\x40" + ASTERISK[1:],
        ASTERISK[:-1],
        ASTERISK + b"\x80\xcb",
        ASTERISK + b"\x80\xcb\xff\xff",
        b"\x81" + ASTERISK[1:],
        b"\x80\xc8" + ASTERISK[2:],
        compound(5, "a", None, None) * 200,
    ],
)
def test_what_is_no_compound_packet_says_nothing(data: bytes) -> None:
    assert parse(data) is None


@settings(max_examples=500)
@given(st.binary(max_size=200), st.integers(0, 40), st.integers(0, 255))
def test_nothing_that_comes_raises(data: bytes, at: int, value: int) -> None:
    parse(data)
    parse(b"\x80\xc9\x00\x01\x00\x00\x00\x05" + data)
    changed = bytearray(compound(5, "a@b", INFO, BLOCK, leaves=True))
    changed[at] = value
    parse(changed)


@given(st.integers(-(2**40), 2**40))
def test_a_count_of_lost_packets_stays_within_its_three_bytes(lost: int) -> None:
    report = parse(compound(5, "a", None, Block(6, 0, lost, 0, 0, 0, 0)))
    assert report is not None and report.blocks[0].lost == max(-0x800000, min(0x7FFFFF, lost))
