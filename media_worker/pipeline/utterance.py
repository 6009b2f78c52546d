"""Something being said, and who is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.domain.recordings import RATE_HZ
from core.domain.sessions import Role
from media_worker.audio.turns import quiet_tail
from media_worker.pipeline.latency import Stopwatch
from media_worker.pipeline.party import Party


@dataclass(slots=True)
class Utterance:
    """Positions in 8 kHz samples on the session's clock; `quiet_at` is when its last speech arrived.

    `last_pcm` is the last window with speech, `tentative` the text of the last partial.
    """

    segment_id: str
    begins: int
    ends: int
    quiet_at: float
    watch: Stopwatch
    last_pcm: bytes
    tentative: str = ""

    def close(self) -> None:
        """Nothing more was said: its end to the millisecond, or nearly."""
        silent = quiet_tail(self.last_pcm)
        self.ends -= silent
        self.quiet_at -= silent / RATE_HZ

    @property
    def start_s(self) -> float:
        return self.begins / RATE_HZ

    @property
    def end_s(self) -> float:
        return self.ends / RATE_HZ


@dataclass(frozen=True, slots=True)
class Said:
    """A finished utterance, spoken or typed, on its way to the other party."""

    segment_id: str
    party: Party
    language: str
    text: str
    start_s: float
    end_s: float
    confidence: float
    watch: Stopwatch

    @property
    def speaker(self) -> Role:
        return self.party.role


class Heard(Protocol):
    """Who is told what a lane makes out."""

    def began(self, party: Party) -> None:
        """Somebody starts to speak, understood or not."""
        ...

    def fell_silent(self, party: Party, *, spoke: bool) -> None:
        """`spoke`: it was an utterance, and `final` or `unheard` follows for it."""
        ...

    def partial(self, party: Party, utterance: Utterance, language: str, text: str) -> None: ...

    async def final(self, said: Said) -> None: ...

    def unheard(self, party: Party, code: str, segment_id: str | None = None) -> None: ...
