"""A trigram model with interpolated Witten-Bell smoothing, written in the ARPA format that decoders read.

p(w|h) = (c(hw) + t(h)·p(w|h')) / (c(h) + t(h)), where t(h) counts the distinct words seen after h and h' is h less its
first word; below the unigrams stands the uniform distribution over the vocabulary. What a history has not seen gets
t(h)/(c(h)+t(h)) of the shorter history's probability, which is exactly an ARPA back-off weight.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

BEGIN, END = "<s>", "</s>"
ORDER = 3
_NEVER_LOG10 = -99.0

History = tuple[str, ...]


class LanguageModel:
    """Counts of word sequences, and the probabilities that follow from them."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._followers: dict[History, Counter[str]] = defaultdict(Counter)
        for sentence in sentences:
            self._count([BEGIN, *sentence.split(), END])
        self._totals = {history: sum(words.values()) for history, words in self._followers.items()}
        self.vocabulary = frozenset(self._followers[()])

    def _count(self, words: list[str]) -> None:
        for end in range(1, len(words)):
            for length in range(min(ORDER, end + 1)):
                self._followers[tuple(words[end - length : end])][words[end]] += 1

    def probability(self, word: str, history: History) -> float:
        """p(word | history); a history never seen is shortened until it has been."""
        followers = self._followers.get(history)
        if followers is None:
            return self.probability(word, history[1:])
        shorter = self.probability(word, history[1:]) if history else 1.0 / len(self.vocabulary)
        distinct = len(followers)
        return (followers.get(word, 0) + distinct * shorter) / (self._totals[history] + distinct)

    def backoff(self, history: History) -> float:
        distinct = len(self._followers[history])
        return distinct / (self._totals[history] + distinct)

    def arpa(self) -> Iterator[str]:
        """The lines of the ARPA file."""
        grams = [list(self._grams(order)) for order in range(1, ORDER + 1)]
        yield "\\data\\"
        for order, entries in enumerate(grams, 1):
            yield f"ngram {order}={len(entries)}"
        for order, entries in enumerate(grams, 1):
            yield ""
            yield f"\\{order}-grams:"
            yield from entries
        yield ""
        yield "\\end\\"

    def _grams(self, order: int) -> Iterator[str]:
        if order == 1:
            yield self._line(_NEVER_LOG10, (BEGIN,))
        for history in sorted(h for h in self._followers if len(h) == order - 1):
            for word in sorted(self._followers[history]):
                yield self._line(math.log10(self.probability(word, history)), (*history, word))

    def _line(self, log10: float, gram: History) -> str:
        text = f"{log10:.5f} {' '.join(gram)}"
        if len(gram) < ORDER and gram in self._followers:
            return f"{text} {math.log10(self.backoff(gram)):.5f}"
        return text


def write_arpa(model: LanguageModel, path: Path) -> None:
    path.write_text("\n".join(model.arpa()) + "\n", encoding="utf-8")
