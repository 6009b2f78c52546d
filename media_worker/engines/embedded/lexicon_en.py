"""English words in the phones of the recogniser's model: its own dictionary, cut to the words that are wanted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

_VARIANT = re.compile(r"\(\d+\)$")


class UnknownWords(Exception):
    """Words of the corpus that the dictionary cannot pronounce."""


def cut(dictionary: Path, words: Collection[str]) -> list[tuple[str, str]]:
    """The dictionary's (word, phones) for `words`, variants repeating the word. Raises UnknownWords."""
    entries = [(word, phones) for word, phones in _entries(dictionary) if word in words]
    if missing := set(words) - {word for word, _ in entries}:
        raise UnknownWords(", ".join(sorted(missing)))
    return entries


def _entries(dictionary: Path) -> Iterator[tuple[str, str]]:
    with dictionary.open(encoding="utf-8") as lines:
        for line in lines:
            word, phones = line.rstrip("\n").split(" ", 1)
            yield _VARIANT.sub("", word), phones.strip()
