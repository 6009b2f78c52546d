"""What both sides of a call tell each other about its packets: our reports, every five seconds or so, and theirs.

RFC 3550, sections 6.2 to 6.4, for two parties: the bandwidth rules then always come to the shortest interval.
"""

from __future__ import annotations

import random
import time as clock
from collections.abc import Callable

from media_worker.sip.rtp.rtcp import Block, Report, SenderInfo, compound
from media_worker.sip.rtp.sender import Sender
from media_worker.sip.rtp.stats import RtpStats
from media_worker.sip.rtp.timeline import RATE_HZ

_INTERVAL_S = 5.0
# 6.3.1: divided by e - 1.5, since reconsidering timers otherwise makes reports rarer than meant.
_COMPENSATION = 1.21828
_NTP_EPOCH_S = 2_208_988_800
_SHORT_S = 65_536
_MOST_ROUND_TRIP_S = 30.0
_random = random.SystemRandom()


class Reception:
    """What has come of one source, as a report block counts it."""

    def __init__(self) -> None:
        self.ssrc: int | None = None
        self._first = self._highest = self._cycles = 0
        self._received = self._expected_before = self._received_before = 0
        self._report: int = 0
        self._report_at = 0.0

    def start(self, ssrc: int, sequence: int) -> None:
        """Another source; its first packet is still to be counted."""
        self.ssrc = ssrc
        self._first = self._highest = sequence
        self._cycles = self._received = self._expected_before = self._received_before = self._report = 0

    def count(self, sequence: int) -> None:
        self._received += 1
        if (sequence - self._highest) & 0xFFFF < 0x8000:
            if sequence < self._highest:
                self._cycles += 0x10000
            self._highest = sequence

    def reported(self, ntp: int, now: float) -> None:
        """A sender report of this source has come."""
        self._report, self._report_at = ntp >> 16 & 0xFFFF_FFFF, now

    def block(self, jitter_ms: float, now: float) -> Block | None:
        """Since the last block; None while nothing has come."""
        if self.ssrc is None:
            return None
        highest = self._cycles + self._highest
        expected = highest - self._first + 1
        lately = expected - self._expected_before
        lost_lately = lately - (self._received - self._received_before)
        self._expected_before, self._received_before = expected, self._received
        return Block(
            ssrc=self.ssrc,
            lost_share=min(255, 256 * lost_lately // lately) if lately > 0 and lost_lately > 0 else 0,
            lost=expected - self._received,
            highest=highest & 0xFFFF_FFFF,
            jitter=min(0xFFFF_FFFF, int(jitter_ms * RATE_HZ / 1000)),
            last_report=self._report,
            since=min(0xFFFF_FFFF, int((now - self._report_at) * _SHORT_S)) if self._report else 0,
        )


class Control:
    """`now` is monotonic, `wall_s` what makes Unix time of it. `due` is when the next report should be sent."""

    def __init__(
        self,
        sender: Sender,
        stats: RtpStats,
        now: float,
        wall_s: float | None = None,
        uniform: Callable[[float, float], float] = _random.uniform,
    ) -> None:
        self.reception = Reception()
        self._sender = sender
        self._stats = stats
        self._wall_s = clock.time() - now if wall_s is None else wall_s
        self._uniform = uniform
        self._reported_packets = 0
        # 7.2.6 of RFC 3550 wants a name that stays the same and tells nobody who we are.
        self._cname = f"{sender.ssrc:08x}@kallglot"
        self.due = now + self._interval_s() / 2

    def report(self, now: float, *, leaves: bool = False) -> bytes:
        """What is to be sent now. As a sender only if something was sent since the last time."""
        self.due = now + self._interval_s()
        sender = self._sender
        info: SenderInfo | None = None
        if sender.packets != self._reported_packets:
            self._reported_packets = sender.packets
            info = SenderInfo(
                self._ntp(now),
                sender.timestamp & 0xFFFF_FFFF,
                sender.packets & 0xFFFF_FFFF,
                sender.octets & 0xFFFF_FFFF,
            )
        return compound(sender.ssrc, self._cname, info, self.reception.block(self._stats.jitter_ms, now), leaves=leaves)

    def take(self, report: Report, now: float) -> None:
        """The other side's."""
        if report.sender is not None and report.ssrc == self.reception.ssrc:
            self.reception.reported(report.sender.ntp, now)
        for block in report.blocks:
            if block.ssrc == self._sender.ssrc:
                self._stats.remote_lost_share = block.lost_share / 256
                self._time_the_way(block, now)
        if self.reception.ssrc in report.left:
            self._stats.remote_left = True

    def _time_the_way(self, block: Block, now: float) -> None:
        """6.4.1: there and back, without the time it lay at the other side."""
        if not block.last_report:
            return
        units = ((self._ntp(now) >> 16) - block.last_report - block.since) & 0xFFFF_FFFF
        if units < _MOST_ROUND_TRIP_S * _SHORT_S:
            self._stats.round_trip_ms = units / _SHORT_S * 1000

    def _ntp(self, now: float) -> int:
        return int((now + self._wall_s + _NTP_EPOCH_S) * (1 << 32)) & 0xFFFF_FFFF_FFFF_FFFF

    def _interval_s(self) -> float:
        return _INTERVAL_S * self._uniform(0.5, 1.5) / _COMPENSATION
