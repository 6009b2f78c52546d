"""Sound that waits to be sent, 20 ms a piece, with marks between: who put a mark there learns when it is reached.

The first sound after silence waits until two pieces are there (or 40 ms have passed), so that what comes a little
unevenly does not click; every time it runs dry in the middle that grows, up to five. What piles up because the way here
was held up is shortened where it is quiet.
"""

from __future__ import annotations

import audioop
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from media_worker.audio.formats import SAMPLE_BYTES
from media_worker.sip.rtp.timeline import FRAME_SAMPLES

FRAME_BYTES = FRAME_SAMPLES * SAMPLE_BYTES
_MOST_FRAMES = 100
_CUSHION, _LARGEST_CUSHION = 2, 5
# More is a backlog: the worker is never further ahead than 100 ms (`media_worker/pipeline/playout.py`).
_BACKLOG = 10
_QUIET = 400


class _Mark(NamedTuple):
    name: str
    reached: Callable[[str], None]


class Outgoing:
    """Bounded at 2 s of sound, of which the oldest is dropped, and as many marks. `take` is called every 20 ms."""

    def __init__(self) -> None:
        self._waiting: deque[bytes | _Mark] = deque()
        self._frames = 0
        self._cushion = _CUSHION
        self._waits_ticks = 0
        self._dry_ticks = _MOST_FRAMES

    def __len__(self) -> int:
        """Pieces of 20 ms."""
        return self._frames

    def add(self, pcm: bytes) -> None:
        """16-bit PCM, 8 kHz; a last piece that is too short is filled up with silence."""
        if not pcm:
            return
        if not self._frames and self._dry_ticks:
            if self._dry_ticks < _LARGEST_CUSHION:
                # It ran dry for a moment only: whoever speaks has not finished, the way is uneven.
                self._cushion = min(_LARGEST_CUSHION, self._cushion + 1)
            self._waits_ticks = self._cushion
        for begin in range(0, len(pcm), FRAME_BYTES):
            self._waiting.append(pcm[begin : begin + FRAME_BYTES].ljust(FRAME_BYTES, b"\0"))
            self._frames += 1
        while self._frames > _MOST_FRAMES:
            self._next_frame()

    def mark(self, name: str, reached: Callable[[str], None]) -> None:
        """`reached` is called when all before it was taken or cleared; at once if nothing waits."""
        if not self._frames:
            reached(name)
            return
        self._waiting.append(_Mark(name, reached))
        if len(self._waiting) > 2 * _MOST_FRAMES:
            self._next_frame()

    def clear(self) -> None:
        waiting, self._waiting, self._frames = self._waiting, deque(), 0
        self._dry_ticks = _MOST_FRAMES
        for each in waiting:
            if isinstance(each, _Mark):
                each.reached(each.name)

    def take(self) -> bytes | None:
        """The piece that is due, None for silence."""
        if not self._frames:
            self._dry_ticks += 1
            return None
        if self._waits_ticks and self._frames < self._cushion:
            self._waits_ticks -= 1
            return None
        self._waits_ticks = self._dry_ticks = 0
        frame = self._next_frame()
        while self._frames > _BACKLOG and frame and audioop.rms(frame, SAMPLE_BYTES) <= _QUIET:
            frame = self._next_frame()
        return frame

    def _next_frame(self) -> bytes | None:
        """And the marks after it. What is called may clear everything, or mark and play more."""
        frame: bytes | None = None
        while self._waiting and (frame is None or isinstance(self._waiting[0], _Mark)):
            first = self._waiting.popleft()
            if isinstance(first, _Mark):
                first.reached(first.name)
            else:
                self._frames -= 1
                frame = first
        return frame
