"""Finals on their way to the clients: told when they are stored, so that no death of a worker takes one back.

That is a few milliseconds, in which the translation is already being spoken. While the tables are slow or away they are
told all the same after a moment: a call is worth more than the order of its paperwork.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from core.domain.transcripts import Turn
from media_worker.messages import Transcript

# As many as can be told while somebody reads the others from the table.
_RECENT = 64


class Finals:
    """`keep` hands a turn to be written and says whether it could; turns come and are told by their sequence."""

    def __init__(self, keep: Callable[[Turn], bool], tell: Callable[[Transcript], None], patience_s: float) -> None:
        self._keep = keep
        self._tell = tell
        self._patience_s = patience_s
        self._untold: deque[Turn] = deque()
        self._told: deque[Turn] = deque(maxlen=_RECENT)

    def add(self, turn: Turn) -> bool:
        """False when it will not be stored; it is told at once then."""
        self._untold.append(turn)
        if not self._keep(turn):
            self._tell_up_to(turn.sequence)
            return False
        asyncio.get_running_loop().call_later(self._patience_s, self._tell_up_to, turn.sequence)
        return True

    def written(self, turns: Sequence[Turn]) -> None:
        self._tell_up_to(turns[-1].sequence)

    def close(self) -> None:
        """Nobody is to be told anything any more: what is not stored was never said."""
        self._untold.clear()

    @property
    def told(self) -> tuple[Turn, ...]:
        """The last ones."""
        return tuple(self._told)

    def last_told(self, last: int) -> int:
        """`last`, or the one before the first that waits."""
        return self._untold[0].sequence - 1 if self._untold else last

    def _tell_up_to(self, sequence: int) -> None:
        while self._untold and self._untold[0].sequence <= sequence:
            turn = self._untold.popleft()
            self._told.append(turn)
            self._tell(as_told(turn))


def as_told(turn: Turn) -> Transcript:
    return Transcript(
        segment_id=turn.id,
        sequence=turn.sequence,
        speaker=turn.speaker,
        language=turn.language,
        text=turn.text,
        is_final=True,
        start_s=turn.start_s,
        end_s=turn.end_s,
        confidence=turn.confidence,
        translation=turn.translation,
        further_translations=turn.further_translations,
        participant=turn.participant,
        sources=turn.sources,
        interrupted=turn.interrupted,
    )
