"""Every 32 ms, one batched call judges a window of every speaker of the process."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from media_worker.audio.turns import WINDOW_MS

_log = logging.getLogger(__name__)
_WAITING = 312  # ten seconds; what comes on top pushes out the oldest


class Window(NamedTuple):
    """32 ms of one speaker: for the detector at 8 kHz, for the recogniser at its rate. `position` in 8 kHz samples.

    `arrived_at` is the time of its last sample: a message arrives with its end, however long it is.
    """

    detector_pcm: bytes
    recogniser_pcm: bytes
    position: int
    arrived_at: float


class Bank(Protocol):
    """Where speakers' detector states live. `judge` computes on the event loop: about 15 µs a window, in batches."""

    def open(self) -> int: ...

    def close(self, row: int) -> None: ...

    def judge(self, rows: Sequence[int], windows: Sequence[bytes]) -> list[float]: ...


class Seat:
    """One speaker's place at the detector."""

    __slots__ = ("judged", "row", "waiting")

    def __init__(self, row: int, judged: Callable[[Window, float], None]) -> None:
        self.row = row
        self.judged = judged
        self.waiting: deque[Window] = deque(maxlen=_WAITING)


class VoiceActivity:
    """On the loop and in no thread: a millisecond for `batch` speakers, then the sockets have their turn."""

    def __init__(self, bank: Bank, batch: int = 64) -> None:
        self._bank = bank
        self._batch = batch
        self._seats: set[Seat] = set()

    def join(self, judged: Callable[[Window, float], None]) -> Seat:
        seat = Seat(self._bank.open(), judged)
        self._seats.add(seat)
        return seat

    def leave(self, seat: Seat) -> None:
        if seat in self._seats:
            self._seats.remove(seat)
            self._bank.close(seat.row)

    @property
    def late_ms(self) -> int:
        """How far it is behind the speaker who waits longest; 32 or 64 when it keeps up."""
        return max((len(seat.waiting) for seat in self._seats), default=0) * WINDOW_MS

    async def run(self) -> None:
        """For ever. Ticks are held to the clock, or 32 ms of windows would outrun 32.3 ms of ticks."""
        loop = asyncio.get_running_loop()
        tick_s = WINDOW_MS / 1000
        due = loop.time() + tick_s
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            due = max(due + tick_s, loop.time())
            await self.drain()

    async def drain(self) -> None:
        """Judge whatever is complete, oldest window of everybody first."""
        while ready := [seat for seat in self._seats if seat.waiting]:
            for start in range(0, len(ready), self._batch):
                if seats := [seat for seat in ready[start : start + self._batch] if seat in self._seats]:
                    self._judge(seats)
                await asyncio.sleep(0)

    def _judge(self, seats: Sequence[Seat]) -> None:
        windows = [seat.waiting.popleft() for seat in seats]
        probabilities = self._bank.judge([seat.row for seat in seats], [window.detector_pcm for window in windows])
        for seat, window, probability in zip(seats, windows, probabilities, strict=True):
            if seat in self._seats:
                self._tell(seat, window, probability)

    def _tell(self, seat: Seat, window: Window, probability: float) -> None:
        try:
            seat.judged(window, probability)
        except Exception:
            # One call's fault must not stop the detector of all the others.
            _log.exception("voice activity listener failed")
