"""Words of a text and how far two texts share them: cut to stems, without the words that every sentence has. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from media_worker.language_models.embedded.phrases import Phrases, phrases

_TOKEN = re.compile(
    r"[\w.+-]+@\w+(?:[.-]\w+)+"  # an address
    r"|(?=[\w./:-]*\d)\w+(?:[-./:,]\w+)*"  # a number, a date, a time, an id
    r"|\w+(?:['\u2019]\w+)?"
)
_SHORTEST_STEM = 3
_TELLING_PREFIX = 5


def tokens(text: str) -> list[str]:
    """In small letters, in their order."""
    return [found.lower().replace("\u2019", "'") for found in _TOKEN.findall(text)]


def spread(name: str) -> str:
    """A name of code as words: `orderNumber` and `order_number` are "order number"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").strip().lower()


def stems(text: str, known: Phrases) -> list[str]:
    """Of the words that tell something."""
    return [stem(word, known.language) for word in tokens(text) if word not in known.stop_words]


@lru_cache(maxsize=4096)
def stem(word: str, language: str) -> str:
    """Without accents, one ending and a doubled last letter; a rough cut, the same for question and answer."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    if any(c.isdigit() for c in plain):
        return plain
    for suffix in phrases(language).suffixes:
        bare = unicodedata.normalize("NFKD", suffix).encode("ascii", "ignore").decode()
        if plain.endswith(bare) and len(plain) - len(bare) >= _SHORTEST_STEM:
            plain = plain[: -len(bare)]
            break
    return plain[:-1] if len(plain) > _SHORTEST_STEM - 1 and plain[-1] == plain[-2] else plain


class Vocabulary:
    """What words a text has. A word is in it that has the same stem as one of them, or begins like it for long:
    `bestell` and `bestellnumm`. Asked thousands of times for one answer, so that each asking is a look into a set."""

    __slots__ = ("_beginnings", "_stems")

    def __init__(self, found: Iterable[str]) -> None:
        self._stems = frozenset(found)
        self._beginnings = frozenset(one[:end] for one in self._stems for end in range(_TELLING_PREFIX, len(one)))

    def __contains__(self, wanted: str) -> bool:
        if wanted in self._stems or wanted in self._beginnings:
            return True
        return any(wanted[:end] in self._stems for end in range(_TELLING_PREFIX, len(wanted)))


@lru_cache(maxsize=8192)
def vocabulary(text: str, language: str) -> Vocabulary:
    """Kept, because documents and tools are the same in every turn: give it no caller's words."""
    return Vocabulary(stems(text, phrases(language)))


def has_phrase(text: str, wanted: Iterable[str]) -> bool:
    """Whether one of the phrases is among the words of the text, as it stands."""
    said = f" {' '.join(tokens(text))} "
    return any(f" {' '.join(tokens(phrase))} " in said for phrase in wanted)
