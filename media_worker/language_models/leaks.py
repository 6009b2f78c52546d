"""Finds the system prompt, and our own rules, in what a model is about to say. Pure.

Letters are compared, not words: capitals, accents, punctuation, spacing and spelling things out make no difference.
What is said backwards, translated or in other words is not found.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from media_worker.language_models.prompts import OURS

RUN = 7
"""Words of the prompt in a row that give it away; five or six may be a commonplace."""
_SHORT_RUN, _MANY, _MOSTLY = 3, 8, 0.5
_REMEMBERED, _RECENT = 600, 240
_HEAD = 4
_FIGURES = str.maketrans("013457$@", "oieastsa")


class Leaks:
    """For one session. It remembers what the model has said in this answer, because a prompt can be recited in clauses
    of three words; `begin` says that another answer begins. `allowed` are texts that may be said although they are in
    the prompt: the greeting, passages."""

    def __init__(self, system_prompt: str, allowed: Iterable[str] = ()) -> None:
        may = [_letters(text) for text in allowed]
        words = _words(system_prompt)
        self._runs = _Rows([words, *map(_words, OURS)], RUN, may)
        self._short_runs = _Rows([words], _SHORT_RUN, may)
        self._pairs = _Rows([words], 2, may)
        self._said = ""

    def begin(self) -> None:
        self._said = ""

    def found_in(self, clause: str) -> bool:
        """Whether the clause gives the prompt away, alone or as the end of what came before it in this answer. It
        counts as what was tried, also when it is not said then."""
        letters = _letters(clause)
        if not letters:
            return False
        before, self._said = self._said, (self._said + letters)[-_REMEMBERED:]
        return self._runs_on(before, letters) or self._drips(letters)

    def _runs_on(self, before: str, letters: str) -> bool:
        return any(start + len(row) > len(before) for start, row in self._runs.places(before + letters))

    def _drips(self, letters: str) -> bool:
        """Many short rows with something else in between; the clause itself must have two words of the prompt."""
        if not any(self._pairs.places(letters)):
            return False
        recent = self._said[-_RECENT:]
        places = list(self._short_runs.places(recent))
        return len({row for _, row in places}) >= _MANY and _covered(places) >= _MOSTLY * len(recent)


class _Rows:
    """Every `size` words in a row, as letters, but for those that may be said; found by their first letters. Rows that
    are shorter than these tell nothing."""

    def __init__(self, texts: Sequence[Sequence[str]], size: int, may: Sequence[str]) -> None:
        self._by_head: dict[str, set[str]] = {}
        rows = ("".join(words[start : start + size]) for words in texts for start in range(len(words) - size + 1))
        for row in rows:
            if len(row) >= _HEAD and not any(row in text for text in may):
                self._by_head.setdefault(row[:_HEAD], set()).add(row)

    def places(self, text: str) -> Iterator[tuple[int, str]]:
        """Where each of them stands in the text."""
        for start in range(len(text) - _HEAD + 1):
            for row in self._by_head.get(text[start : start + _HEAD], ()):
                if text.startswith(row, start):
                    yield start, row


def _covered(places: Iterable[tuple[int, str]]) -> int:
    """How many letters belong to one of the rows."""
    return len({letter for start, row in places for letter in range(start, start + len(row))})


def _words(text: str) -> list[str]:
    return [letters for word in text.split() if (letters := _letters(word))]


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_FIGURES)
    return "".join(c for c in plain if c.isalnum())
