"""What waits to be spoken to one listener, and what happens when translation falls behind. Pure.

The queue is bounded twice, by number and by age. In this order, as the oldest waits longer:
1. neighbours are spoken as one portion, without the pauses between them;
2. speech becomes faster, up to a quarter, at the same pitch;
3. the oldest stays unspoken: its text was told and stays in the transcript. The newest is always spoken.
What was captured from a microphone is never dropped here or for this.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


@dataclass(frozen=True, slots=True)
class BacklogRules:
    """Ages in seconds. A listener of a human interpreter is used to two to four of them."""

    merge_s: float = 2.0
    faster_s: float = 5.0
    fastest_s: float = 8.0
    skip_s: float = 15.0
    fastest: float = 1.25
    portion_characters: int = 400


class Text(Protocol):
    @property
    def text(self) -> str: ...

    @property
    def language(self) -> str: ...

    @property
    def joins(self) -> bool:
        """Whether it may be spoken in one go with its neighbours."""
        ...


S = TypeVar("S", bound=Text)


@dataclass(frozen=True, slots=True)
class Portion(Generic[S]):
    """What is spoken next, in one go; `waited_s` is the age of its first sentence."""

    sentences: tuple[S, ...]
    waited_s: float
    tempo: float


class SpeechQueue(Generic[S]):
    def __init__(self, rules: BacklogRules, limit: int) -> None:
        self._rules = rules
        self._limit = limit
        self._waiting: deque[tuple[float, S]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, sentence: S, now: float) -> tuple[float, S] | None:
        """The (age, sentence) that had to give way, when there is no more room."""
        self._waiting.append((now, sentence))
        return self._oldest(now) if len(self._waiting) > self._limit else None

    def too_old(self, now: float) -> Iterator[tuple[float, S]]:
        """Take out what has waited too long; never the newest."""
        while len(self._waiting) > 1 and now - self._waiting[0][0] > self._rules.skip_s:
            yield self._oldest(now)

    def take(self, now: float) -> Portion[S] | None:
        if not self._waiting:
            return None
        waited_s, first = self._oldest(now)
        tempo = self.tempo(waited_s) if first.joins else 1.0
        return Portion((first, *self._neighbours(first, waited_s)), waited_s, tempo)

    def clear(self) -> None:
        self._waiting.clear()

    def tempo(self, waited_s: float) -> float:
        rules = self._rules
        share = (waited_s - rules.faster_s) / (rules.fastest_s - rules.faster_s)
        return round(1.0 + (rules.fastest - 1.0) * min(1.0, max(0.0, share)), 3)

    def _neighbours(self, first: S, waited_s: float) -> Iterator[S]:
        length = len(first.text)
        while waited_s >= self._rules.merge_s and self._waiting:
            follower = self._waiting[0][1]
            length += len(follower.text) + 1
            if (
                not (first.joins and follower.joins)
                or follower.language != first.language
                or length > self._rules.portion_characters
            ):
                return
            self._waiting.popleft()
            yield follower

    def _oldest(self, now: float) -> tuple[float, S]:
        since, sentence = self._waiting.popleft()
        return now - since, sentence
