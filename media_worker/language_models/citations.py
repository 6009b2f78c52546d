"""Takes the marks `[n]` out of what a model says, also where they come in pieces, and keeps which were there. Pure."""

from __future__ import annotations

import re

_MARK = re.compile(r"\s*\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*\]")
_MAYBE = re.compile(r"\s+$|\s*\[[\d\s,;]*$")
_LONGEST = 32
"""Letters of a mark; what goes on for longer is none."""


class Citations:
    """For one answer over `passages` passages. `used` has the numbers that were named, from 1, each once, in their
    order; one that no passage has is taken out and counts for nothing."""

    def __init__(self, passages: int) -> None:
        self.used: list[int] = []
        self._passages = passages
        self._held = ""

    def take(self, piece: str) -> str:
        """What may be said now. A blank at the end waits for the next piece, as it may belong to a mark."""
        text = _MARK.sub(self._note, self._held + piece)
        maybe = _MAYBE.search(text)
        start = maybe.start() if maybe and len(text) - maybe.start() <= _LONGEST else len(text)
        self._held = text[start:]
        return text[:start]

    def rest(self) -> str:
        """What was held back when no more comes."""
        held, self._held = self._held, ""
        return held

    def _note(self, mark: re.Match[str]) -> str:
        for number in map(int, re.findall(r"\d+", mark.group())):
            if 1 <= number <= self._passages and number not in self.used:
                self.used.append(number)
        return ""
