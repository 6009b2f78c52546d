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


def alike(one: str, other: str) -> bool:
    """The same stem, or a long one that the other begins with: `bestell` and `bestellnumm`."""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _TELLING_PREFIX and longer.startswith(shorter)


def holds(wanted: str, found: Iterable[str]) -> bool:
    return any(alike(wanted, one) for one in found)


def has_phrase(text: str, wanted: Iterable[str]) -> bool:
    """Whether one of the phrases is among the words of the text, as it stands."""
    said = f" {' '.join(tokens(text))} "
    return any(f" {' '.join(tokens(phrase))} " in said for phrase in wanted)
