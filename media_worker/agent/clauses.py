"""Text that comes in pieces, cut into what can be spoken in one go. Pure.

The first clause is short, since everybody waits for it; later ones are sentences, which sound better whole.
"""

from __future__ import annotations

import re

_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)|[。！？]|\n+")  # noqa: RUF001 - full stops of other scripts
_BREAK = re.compile(r"[,;:–—](?=\s)")  # noqa: RUF001 - dashes as they are written
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:\w|mr|mrs|ms|dr|st|no|nr|bzw|usw|ca|sr|sra|srta|dra|ud|uds)\.$", re.IGNORECASE
)
_FIRST = 12
_SOONEST = 60
_LONGEST = 200


class Clauses:
    """`add` pieces of text as they come; each call returns the clauses that are complete, `rest` what is left."""

    def __init__(self) -> None:
        self._text = ""
        self._made = 0

    def add(self, piece: str) -> list[str]:
        self._text += piece
        found = []
        while (end := self._end()) is not None:
            clause, self._text = self._text[:end].strip(), self._text[end:].lstrip()
            if clause:
                self._made += 1
                found.append(clause)
        return found

    def rest(self) -> list[str]:
        """At the end, or where the speaker pauses."""
        clause, self._text = self._text.strip(), ""
        self._made += bool(clause)
        return [clause] if clause else []

    def _end(self) -> int | None:
        """Where the first clause ends, if that can be said already."""
        ends = [match.end() for match in _END.finditer(self._text)]
        whole = (end for end in ends if not _ABBREVIATION.search(self._text[:end]))
        soonest = _SOONEST if self._made else _FIRST
        breaks = (match.end() for match in _BREAK.finditer(self._text) if match.end() >= soonest)
        if (end := min((*whole, *breaks), default=0)) > 0:
            return end
        if len(self._text) <= _LONGEST:
            return None
        space = self._text.rfind(" ", 0, _LONGEST)
        return space if space > 0 else _LONGEST
