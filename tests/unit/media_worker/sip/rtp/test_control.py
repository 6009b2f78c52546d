from __future__ import annotations

import pytest

from media_worker.sip.rtp import rtcp
from media_worker.sip.rtp.control import Control, Reception
from media_worker.sip.rtp.sender import Sender
from media_worker.sip.rtp.stats import RtpStats


class Side:
    """One of two parties; the clocks of the two have nothing in common."""

    def __init__(self, wall_s: float = 1_800_000_000.0) -> None:
        self.sent: list[bytes] = []
        self.sender = Sender(lambda packet: self.sent.append(bytes(packet)))
        self.stats = RtpStats()
        self.control = Control(self.sender, self.stats, 0.0, wall_s, lambda low, high: (low + high) / 2)

    def hear(self, other: Side, sequences: list[int]) -> None:
        if self.control.reception.ssrc is None:
            self.control.reception.start(other.sender.ssrc, sequences[0])
        for sequence in sequences:
            self.control.reception.count(sequence)

    def tell(self, other: Side, now: float, other_now: float) -> None:
        report = rtcp.parse(self.control.report(now))
        assert report is not None
        other.control.take(report, other_now)


def test_there_and_back_is_timed_without_the_time_in_between() -> None:
    ours, theirs = Side(), Side(wall_s=5.0)
    theirs.hear(ours, [1])
    ours.sender.frame(None)
    ours.tell(theirs, 10.0, 110.03)
    theirs.tell(ours, 113.0, 13.01)
    assert ours.stats.round_trip_ms == pytest.approx(40.0, abs=0.1)
    assert theirs.stats.round_trip_ms is None


def test_what_the_other_side_lost_is_told_as_a_share_since_its_last_report() -> None:
    ours, theirs = Side(), Side()
    theirs.hear(ours, [n for n in range(100) if n % 4])
    theirs.control.reception.count(100)
    theirs.tell(ours, 1.0, 1.0)
    assert ours.stats.remote_lost_share == pytest.approx(0.25, abs=0.02)
    theirs.hear(ours, list(range(101, 200)))
    theirs.tell(ours, 2.0, 2.0)
    assert ours.stats.remote_lost_share == 0.0


def test_a_report_about_somebody_else_changes_nothing() -> None:
    ours, theirs, third = Side(), Side(), Side()
    theirs.hear(third, [1, 5])
    theirs.tell(ours, 1.0, 1.0)
    assert ours.stats.remote_lost_share is None


def test_a_round_trip_of_hours_is_another_clock() -> None:
    ours = Side()
    block = rtcp.Block(ours.sender.ssrc, 0, 0, 0, 0, last_report=1, since=0)
    ours.control.take(rtcp.Report(7, None, (block,), ()), 100.0)
    assert ours.stats.round_trip_ms is None


def test_good_bye_of_the_source_that_is_heard_is_noted() -> None:
    ours, theirs = Side(), Side()
    ours.hear(theirs, [1])
    ours.control.take(rtcp.Report(theirs.sender.ssrc, None, (), (12345,)), 1.0)
    assert not ours.stats.remote_left
    report = rtcp.parse(theirs.control.report(1.0, leaves=True))
    assert report is not None
    ours.control.take(report, 1.0)
    assert ours.stats.remote_left


def test_only_who_has_sent_lately_reports_as_a_sender() -> None:
    ours = Side()
    ours.sender.frame(None)
    first, second = rtcp.parse(ours.control.report(1.0)), rtcp.parse(ours.control.report(2.0))
    assert first is not None and second is not None
    assert first.sender is not None and second.sender is None
    assert (first.sender.packets, first.sender.octets) == (1, 160)
    assert first.sender.ntp >> 32 == 1_800_000_001 + 2_208_988_800


def test_reports_are_about_five_seconds_apart_and_the_first_sooner() -> None:
    ours = Side()
    assert ours.control.due == pytest.approx(5 / 1.21828 / 2)
    ours.control.report(10.0)
    assert ours.control.due == pytest.approx(10 + 5 / 1.21828)


def test_numbers_that_wrap_around_are_counted_on() -> None:
    reception = Reception()
    reception.start(6, 65_534)
    for sequence in (65_534, 65_535, 0, 2, 1, 3):
        reception.count(sequence)
    block = reception.block(1.0, 0.0)
    assert block is not None
    assert (block.highest, block.lost, block.lost_share, block.jitter) == (65_536 + 3, 0, 0, 8)


def test_duplicates_make_no_share_of_less_than_nothing() -> None:
    reception = Reception()
    reception.start(6, 1)
    for _ in range(3):
        reception.count(1)
    block = reception.block(0.0, 0.0)
    assert block is not None and (block.lost, block.lost_share) == (-2, 0)
