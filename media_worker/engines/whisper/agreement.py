"""Which words of a growing hypothesis are settled: LocalAgreement. Pure.

A recogniser that hears an utterance again and again changes its mind about the end of it, seldom about the beginning.
A word is committed once `rounds` hypotheses in a row agreed on it and on all before it; committed words are given to
the decoder as a prefix, so no later hypothesis can take them back (Macháček and others, 2023, arXiv 2307.14743).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as the decoder writes it, with the space before it, and the tokens it is made of."""

    text: str
    tokens: tuple[int, ...]


@dataclass(slots=True)
class Agreement:
    """`rounds` is how many hypotheses must agree, at least 2."""

    rounds: int = 2
    committed: list[HeardWord] = field(default_factory=list)
    tentative: list[HeardWord] = field(default_factory=list)
    _recent: deque[list[HeardWord]] = field(default_factory=deque)

    def add(self, words: Sequence[HeardWord]) -> None:
        """The next hypothesis: what comes after the committed words."""
        self._recent.append(list(words))
        agreed = self._agreed() if len(self._recent) == self.rounds else 0
        self.committed += words[:agreed]
        self.tentative = list(words[agreed:])
        self._recent = deque([kept[agreed:] for kept in self._recent][-(self.rounds - 1) :])

    def _agreed(self) -> int:
        """How many words all recent hypotheses begin with."""
        count = 0
        for words in zip(*self._recent, strict=False):
            if any(word.tokens != words[0].tokens for word in words):
                break
            count += 1
        return count

    @property
    def prefix(self) -> tuple[int, ...]:
        return tuple(token for word in self.committed for token in word.tokens)

    @property
    def text(self) -> str:
        return "".join(word.text for word in (*self.committed, *self.tentative)).strip()
