"""Packets in order: swapped ones put right, lost ones concealed, late ones and duplicates dropped.

A packet that is next is handed on at once, so nothing is delayed while nothing is lost. For a missing one the others
wait a little, as long as this network's jitter suggests; then it is given up.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from media_worker.sip.rtp.packet import SEQUENCES, sequence_distance, timestamp_distance
from media_worker.sip.rtp.stats import RtpStats
from media_worker.sip.rtp.timeline import FRAME_SAMPLES, RATE_HZ, Timeline

_SHORTEST_WAIT_S, _LONGEST_WAIT_S = 0.04, 0.12
_JITTERS = 4
_LATE_ADDS_S, _FORGOTTEN_S_PER_TICK = 0.02, 20e-6
# RFC 3550, A.1: further ahead or behind it is another stream, if a second packet says so too.
_MOST_AHEAD, _MOST_BEHIND = 250, 100
_MOST_HELD = 50
_REMEMBERED = 64
_SAMPLE_BYTES = 2


class _Held(NamedTuple):
    timestamp: int
    pcm: bytes
    arrived: float


class JitterBuffer:
    """One source's packets, of one SSRC at a time. Times are seconds of a monotonic clock."""

    def __init__(self, timeline: Timeline, stats: RtpStats) -> None:
        self._timeline = timeline
        self._stats = stats
        self._next: int | None = None
        self._next_timestamp = 0
        self._held: dict[int, _Held] = {}
        self._missed: deque[int] = deque(maxlen=_REMEMBERED)
        self._strange: int | None = None
        self._jitter_s = 0.0
        self._transit_s: float | None = None
        self._late_s = 0.0

    @property
    def wait_s(self) -> float:
        """How long a gap is waited for."""
        return min(_LONGEST_WAIT_S, max(_SHORTEST_WAIT_S, _JITTERS * self._jitter_s) + self._late_s)

    def restart(self) -> None:
        """What comes next belongs to another stream. What is held is given up."""
        self._held.clear()
        self._missed.clear()
        self._next = self._strange = self._transit_s = None
        self._timeline.forget_voice()

    def take(self, sequence: int, timestamp: int, pcm: bytes, now: float) -> None:
        """16-bit PCM, 8 kHz; empty for a packet that has a number and no sound: a key, comfort noise."""
        if pcm:
            self._measure(timestamp, now)
        if self._next is None:
            self._next, self._next_timestamp = sequence, timestamp
        if sequence == self._next and not self._held:
            self._play(timestamp, pcm, now)
            return
        distance = sequence_distance(sequence, self._next)
        if not -_MOST_BEHIND <= distance <= _MOST_AHEAD:
            self._jump(sequence, timestamp, pcm, now)
        elif distance < 0:
            self._count_old(sequence)
        elif sequence in self._held:
            self._stats.duplicates += 1
        else:
            self._held[sequence] = _Held(timestamp, pcm, now)
            self._release(now)

    def tick(self, now: float) -> None:
        """What has been waited for long enough is given up; time without any packet is filled."""
        if self._late_s:
            self._late_s = max(0.0, self._late_s - _FORGOTTEN_S_PER_TICK)
        if self._held:
            self._release(now)
        elif self._timeline.until < now - _SHORTEST_WAIT_S:
            self._next_timestamp += self._timeline.fill(now, self.wait_s)

    def _play(self, timestamp: int, pcm: bytes, now: float) -> None:
        """The packet that is next."""
        assert self._next is not None
        self._next = (self._next + 1) % SEQUENCES
        self._strange = None
        if not pcm:
            self._timeline.is_pause = True
            return
        if timestamp != self._next_timestamp:
            gap = timestamp_distance(timestamp, self._next_timestamp)
            if gap > 0:
                self._timeline.bridge(gap, 0, now)
        self._next_timestamp = timestamp + len(pcm) // _SAMPLE_BYTES & 0xFFFF_FFFF
        if not self._timeline.play(pcm, now):
            self._stats.late += 1

    def _release(self, now: float) -> None:
        while self._held and self._next is not None:
            if (found := self._held.pop(self._next, None)) is None:
                if not self._has_waited(now):
                    break
                self._give_up(now)
            else:
                self._play(found.timestamp, found.pcm, now)

    def _has_waited(self, now: float) -> bool:
        since = min(held.arrived for held in self._held.values())
        return now - since >= self.wait_s - 1e-6 or len(self._held) >= _MOST_HELD

    def _give_up(self, now: float) -> None:
        """The gap before the first that is held."""
        assert self._next is not None
        expected = self._next
        first = min(self._held, key=lambda sequence: sequence_distance(sequence, expected))
        lost = sequence_distance(first, expected)
        self._stats.lost += lost
        self._missed.extend((expected + number) % SEQUENCES for number in range(min(lost, _REMEMBERED)))
        self._next = first
        held = self._held[first]
        gap = timestamp_distance(held.timestamp, self._next_timestamp)
        if held.pcm and gap > 0:
            usual = len(held.pcm) // _SAMPLE_BYTES or FRAME_SAMPLES
            self._timeline.bridge(gap, 0 if self._timeline.is_pause else lost * usual, now)
            self._next_timestamp = held.timestamp

    def _count_old(self, sequence: int) -> None:
        if sequence not in self._missed:
            self._stats.duplicates += 1
            return
        self._missed.remove(sequence)
        self._stats.late += 1
        # It would have come in time had it been waited for a little longer.
        self._late_s = min(_LONGEST_WAIT_S, self._late_s + _LATE_ADDS_S)

    def _jump(self, sequence: int, timestamp: int, pcm: bytes, now: float) -> None:
        if sequence != self._strange:
            self._strange = (sequence + 1) % SEQUENCES
            return
        self.restart()
        self.take(sequence, timestamp, pcm, now)

    def _measure(self, timestamp: int, now: float) -> None:
        """RFC 3550, 6.4.1."""
        transit_s = now - timestamp / RATE_HZ
        if self._transit_s is not None:
            difference_s = abs(transit_s - self._transit_s)
            # A jump is a pause or another clock, and says nothing about the network.
            if difference_s < 1.0:
                self._jitter_s += (difference_s - self._jitter_s) / 16
                self._stats.jitter_ms = self._jitter_s * 1000
        self._transit_s = transit_s
