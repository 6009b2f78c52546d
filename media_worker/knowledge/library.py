"""A knowledge base as it is searched: BM25 over its passages, and nothing where nothing fits.

The score of a passage is BM25 as a share of what one that says every word of the question would get, so that "nothing
fits" means the same in a small base as in a large one, and words that the base has never heard count against it.
"""

from __future__ import annotations

import logging
import math
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

import bm25s
import numpy as np
from numpy.typing import NDArray

from core.domain.knowledge import Passage
from media_worker.knowledge.words import Words, guessed

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG

MOST_PASSAGES = 10_000
LEAST_SCORE = 0.35
"""Below it a passage shares some words with the question by chance. Found on the questions of tests/data/knowledge."""
MOST_QUESTION_WORDS = 32
_GUESSED_FROM = 200
_K1, _B = 1.2, 0.4
# "Frist" in "Kündigungsfrist", "deliver" in "delivery": less sure than the word itself.
_PART = 0.6
_SHORTEST_PART = 4
_MOST_RELATED = 16
# Languages that write compounds as one word.
_COMPOUNDING = frozenset({"da", "de", "et", "fi", "hu", "is", "nl", "no", "sv"})
_ALIKE = 0.6
"""Elsewhere two words are related when the shorter is the beginning of the other and this share of it."""

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Found:
    """`score`: from LEAST_SCORE to 1, see above."""

    passage: Passage
    score: float


class Library:
    """The first MOST_PASSAGES of `passages`. Building takes up to two seconds of CPU time, searching a few
    milliseconds; both may be done in a thread. `language` is the one they are written in (ISO 639-1); without it, it is
    guessed."""

    def __init__(self, passages: Iterable[Passage] = (), language: str | None = None) -> None:
        self.passages = tuple(islice(passages, MOST_PASSAGES))
        self.language = language or guessed(passage.text for passage in self.passages[:_GUESSED_FROM])
        self._words = Words(self.language)
        self._compounds = self.language in _COMPOUNDING
        self._vocabulary: dict[str, int] = {}
        texts = [self._read(passage) for passage in self.passages]
        self._counts = Counter(word for text in texts for word in set(text))
        self._forwards = sorted(self._vocabulary)
        self._backwards = sorted(word[::-1] for word in self._vocabulary)
        self._index = bm25s.BM25(k1=_K1, b=_B, method="lucene")
        if self._vocabulary:
            self._index.index((texts, dict(self._vocabulary)), create_empty_token=False, show_progress=False)

    def search(self, question: str, most: int) -> list[Found]:
        """At most `most` passages, the best one first; none where nothing fits."""
        asked = list(dict.fromkeys(self._words.of(question)))[:MOST_QUESTION_WORDS]
        if not asked or not self._vocabulary:
            return []
        scores = np.zeros(len(self.passages), np.float32)
        for forms in asked:
            scores += self._scores(forms)
        scores *= (_K1 + 1) / sum(map(self._weight, asked))
        best = np.argsort(-scores, kind="stable")[:most]
        return [Found(self.passages[at], min(1.0, float(scores[at]))) for at in best if scores[at] >= LEAST_SCORE]

    def _read(self, passage: Passage) -> list[int]:
        time.sleep(0)  # lets go of the interpreter: audio is moved by another thread
        text = f"{passage.text}\n{passage.source.place or ''}\n{passage.source.title}"
        words = (form for forms in self._words.of(text) for form in forms)
        return [self._vocabulary.setdefault(word, len(self._vocabulary)) for word in words]

    def _weight(self, forms: tuple[str, ...]) -> float:
        """How much a word tells passages apart; one that is nowhere tells as much as one that is in one passage."""
        count = max(1, *(self._counts[self._vocabulary.get(form, -1)] for form in forms))
        return math.log(1 + (len(self.passages) - count + 0.5) / (count + 0.5))

    def _scores(self, forms: tuple[str, ...]) -> Scores:
        """Of one word of the question, by passage: the word itself, or one that is related to it, or its parts."""
        best = np.zeros(len(self.passages), np.float32)
        for form in forms:
            if form in self._vocabulary:
                np.maximum(best, self._scores_of(form), out=best)
        form = forms[0]
        for related in self._related(form):
            np.maximum(best, _PART * self._scores_of(related), out=best)
        if self._compounds and form not in self._vocabulary:
            parts = [_PART * self._scores_of(part) for part in self._parts(form)]
            np.maximum(best, sum(parts), out=best)
        return np.minimum(best, self._weight(forms), out=best)

    def _scores_of(self, word: str) -> Scores:
        scores: Scores = self._index.get_scores_from_ids([self._vocabulary[word]])
        return scores

    def _related(self, form: str) -> Iterator[str]:
        """Words of the base that begin with `form`, or end with it where compounds are written as one word."""
        if len(form) < _SHORTEST_PART:
            return
        for word in _beginning_with(form, self._forwards):
            if self._compounds or len(form) >= _ALIKE * len(word):
                yield word
        if self._compounds:
            yield from (word[::-1] for word in _beginning_with(form[::-1], self._backwards))
            return
        shortest = max(_SHORTEST_PART, math.ceil(_ALIKE * len(form)))
        yield from (form[:end] for end in range(shortest, len(form)) if form[:end] in self._vocabulary)

    def _parts(self, form: str) -> Iterator[str]:
        """The longest words of the base that a compound begins with and ends with."""
        starts = (form[:end] for end in range(len(form) - 1, _SHORTEST_PART - 1, -1))
        ends = (form[start:] for start in range(1, len(form) - _SHORTEST_PART + 1))
        for candidates in (starts, ends):
            yield from [part for part in candidates if part in self._vocabulary][:1]


def _beginning_with(form: str, words: Sequence[str]) -> list[str]:
    """Others than `form` itself, at most _MOST_RELATED."""
    start = bisect_left(words, form)
    near = words[start : start + _MOST_RELATED + 1]
    return [word for word in takewhile(lambda word: word.startswith(form), near) if word != form]
