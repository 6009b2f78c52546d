"""Packets of a telephone as they may arrive, and what is handed on. Times are milliseconds here."""

from __future__ import annotations

import audioop
import random
from collections.abc import Iterable
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_worker.sip.rtp.jitter import JitterBuffer
from media_worker.sip.rtp.stats import RtpStats
from media_worker.sip.rtp.timeline import Timeline

LOUD = 5000


def piece(level: int, samples: int = 160) -> bytes:
    return pack("<h", level) * samples


class Line:
    """Packet n was said at 20 n ms; a tick comes every 20 ms, beginning with the first."""

    def __init__(self, first: int = 0, samples: int = 160, clock: int = 0) -> None:
        self.heard: list[tuple[int, int]] = []
        self.now = 0.0
        self.stats = RtpStats()
        self.timeline = Timeline(self._hear, self.stats, 0.0)
        self.jitter = JitterBuffer(self.timeline, self.stats)
        self.first, self.samples, self.clock = first, samples, clock
        self.ticks = 0

    def _hear(self, pcm: bytes) -> None:
        assert len(pcm) == 320
        self.heard.append((round(self.now * 1000), audioop.avg(pcm, 2)))

    def until(self, ms: float) -> None:
        while self.ticks * 20 <= ms:
            self.now = max(self.now, self.ticks * 0.02)
            self.jitter.tick(self.now)
            self.ticks += 1
        self.now = ms / 1000

    def arrive(self, number: int, ms: float, level: int = 0, said_at: int | None = None) -> None:
        self.until(ms)
        timestamp = (self.clock + (number if said_at is None else said_at) * self.samples) % 2**32
        self.jitter.take(
            (self.first + number) % 65536, timestamp, piece(level or LOUD + number, self.samples), self.now
        )

    @property
    def levels(self) -> list[int]:
        return [level for _, level in self.heard]


def heard_of(arrivals: Iterable[tuple[int, float]], until: float, first: int = 0, clock: int = 0) -> Line:
    line = Line(first, clock=clock)
    for number, ms in arrivals:
        line.arrive(number, ms)
    line.until(until)
    return line


def test_what_comes_in_order_is_handed_on_at_once() -> None:
    line = heard_of([(n, 20 * n + 7) for n in range(100)], until=2000)
    assert line.heard[:100] == [(20 * n + 7, LOUD + n) for n in range(100)]
    assert (line.stats.lost, line.stats.concealed, line.stats.late, line.stats.duplicates) == (0, 0, 0, 0)


def test_numbers_and_timestamps_wrap_around() -> None:
    line = heard_of([(n, 20 * n + 7) for n in range(100)], until=2000, first=65_500, clock=2**32 - 8000)
    assert line.levels[:100] == [LOUD + n for n in range(100)]


def test_swapped_packets_are_put_right_without_a_pause() -> None:
    line = heard_of([(0, 0), (2, 39), (1, 41), (3, 60)], until=70)
    assert line.heard == [(0, LOUD), (41, LOUD + 1), (41, LOUD + 2), (60, LOUD + 3)]
    assert line.stats.lost == 0


def test_swapped_packets_are_put_right_where_numbers_wrap_around() -> None:
    line = heard_of([(0, 0), (2, 39), (1, 41), (3, 60)], until=70, first=65_534)
    assert line.levels == [LOUD, LOUD + 1, LOUD + 2, LOUD + 3]


def test_a_lost_packet_is_waited_for_and_then_concealed() -> None:
    line = heard_of([(n, 20 * n) for n in range(50) if n != 30], until=1000)
    at = [ms for ms, level in line.heard if level == LOUD + 32]
    assert at == [31 * 20 + 40]
    assert len(line.heard) >= 50 and line.levels[31] > LOUD / 2
    assert (line.stats.lost, line.stats.concealed) == (1, 1)
    assert line.levels[30:32] == pytest.approx([LOUD + 29, LOUD + 31], abs=600)


def test_a_duplicate_and_one_that_was_given_up_are_dropped() -> None:
    arrivals = [(n, 20 * n) for n in range(40) if n != 10]
    line = heard_of(sorted([*arrivals, (5, 101), (12, 241), (10, 300)], key=lambda each: each[1]), until=800)
    assert line.levels.count(LOUD + 10) == 0
    # The first after a gap is blended with what was made up for it.
    assert line.levels[12:40] == [LOUD + n for n in range(12, 40)]
    assert (line.stats.duplicates, line.stats.late, line.stats.lost) == (2, 1, 1)


def test_one_that_came_late_makes_the_next_gap_be_waited_for_longer() -> None:
    line = heard_of([(n, 20 * n) for n in range(11) if n != 9], until=245)
    before = line.jitter.wait_s
    line.arrive(9, 250)
    assert line.jitter.wait_s == pytest.approx(before + 0.02)
    line.until(20_000)
    assert line.jitter.wait_s < before + 0.01


def test_the_wait_grows_with_the_jitter_and_is_bounded() -> None:
    calm = heard_of([(n, 20 * n) for n in range(200)], until=4000)
    shaken = heard_of(sorted(((n, 20 * n + 55 * (n % 3)) for n in range(200)), key=lambda each: each[1]), until=4000)
    assert calm.jitter.wait_s == pytest.approx(0.04, abs=0.001)
    assert 0.06 < shaken.jitter.wait_s <= 0.12
    assert 20 < shaken.stats.jitter_ms < 80


def test_a_pause_without_packets_becomes_silence_of_its_length() -> None:
    line = Line()
    for number in range(50):
        line.arrive(number, 20 * number)
    for number in range(50, 100):
        line.arrive(number, 20 * number + 3000, said_at=number + 150)
    line.until(5000)
    spoken = [index for index, level in enumerate(line.levels) if level == LOUD + 60]
    assert spoken == [210]
    # The echo of the voice fades; then there is nothing.
    assert set(line.levels[60:198]) == {0}
    # It comes while it lasts, not when it is over.
    assert max(later - earlier for (earlier, _), (later, _) in zip(line.heard, line.heard[1:], strict=False)) <= 100


def test_comfort_noise_is_silence_at_once() -> None:
    line = Line()
    for number in range(10):
        line.arrive(number, 20 * number)
    line.until(199)
    line.jitter.take(10, 1600, b"", line.now)
    line.until(1000)
    assert line.levels[:10] == [LOUD + n for n in range(10)]
    assert set(line.levels[10:]) == {0} and len(line.levels) >= 45


def test_keys_between_take_their_numbers_and_lose_nothing() -> None:
    line = Line()
    for number in range(5):
        line.arrive(number, 20 * number)
    for number in range(5, 12):
        line.until(20 * number)
        line.jitter.take(number, 800, b"", line.now)
    for number in range(12, 20):
        line.arrive(number, 20 * number)
    line.until(400)
    assert (line.stats.lost, line.stats.concealed) == (0, 0)
    assert line.levels[:5] == [LOUD + n for n in range(5)]
    assert line.levels[12:20] == [0] + [LOUD + n for n in range(13, 20)] or line.levels[13] == LOUD + 13


def test_nothing_at_all_is_steady_silence() -> None:
    line = Line()
    line.until(2000)
    assert set(line.levels) == {0} and len(line.heard) == pytest.approx(98, abs=1)


def test_a_stall_and_what_it_held_back_are_made_up_for_in_the_next_pauses() -> None:
    line = Line()
    for number in range(50):
        line.arrive(number, 20 * number)
    for number in range(50, 75):
        line.arrive(number, 1500 + (number - 50) * 0.1)
    for number in range(75, 400):
        line.arrive(number, 20 * number, level=30 if number % 20 < 5 else 0)
    line.until(8000)
    assert line.stats.skipped > 10
    assert len(line.heard) <= 400 + 4
    assert max(line.levels[-100:]) > LOUD


def test_a_stall_of_seconds_loses_what_came_too_late() -> None:
    line = Line()
    for number in range(50):
        line.arrive(number, 20 * number)
    for number in range(50, 300):
        line.arrive(number, 6000 + (number - 50) * 0.1)
    for number in range(300, 310):
        line.arrive(number, 20 * number + 30)
    line.until(6230)
    assert line.stats.late > 200
    assert len(line.heard) * 20 <= 6230 + 420


def test_without_any_pause_the_delay_of_a_stall_is_gone_after_a_while() -> None:
    line = Line()
    for number in range(2000):
        line.arrive(number, 1500 if 50 <= number < 75 else 20 * number)
    line.until(40_000)
    assert len(line.heard) <= 2000 + 4


def test_a_telephone_that_sends_too_fast_does_not_make_time_longer() -> None:
    line = Line()
    for number in range(2000):
        line.arrive(number, 10 * number)
    assert len(line.heard) <= 1000 + 22


def test_a_slow_clock_is_no_loss() -> None:
    line = Line()
    for number in range(15_000):
        line.arrive(number, 20 * number * 1.0004)
    assert len(line.heard) == 15_000
    assert line.stats.concealed == 0


def test_a_rush_behind_a_gap_is_not_held_for_ever() -> None:
    line = heard_of([(0, 0)], until=1)
    for number in range(2, 60):
        line.arrive(number, 2)
    assert line.stats.lost == 1 and not line.jitter._held


def test_a_process_that_was_held_up_for_a_minute_hands_on_two_seconds() -> None:
    line = heard_of([(n, 20 * n) for n in range(10)], until=195)
    line.now, line.ticks = 60.0, 3001
    line.jitter.tick(line.now)
    assert len(line.heard) == 10 + 100
    line.until(60_100)
    assert len(line.heard) <= 10 + 100 + 6


def test_a_telephone_that_starts_over_with_other_numbers_is_followed_from_its_second_packet() -> None:
    line = heard_of([(n, 20 * n) for n in range(10)], until=195)
    line.first = 40_000
    for number in range(10, 20):
        line.arrive(number, 20 * number)
    assert line.levels[10:] == pytest.approx([LOUD + n for n in range(11, 20)], abs=LOUD)
    assert line.levels[-1] == LOUD + 19
    assert line.stats.lost == 0


def test_one_packet_from_nowhere_changes_nothing() -> None:
    line = heard_of([(n, 20 * n) for n in range(10)], until=195)
    line.jitter.take(30_000, 77, piece(9), line.now)
    for number in range(10, 20):
        line.arrive(number, 20 * number)
    assert line.levels == [LOUD + n for n in range(20)]


def test_another_source_starts_over() -> None:
    line = heard_of([(n, 20 * n) for n in range(10)], until=195)
    line.jitter.restart()
    line.first, line.clock = 30_000, 99_999
    for number in range(10, 20):
        line.arrive(number, 20 * number)
    assert line.levels == [LOUD + n for n in range(20)]


@pytest.mark.parametrize("samples", [80, 240, 320, 480])
def test_packets_of_any_length_come_out_as_twenty_milliseconds(samples: int) -> None:
    line = Line(samples=samples)
    for number in range(40):
        line.arrive(number, number * samples / 8)
    assert len(line.heard) == 40 * samples // 160
    assert (line.stats.lost, line.stats.concealed) == (0, 0)


def test_a_timestamp_that_jumps_ahead_adds_no_more_silence_than_time_has_passed() -> None:
    line = heard_of([(n, 20 * n) for n in range(10)], until=195)
    line.jitter.take(10, 8000 * 3600, piece(LOUD + 10), 0.2)
    line.until(300)
    assert len(line.heard) <= 16 and LOUD + 10 in line.levels[10:]


@settings(max_examples=40)
@given(st.randoms(use_true_random=False), st.floats(0, 0.3), st.floats(0, 150))
def test_a_bad_network_costs_no_time_and_every_packet_is_accounted_for(
    dice: random.Random, loss: float, jitter_ms: float
) -> None:
    arrivals = [
        (n, 20 * n + dice.uniform(0, jitter_ms))
        for n in range(200)
        for _ in range(1 + (dice.random() < 0.05))
        if dice.random() >= loss
    ]
    line = heard_of(sorted(arrivals, key=lambda each: each[1]), until=5000)
    assert 4800 <= len(line.heard) * 20 <= 5000 + 420
    assert not line.jitter._held


@given(
    st.lists(
        st.tuples(st.integers(0, 65535), st.integers(0, 2**32 - 1), st.integers(0, 500), st.floats(0, 0.1)),
        max_size=100,
    )
)
def test_whatever_comes_nothing_raises_and_nothing_grows(packets: list[tuple[int, int, int, float]]) -> None:
    line = Line()
    for sequence, timestamp, samples, later_s in packets:
        line.until(line.now * 1000 + later_s * 1000)
        line.jitter.take(sequence, timestamp, piece(1, samples), line.now)
    assert len(line.jitter._held) <= 50
    assert len(line.heard) * 0.02 <= line.now + 0.5
