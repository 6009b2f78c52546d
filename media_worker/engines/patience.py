"""What is worth trying again, how often, how soon, and for how long. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from media_worker.engines.base import EngineError, LanguageNotServed

_NOT_THE_ENGINES = frozenset(
    {"text_too_long", "text_not_unicode", "voice_unknown", "utterance_not_begun", "listener_closed", "engines_closed"}
)
_FULL = frozenset({"recogniser_overloaded", "engines_overloaded"})


@dataclass(frozen=True, slots=True)
class Patience:
    """Deadlines are for everything together, other engines included; half is theirs where there are any.

    They end before the pipeline stops waiting (`pipeline.equipment.Limits.engine_wait_s`).
    """

    attempts: int = 3
    first_pause_s: float = 0.1
    longest_pause_s: float = 1.0
    answer_s: float = 12.0
    finish_s: float = 14.0

    def pause_s(self, failures: int, random: Callable[[], float]) -> float:
        """Anywhere between nothing and a limit that doubles, so that those who failed together do not come again so."""
        return random() * min(self.longest_pause_s, self.first_pause_s * 2.0 ** min(failures - 1, 16))


def may_pass(error: EngineError) -> bool:
    """Whether the same engines may do it yet. More work does not help engines that have too much of it."""
    return error.retryable and error.code not in _FULL


def others_may(error: EngineError) -> bool:
    """Whether other engines may do what these could not: not if it was what they were asked."""
    return not isinstance(error, LanguageNotServed) and error.code not in _NOT_THE_ENGINES
