"""What the embedded model says and listens for, by language; the words themselves are in `phrases.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from media_worker.language_models.base import ModelError

_FILE = Path(__file__).with_name("phrases.json")


@dataclass(frozen=True)
class Phrases:
    """One language. `says` fills a sentence's gaps, `words` is a list to listen for."""

    language: str
    _given: dict[str, Any]

    def says(self, name: str, /, **gaps: str) -> str:
        return str(self._given[name]).format(**gaps)

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(self._given[name])

    def table(self, name: str) -> dict[str, int]:
        table: dict[str, int] = self._given[name]
        return dict(table)

    @cached_property
    def stop_words(self) -> frozenset[str]:
        return frozenset(self._given["stop_words"])

    @cached_property
    def suffixes(self) -> tuple[str, ...]:
        """Longest first."""
        return tuple(sorted(self._given["suffixes"], key=len, reverse=True))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Spoken numbers of one word, and their values."""
        units = {word: value for value, word in enumerate(self._given["units"])}
        tens = {word: 20 + 10 * place for place, word in enumerate(self._given["tens"])}
        return units | tens | self.table("more_units")


@cache
def _all() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return read


@cache
def phrases(language: str) -> Phrases:
    """Raises ModelError for a language without phrases: answering in another one would be no answer."""
    if language not in _all():
        raise ModelError("language_not_supported")
    return Phrases(language, _all()[language])


def languages() -> frozenset[str]:
    return frozenset(_all())
