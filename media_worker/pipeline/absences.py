"""Who has left a conversation and what was last told to them, so that they get the rest when they come back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from core.domain.transcripts import Turn
from media_worker.messages import Transcript
from media_worker.pipeline.finals import as_told
from media_worker.pipeline.party import Party

Who = Party | None
"""As a leg says who it is; a leg that says nothing is one of those that say nothing."""


class Absences:
    """Sequences of turns; somebody who has not been here misses nothing."""

    def __init__(self) -> None:
        self._told: dict[Who, int] = {}

    def left(self, who: Who, last_sequence: int) -> None:
        """The first to leave as `who` has missed most."""
        self._told.setdefault(who, last_sequence)

    def all_left(self, everybody: Iterable[Party], at: datetime, turns: Sequence[Turn]) -> None:
        """At another worker: everybody was gone since then."""
        last = max((turn.sequence for turn in turns if turn.timestamp < at), default=0)
        for who in (None, *everybody):
            self.left(who, last)

    def back(self, who: Who) -> int | None:
        """What they have been told; None when they were not away."""
        return self._told.pop(who, None)


def missed(since: int, until: int, *known: Iterable[Turn], most: int) -> list[Transcript]:
    """The turns after `since` up to `until`, the last `most` of them, as they were told when they were new."""
    turns = {turn.sequence: turn for turns in known for turn in turns if since < turn.sequence <= until}
    return [as_told(turns[sequence]) for sequence in sorted(turns)[-most:]]
