"""Speech whose words are still being made while it is spoken: an answer of a language model. Pure.

A voice takes it clause by clause and says at the end how much of it the listener has heard.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(slots=True)
class Clause:
    """`text` is as it is spoken. `length_s` is how long its sound is, as far as it was handed on; a voice counts it."""

    text: str
    length_s: float = 0.0


class Unfolding(Protocol):
    def clauses(self) -> AsyncGenerator[Clause, None]:
        """The next one when there is one; at its end there is no more. Closed when its listener interrupts."""
        ...

    def began(self) -> None:
        """Its first sound is being played."""
        ...

    def over(self, heard_s: float) -> None:
        """Once: it was heard to its end, or so many seconds of it were when it was cut short."""
        ...


@dataclass(frozen=True, slots=True)
class Cut:
    """Where speech broke off: so many clauses were heard whole, and that share (0 up to 1) of the next one."""

    whole: int
    share: float


def cut_at(clauses: Sequence[Clause], heard_s: float) -> Cut:
    """Times are those of the clauses' sounds, one after the other. To a hundredth of a second, since sums of pieces
    are not exact."""
    left_s = heard_s + 0.01
    for number, clause in enumerate(clauses):
        if clause.length_s <= 0.0:
            return Cut(number, 0.0)
        if left_s < clause.length_s:
            return Cut(number, left_s / clause.length_s)
        left_s -= clause.length_s
    return Cut(len(clauses), 0.0)


def words_until(text: str, share: float) -> tuple[str, str]:
    """`text` in two: the words that were heard whole, by the share of the letters that were, and those after."""
    words = text.split()
    letters = share * sum(len(word) for word in words)
    heard = 0
    for word in words:
        letters -= len(word)
        if letters < 0:
            break
        heard += 1
    return " ".join(words[:heard]), " ".join(words[heard:])
