from __future__ import annotations

import asyncio
import audioop
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.sip.rtp import rtcp
from media_worker.sip.rtp.packet import Packet, parse
from media_worker.sip.rtp.ports import NoPortLeft, RtpPorts
from media_worker.sip.rtp.rtcp import Report
from media_worker.sip.rtp.stream import RtpStream
from media_worker.sip.rtp.ticker import Ticker
from media_worker.sip.sdp import Agreed, Codec
from tests.fakes.datagrams import PHONE, FakeDatagrams, FakeNetwork
from tests.fakes.virtual_time import VirtualTimeLoop, virtual_time

AGREED = Agreed(*PHONE, PHONE[1] + 1, Codec.PCMU, 0, 101, 20, sends=True, hears=True, rtcp_mux=False)
ELSEWHERE = ("198.51.100.9", 7000)


def tone(level: int, frames: int = 1) -> bytes:
    return pack("<h", level) * 160 * frames


class Call:
    """An open stream, what it told, and the telephone at the other end."""

    def __init__(self) -> None:
        self.network = FakeNetwork()
        loop = asyncio.get_running_loop()
        self.ticker = Ticker(loop.time)
        self.ports = RtpPorts("127.0.0.1", 16384, 16387, loop.time, self.network.bind)
        self.heard: list[bytes] = []
        self.keys: list[str] = []
        self.stream: RtpStream
        self.sequence = 65530

    @property
    def rtp(self) -> FakeDatagrams:
        return self.network.sockets[self.stream.port]

    @property
    def packets(self) -> list[Packet]:
        return [packet for data, _ in self.rtp.sent if (packet := parse(data))]

    def say(self, level: int = 1000, source: tuple[str, int] = PHONE, ssrc: int = 5, kind: int = 0) -> None:
        self.sequence = (self.sequence + 1) % 65536
        head = pack("!BBHII", 0x80, kind, self.sequence, self.sequence * 160, ssrc)
        self.rtp.arrive(head + audioop.lin2ulaw(tone(level), 2), source)

    def levels(self) -> list[int]:
        return [audioop.avg(pcm, 2) for pcm in self.heard]


@asynccontextmanager
async def call(agreed: Agreed | None = AGREED) -> AsyncIterator[Call]:
    made = Call()
    made.stream = await RtpStream.open(made.ports, made.ticker, made.heard.append, made.keys.append)
    if agreed:
        made.stream.aim(agreed)
    yield made
    made.stream.close()
    assert (made.network.open, made.ports.in_use, len(made.ticker)) == (0, 0, 0)


@virtual_time
async def test_what_is_said_is_heard_at_once() -> None:
    async with call() as phone:
        await asyncio.sleep(0.003)
        phone.say(1000)
        await asyncio.sleep(0.001)
        assert phone.levels() == pytest.approx([1000], abs=40)
        assert len(phone.heard[0]) == 320


@virtual_time
async def test_silence_is_sent_from_the_first_tick_with_unbroken_numbers() -> None:
    async with call() as phone:
        await asyncio.sleep(0.201)
        packets = phone.packets
        assert len(packets) == 10 and phone.stream.stats.sent == 10
        assert {packet.payload for packet in packets} == {b"\xff" * 160}
        assert [packet.marker for packet in packets] == [True] + [False] * 9
        first = packets[0]
        assert [(packet.sequence - first.sequence) % 65536 for packet in packets] == list(range(10))
        assert [(packet.timestamp - first.timestamp) % 2**32 for packet in packets] == [160 * n for n in range(10)]
        assert {to for _, to in phone.rtp.sent} == {PHONE}


@virtual_time
async def test_what_is_played_goes_out_in_the_codec_agreed_on() -> None:
    async with call(replace(AGREED, codec=Codec.PCMA, payload_type=8)) as phone:
        phone.stream.play(tone(2000, frames=3))
        await asyncio.sleep(0.081)
        sent = phone.packets
        assert {packet.payload_type for packet in sent} == {8}
        levels = [audioop.avg(audioop.alaw2lin(packet.payload, 2), 2) for packet in sent]
        assert levels == pytest.approx([2000, 2000, 2000, 0], abs=60)


@virtual_time
async def test_longer_packets_carry_several_pieces() -> None:
    async with call(replace(AGREED, ptime_ms=40)) as phone:
        await asyncio.sleep(0.161)
        packets = phone.packets
        assert [len(packet.payload) for packet in packets] == [320] * 4
        assert (packets[1].timestamp - packets[0].timestamp) % 2**32 == 320


@virtual_time
async def test_nothing_is_sent_or_heard_where_the_direction_forbids_it() -> None:
    async with call() as phone:
        phone.say(1000)
        await asyncio.sleep(0.101)
        before = phone.packets
        phone.stream.aim(replace(AGREED, sends=False, hears=False))
        phone.stream.play(tone(2000, frames=5))
        phone.say(3000)
        heard = len(phone.heard)
        await asyncio.sleep(1.0)
        assert phone.packets == before
        assert set(phone.levels()[heard + 4 :]) == {0}
        assert len(phone.heard) - heard == pytest.approx(50, abs=3)
        assert phone.stream.silent_s == 0.0
        phone.stream.aim(AGREED)
        await asyncio.sleep(0.021)
        after = phone.packets[len(before)]
        assert after.marker and after.payload == b"\xff" * 160
        assert (after.timestamp - before[-1].timestamp) % 2**32 == 51 * 160
        assert (after.sequence - before[-1].sequence) % 65536 == 1


@virtual_time
async def test_sound_goes_to_where_packets_come_from() -> None:
    async with call() as phone:
        phone.say(source=ELSEWHERE)
        await asyncio.sleep(0.021)
        assert phone.rtp.sent[-1][1] == ELSEWHERE
        phone.stream.aim(replace(AGREED, sends=False))
        phone.stream.aim(AGREED)
        await asyncio.sleep(0.02)
        assert phone.rtp.sent[-1][1] == ELSEWHERE
        phone.stream.aim(replace(AGREED, port=5000))
        await asyncio.sleep(0.02)
        assert phone.rtp.sent[-1][1] == (PHONE[0], 5000)


@virtual_time
async def test_a_stranger_neither_is_heard_nor_turns_the_sound_to_himself() -> None:
    async with call() as phone:
        for _ in range(20):
            phone.say(1000)
            phone.say(9000, source=ELSEWHERE, ssrc=6)
            await asyncio.sleep(0.02)
        assert max(phone.levels()) < 1100
        assert {to for _, to in phone.rtp.sent} == {PHONE}
        assert phone.stream.stats.ignored == 20


@virtual_time
async def test_other_payload_types_and_what_is_no_packet_are_ignored() -> None:
    async with call() as phone:
        phone.say(kind=18)
        phone.rtp.arrive(b"hello")
        phone.rtp.arrive(b"")
        await asyncio.sleep(0.001)
        assert (phone.heard, phone.stream.stats.ignored, phone.stream.stats.received) == ([], 3, 0)


@virtual_time
async def test_how_long_the_other_side_has_been_silent() -> None:
    async with call() as phone:
        await asyncio.sleep(0.5)
        phone.say()
        await asyncio.sleep(2.0)
        assert phone.stream.silent_s == pytest.approx(2.0, abs=0.001)


@virtual_time
async def test_a_flood_is_left_to_the_kernel_and_other_calls_go_on() -> None:
    async with call() as phone:
        for _ in range(1000):
            phone.rtp.arrive(b"flood", ELSEWHERE)
        await asyncio.sleep(0.019)
        assert phone.stream.stats.ignored == 100
        await asyncio.sleep(0.02)
        assert phone.stream.stats.ignored == 200


@virtual_time
async def test_the_other_side_may_send_twice_what_it_should_and_no_more() -> None:
    async with call() as phone:
        for _ in range(500):
            for _ in range(20):
                phone.say()
            await asyncio.sleep(0.02)
        assert phone.stream.stats.received <= 300 + 501 * 4
        assert len(phone.heard) <= 500 + 25


@virtual_time
async def test_an_error_of_the_network_is_a_lost_packet() -> None:
    async with call() as phone:
        errors = [OSError(101, "Network is unreachable"), None, BlockingIOError()]
        phone.rtp.fails = lambda: errors.pop() if errors else None
        await asyncio.sleep(0.101)
        assert len(phone.packets) == 3
        assert (phone.packets[1].sequence - phone.packets[0].sequence) % 65536 == 2


@virtual_time
async def test_a_loop_that_was_held_up_catches_up_a_little_and_leaves_the_rest_out() -> None:
    async with call() as phone:
        await asyncio.sleep(0.101)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        loop.now = 1.101
        await asyncio.sleep(0.02)
        sent = phone.packets
        assert len(sent) == 5 + 5 + 1
        assert (sent[-1].timestamp - sent[0].timestamp) % 2**32 == 55 * 160
        assert [packet.marker for packet in sent] == [True] + [False] * 9 + [True]


@virtual_time
async def test_marks_are_reached_when_what_was_before_them_has_gone_out() -> None:
    async with call() as phone:
        reached: list[tuple[str, int]] = []

        def note(name: str) -> None:
            reached.append((name, sum(packet.payload != b"\xff" * 160 for packet in phone.packets)))

        phone.stream.mark("nothing before", note)
        phone.stream.play(tone(500, frames=2))
        phone.stream.mark("two", note)
        phone.stream.play(tone(500, frames=10))
        phone.stream.mark("twelve", note)
        await asyncio.sleep(0.101)
        phone.stream.clear()
        assert [name for name, _ in reached] == ["nothing before", "two", "twelve"]
        assert [sent for _, sent in reached] == [0, 1, 5]


@virtual_time
async def test_a_second_close_does_nothing_and_a_full_range_is_told() -> None:
    async with call() as phone:
        other = await RtpStream.open(phone.ports, phone.ticker, phone.heard.append, phone.keys.append)
        with pytest.raises(NoPortLeft):
            await RtpStream.open(phone.ports, phone.ticker, phone.heard.append, phone.keys.append)
        other.close()
        other.close()
        assert phone.ports.in_use == 1


@virtual_time
async def test_a_stream_that_cannot_be_opened_leaves_no_port_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    async with call() as phone:

        def full(_fd: int, _call: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(asyncio.get_running_loop(), "add_reader", full)
        with pytest.raises(OSError, match="No space"):
            await RtpStream.open(phone.ports, phone.ticker, phone.heard.append, phone.keys.append)
        assert (phone.ports.in_use, len(phone.ticker), phone.network.open) == (1, 1, 2)


def rtcp_of(call: Call) -> list[Report]:
    sent = call.network.sockets[call.stream.port + 1].sent
    return [report for data, _ in sent if (report := rtcp.parse(data))]


@virtual_time
async def test_a_key_is_told_once_and_is_no_sound() -> None:
    async with call() as phone:
        phone.say()
        for packet in range(8):
            head = pack("!BBHII", 0x80, 101, (phone.sequence + 1 + packet) % 65536, 5000, 5)
            phone.rtp.arrive(head + bytes([11, 0x80 if packet > 4 else 0]) + pack("!H", 160 * packet))
            await asyncio.sleep(0.02)
        assert phone.keys == ["#"]
        assert phone.stream.stats.lost == 0 and phone.stream.stats.received == 9


@virtual_time
async def test_another_ssrc_of_the_same_telephone_is_followed_at_once() -> None:
    async with call() as phone:
        phone.say(1000)
        await asyncio.sleep(0.02)
        phone.sequence = 20_000
        phone.say(3000, ssrc=99)
        await asyncio.sleep(0.001)
        assert phone.levels()[-1] == pytest.approx(3000, abs=100)
        assert phone.stream.stats.lost == 0


@virtual_time
async def test_both_sides_report_and_the_way_is_timed() -> None:
    async with call() as phone:
        for _ in range(400):
            phone.say()
            await asyncio.sleep(0.02)
        reports = rtcp_of(phone)
        assert 1 <= len(reports) <= 4
        ours = reports[-1]
        assert ours.sender is not None and ours.blocks[0].ssrc == 5 and ours.blocks[0].lost == 0
        block = rtcp.Block(ours.ssrc, 64, 9, 0, 0, ours.sender.ntp >> 16 & 0xFFFFFFFF, 0)
        phone.network.sockets[phone.stream.port + 1].arrive(
            rtcp.compound(5, "phone", None, None), ("203.0.113.66", 4001)
        )
        theirs = phone.network.sockets[phone.stream.port + 1]
        theirs.arrive(rtcp.compound(5, "phone", None, block, leaves=True), (PHONE[0], 4555))
        await asyncio.sleep(0.001)
        stats = phone.stream.stats
        assert (stats.remote_lost_share, stats.remote_left, stats.ignored) == (0.25, True, 1)
        assert stats.round_trip_ms is not None and 0 < stats.round_trip_ms < 8000
        phone.stream.close()
        # The last one says good-bye, to where theirs came from.
        assert theirs.sent[-1][1] == (PHONE[0], 4555)
        assert rtcp_of(phone)[-1].left == (ours.ssrc,)


@virtual_time
async def test_what_came_during_a_hold_is_not_reported_as_lost() -> None:
    async with call() as phone:
        phone.say()
        await asyncio.sleep(0.001)
        phone.stream.aim(replace(AGREED, hears=False))
        phone.sequence += 100
        await asyncio.sleep(2)
        phone.stream.aim(AGREED)
        phone.say()
        await asyncio.sleep(0.001)
        phone.stream.close()
        assert rtcp_of(phone)[-1].blocks[0].lost == 0


@virtual_time
async def test_reports_share_the_port_of_the_sound_where_that_was_agreed_on() -> None:
    async with call(replace(AGREED, rtcp_mux=True, rtcp_port=PHONE[1])) as phone:
        for _ in range(400):
            phone.say()
            await asyncio.sleep(0.02)
        assert rtcp_of(phone) == []
        reports = [report for data, _ in phone.rtp.sent if (report := rtcp.parse(data))]
        assert reports
        block = rtcp.Block(reports[0].ssrc, 128, 9, 0, 0, 0, 0)
        phone.rtp.arrive(rtcp.compound(5, "phone", None, block))
        await asyncio.sleep(0.001)
        assert (phone.stream.stats.remote_lost_share, phone.stream.stats.ignored) == (0.5, 0)


@virtual_time
async def test_hold_by_an_address_of_zeros_sends_nothing_anywhere_and_resumes() -> None:
    async with call() as phone:
        phone.say(source=ELSEWHERE)
        await asyncio.sleep(0.101)
        phone.stream.aim(replace(AGREED, host="0.0.0.0", sends=False))
        before = len(phone.rtp.sent)
        await asyncio.sleep(20)
        assert len(phone.rtp.sent) == before
        assert "0.0.0.0" not in {to[0] for socket in phone.network.sockets.values() for _, to in socket.sent}
        phone.stream.aim(AGREED)
        await asyncio.sleep(0.02)
        assert phone.rtp.sent[-1][1] == ELSEWHERE


@given(st.lists(st.tuples(st.binary(max_size=60), st.booleans(), st.booleans()), max_size=30))
def test_whatever_comes_nothing_raises_and_no_port_is_left_behind(packets: list[tuple[bytes, bool, bool]]) -> None:
    async def hold() -> None:
        async with call(replace(AGREED, rtcp_mux=True)) as phone:
            for data, is_rtp, is_report in packets:
                socket = phone.network.sockets[phone.stream.port + is_report]
                socket.arrive((b"\x80\x00" if is_rtp else b"") + data)
            await asyncio.sleep(0.2)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(hold())
