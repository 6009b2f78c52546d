"""Whether an engine process is still alive: it answers when it is asked, whatever its engines are doing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Sign(Enum):
    ALIVE = auto()
    ASK = auto()
    """Time to ask again."""
    DEAD = auto()


@dataclass(frozen=True, slots=True)
class BeatRules:
    """A process that says nothing for `silent_s` after it was asked, or works off none of the audio that it was given
    for `stuck_s`, is taken for dead. A batch of long utterances on a slow CPU takes several seconds."""

    every_s: float = 1.0
    silent_s: float = 5.0
    stuck_s: float = 20.0


class Heartbeat:
    def __init__(self, rules: BeatRules) -> None:
        self._rules = rules
        self._looked_at: float | None = None
        self._asked_at: float | None = None

    def look(self, now: float, heard_at: float, owed_since: float | None) -> Sign:
        """`heard_at` is when anything last came, `owed_since` when audio was given that is not worked off yet.

        After a pause of our own nothing is certain: what came meanwhile was not read. It is asked anew.
        """
        away = self._looked_at is not None and now - self._looked_at >= self._rules.silent_s / 2
        self._looked_at = now
        if away:
            self._asked_at = now
            return Sign.ASK
        if owed_since is not None and now - owed_since >= self._rules.stuck_s:
            return Sign.DEAD
        if self._asked_at is None or heard_at >= self._asked_at:
            self._asked_at = now
            return Sign.ASK
        return Sign.DEAD if now - self._asked_at >= self._rules.silent_s else Sign.ALIVE
