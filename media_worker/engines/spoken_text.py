"""Text as a voice wants it: without what cannot be spoken, in clauses that a listener hears soon. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHORTEST_CLAUSE = 24
_LONGEST_CLAUSE = 220
_MARKUP = re.compile(r"<[^<>]*>")
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f<>\[\]{}\\^|~\ud800-\udfff]+")
_CLAUSE_END = re.compile(r"(?<=[.,;:?!…\u3002\uff0c\uff1b\uff1f\uff01])\s+")


def speakable(text: str) -> str:
    """Plain words: without mark-up, and without the brackets in which espeak takes phonemes."""
    return " ".join(_UNSPEAKABLE.sub(" ", _MARKUP.sub(" ", text)).split())


def clauses(text: str) -> list[str]:
    """`text` in pieces that end where a speaker would pause, long enough to sound natural, short enough to start."""
    pieces = [piece for part in _CLAUSE_END.split(text) for piece in _short_enough(part)]
    joined: list[str] = []
    for piece in pieces:
        if joined and len(joined[-1]) < _SHORTEST_CLAUSE:
            joined[-1] += " " + piece
        else:
            joined.append(piece)
    return [piece for piece in joined if any(character.isalnum() for character in piece)]


def _short_enough(part: str) -> Iterator[str]:
    while len(part) > _LONGEST_CLAUSE:
        cut = part.rfind(" ", 0, _LONGEST_CLAUSE)
        cut = cut if cut > 0 else _LONGEST_CLAUSE
        yield part[:cut]
        part = part[cut:].strip()
    yield part
