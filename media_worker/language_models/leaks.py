"""Finds the system prompt in what a model is about to say. Pure.

Letters are compared, not words: capitals, accents, punctuation, spacing and spelling things out make no difference.
What is said backwards, translated or in other words is not found.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

RUN = 7
"""Words of the prompt in a row that give it away; five or six may be a commonplace."""
_SHORT_RUN, _MANY, _MOSTLY = 3, 8, 0.5
_REMEMBERED, _RECENT = 600, 240
_FIGURES = str.maketrans("013457$@", "oieastsa")


class Leaks:
    """For one session. It remembers what the model has said in this answer, because a prompt can be recited in clauses
    of three words; `begin` says that another answer begins. `allowed` are texts that may be said although they are in
    the prompt: the greeting, passages."""

    def __init__(self, system_prompt: str, allowed: Iterable[str] = ()) -> None:
        may = [_letters(text) for text in allowed]
        words = _words(system_prompt)
        self._runs = _rows(words, RUN, may)
        self._short_runs = _rows(words, _SHORT_RUN, may)
        self._pairs = _rows(words, 2, may)
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
        whole = before + letters
        return any(whole.rfind(row) + len(row) > len(before) for row in self._runs if row in whole)

    def _drips(self, letters: str) -> bool:
        """Many short rows with something else in between; the clause itself must have two words of the prompt."""
        if not any(row in letters for row in self._pairs):
            return False
        recent, rows = self._said[-_RECENT:], self._short_runs
        return _counted(recent, rows) >= _MANY and _covered(recent, rows) >= _MOSTLY * len(recent)


def _rows(words: Sequence[str], size: int, may: Sequence[str]) -> frozenset[str]:
    """Every `size` words in a row, as letters, but for those that may be said."""
    rows = ("".join(words[start : start + size]) for start in range(len(words) - size + 1))
    return frozenset(row for row in rows if not any(row in text for text in may))


def _covered(said: str, rows: Iterable[str]) -> int:
    """How many letters belong to one of the rows."""
    marks = bytearray(len(said))
    for row in rows:
        start = said.find(row)
        while start >= 0:
            marks[start : start + len(row)] = b"\1" * len(row)
            start = said.find(row, start + 1)
    return sum(marks)


def _counted(said: str, rows: Iterable[str]) -> int:
    """How many different rows are in it: three words are one, ten words in a row are eight."""
    return sum(1 for row in rows if row in said)


def _words(text: str) -> list[str]:
    return [letters for word in text.split() if (letters := _letters(word))]


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_FIGURES)
    return "".join(c for c in plain if c.isalnum())
