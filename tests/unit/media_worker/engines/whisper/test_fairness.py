"""One caller who goes on and on keeps nobody else waiting: the rounds of `hearing` over the recogniser.

Time is the audio's: while a batch is decoded everybody goes on speaking, and what they say waits for the next round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from media_worker.engines.base import EngineSet, StreamSpec
from media_worker.engines.batches import batches
from media_worker.engines.hearing import Hearing
from media_worker.engines.pool_messages import Audio, Begin, Finish, Open
from media_worker.engines.whisper.agreement import HeardWord
from media_worker.engines.whisper.decoder import LARGEST_BATCH, Hypothesis, Piece
from media_worker.engines.whisper.policy import POLICIES, SLICE_S, Policy
from media_worker.engines.whisper.recogniser import WhisperSpeechToText
from media_worker.engines.whisper.windows import RATE_HZ, SHORTEST_S, window_s
from tests.unit.media_worker.engines.recorded import KeptEngine, Sent, unmeasured

LONG, SHORT = 1, 2
FRAME_S = 0.02
# So that a decoder can tell whose audio it has.
SOUND = {LONG: b"\1\0", SHORT: b"\2\0"}
SHORT_TURN_S, SHORT_BATCH_S = 8.0, 0.1
ANSWER = Hypothesis("yes", (HeardWord(" yes", (1,)),), 0.9, 0.0)


@dataclass
class Caller:
    """Speaks without a pause, in turns of `turn_s`. `arrived_s` of the open one, `heard_s` of which was decoded."""

    turn_s: float
    arrived_s: float = 0.0
    heard_s: float | None = None
    turns: int = 1


@dataclass
class Line:
    """Two callers of one engine process, and its decoder; `batch_s` is what a window that is not the shortest takes."""

    policy: Policy
    long_turn_s: float
    batch_s: float
    now_s: float = 0.0
    waited: list[int] = field(default_factory=list)
    """Batches that began while a partial of the short caller was due, before one that it had a part in."""
    detects_language = True

    def __post_init__(self) -> None:
        self.callers = {LONG: Caller(self.long_turn_s), SHORT: Caller(SHORT_TURN_S)}
        others = KeptEngine()
        recogniser = WhisperSpeechToText(self, self.policy, frozenset({"en"}))
        engines = EngineSet("whisper", recogniser, others, others, finish_batch=LARGEST_BATCH, slice_s=SLICE_S)
        self.hearing = Hearing(engines, Sent(), unmeasured)
        self._batches = 0
        for number in self.callers:
            self.hearing.accept(Open(number, StreamSpec("en", RATE_HZ)))
            self.hearing.accept(Begin(number, 1))

    def run(self, until_s: float) -> None:
        while self.now_s < until_s:
            self._pass(FRAME_S)
            while not self.hearing.idle and self.now_s < until_s:
                self.hearing.work()

    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    def hear(self, pieces: Sequence[Piece]) -> list[Hypothesis]:
        windows = [window_s(len(piece.signal)) for piece in pieces]
        for numbers in batches(windows, LARGEST_BATCH):
            self._count([pieces[number] for number in numbers])
            self._pass(self.batch_s if windows[numbers[0]] > SHORTEST_S else SHORT_BATCH_S)
        return [ANSWER for _ in pieces]

    def _count(self, batch: Sequence[Piece]) -> None:
        short = self.callers[SHORT]
        theirs = [len(piece.signal) / RATE_HZ for piece in batch if round(float(piece.signal[0]) * 32768) == SHORT]
        if theirs:
            # The end of the turn before may be heard when the next one has begun already.
            short.heard_s = theirs[0] if theirs[0] <= short.arrived_s + FRAME_S else None
            self.waited.append(self._batches)
            self._batches = 0
        elif self.policy.due(short.arrived_s - FRAME_S, short.heard_s):
            self._batches += 1

    def _pass(self, seconds: float) -> None:
        for _ in range(round(seconds / FRAME_S)):
            self.now_s += FRAME_S
            self.hearing.accept(Audio([(number, SOUND[number] * int(FRAME_S * RATE_HZ)) for number in self.callers]))
            for number, caller in self.callers.items():
                caller.arrived_s += FRAME_S
                if caller.arrived_s >= caller.turn_s:
                    self._next_turn(number, caller)

    def _next_turn(self, number: int, caller: Caller) -> None:
        caller.turns, caller.arrived_s, caller.heard_s = caller.turns + 1, 0.0, None
        self.hearing.accept(Finish(number, 1000 * number + caller.turns))
        self.hearing.accept(Begin(number, caller.turns))


@pytest.mark.parametrize("batch_s", [0.5, 1.2], ids=["quick", "slow"])
@pytest.mark.parametrize("policy", POLICIES)
def test_a_partial_waits_for_no_more_than_one_batch_of_somebody_who_goes_on_and_on(policy: str, batch_s: float) -> None:
    for turn_s in (13.0, 13.2, 13.7, 14.1, 15.0, 16.3):
        line = Line(POLICIES[policy], turn_s, batch_s)
        line.run(45.0)
        assert len(line.waited) >= 10
        assert max(line.waited) <= 1, f"turns of {turn_s} s"
