"""What a voice speaks, and who hears it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from media_worker.messages import Clear, Lag, Latency, Speech
from media_worker.pipeline.party import Party
from media_worker.pipeline.unfolding import Unfolding
from media_worker.pipeline.utterance import Said


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is to be spoken to a listener, and where it comes from.

    What several listeners hear is measured with the first of them only. Of one that is `unfolding` the text is not
    known yet.
    """

    said: Said
    text: str
    language: str
    measured: bool = True
    unfolding: Unfolding | None = None

    @property
    def joins(self) -> bool:
        """Whether it may be spoken in one go with its neighbours."""
        return self.unfolding is None


class Listeners(Protocol):
    """The legs on which a party hears."""

    def speech_rate_hz(self, target: Party) -> int | None:
        """None when nobody listens as this party."""
        ...

    def play(self, target: Party, speech: Speech) -> None: ...

    def stop(self, target: Party, clear: Clear) -> None: ...

    def heard_s(self, target: Party, segment_id: str) -> float | None:
        """How much of a segment that was stopped they had heard, where they can tell."""
        ...

    def measured(self, latency: Latency) -> None: ...

    def unspoken(self, sentence: Sentence, code: str) -> None: ...

    def lagging(self, lag: Lag) -> None: ...
