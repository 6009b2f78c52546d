"""Text cut into sentences, which is what translators are made for. Pure."""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"(?<=[.?!…])\s+")
_ABBREVIATION = re.compile(r"(?:^|\s)(?:mr|mrs|ms|dr|st|no|sr|sra|srta|dra|ud|uds)\.$", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    """`text` cut after its full stops, question and exclamation marks; abbreviations do not count."""
    found: list[str] = []
    for piece in _SENTENCE_END.split(text):
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] += " " + piece
        elif piece:
            found.append(piece)
    return found
