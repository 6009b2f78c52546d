"""Spoken numbers as digits, and what was said digit by digit as one. Pure."""

from __future__ import annotations

import re
from functools import cache

from media_worker.language_models.embedded.phrases import Phrases, phrases

# Small letters that are words of their own in one of the languages spell nothing.
_SINGLE = r"(?:\d|\b[A-Zb-df-hj-np-tv-xz]\b)"
# A number of two figures may end what was said figure by figure: "four seven eleven".
_SPELLED = re.compile(rf"(?<![\w.,:/-]){_SINGLE}(?:(?:[ ,-]+{_SINGLE})+(?:[ ,-]+\d\d)*)(?![\w:/-]|[.,]\d)")


def written(text: str, known: Phrases) -> str:
    """ "four seven one one" → "4711", "B twelve" → "B 12", "treinta y cinco" → "35"."""
    pattern, values = _spoken(known.language)
    text = pattern.sub(lambda found: str(values[found.group().lower()]), text)
    link = rf"(?: {known.says('and')} | |-)"
    text = re.sub(rf"\b([2-9]0){link}([1-9])\b", lambda found: str(int(found[1]) + int(found[2])), text)
    return _SPELLED.sub(_joined, text)


def _joined(found: re.Match[str]) -> str:
    parts = re.findall(r"\w", found.group())
    return "".join(parts).upper() if any(part.isdigit() for part in parts) else found.group()


@cache
def _spoken(language: str) -> tuple[re.Pattern[str], dict[str, int]]:
    values = _values(phrases(language))
    words = "|".join(re.escape(word) for word in sorted(values, key=len, reverse=True))
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE), values


def _values(known: Phrases) -> dict[str, int]:
    """With the German ones of one word, "fünfundzwanzig"."""
    numbers = known.numbers
    units = {word: value for word, value in numbers.items() if 0 < value < 10}
    tens = {word: value for word, value in numbers.items() if value >= 20 and value % 10 == 0}
    if known.language == "de":
        numbers = numbers | {
            f"{'ein' if unit == 'eins' else unit}und{ten}": value + more
            for unit, more in units.items()
            for ten, value in tens.items()
        }
    return numbers
