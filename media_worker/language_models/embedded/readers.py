"""One value out of a sentence, by the kind of value that is looked for. Pure.

Every reader answers with the value and where it stands, so that nothing is read twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from media_worker.language_models.embedded.phrases import Phrases

_ADDRESS = re.compile(r"[\w.+-]+@\w+(?:[.-]\w+)+")
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_DOTTED_DATE = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4})?")
_CLOCK = re.compile(r"\b([01]?\d|2[0-3])[:. ]([0-5]\d)\b")
_NUMBER = re.compile(r"(?<![\w.,:/-])\d+(?:[.,]\d+)?(?![\w:/-]|[.,]\d)")
_ID = re.compile(
    r"(?<![\w.:])(?:\d{1,4}(?: \d{1,4})+"  # as numbers are said in groups: "47 11"
    r"|(?=[\w/-]*\d)[A-Za-z\d]+(?:[-/][A-Za-z\d]+)*)(?!\w|[.:]\d)"
)
_TOKEN = re.compile(r"[^\s,;!?]+")


@dataclass(frozen=True, slots=True)
class Found:
    value: Any
    start: int
    end: int


Reader = Callable[[str, Mapping[str, Any], Phrases, date], Found | None]


def address(text: str, schema: Mapping[str, Any], known: Phrases, today: date) -> Found | None:
    return _first(_ADDRESS, text)


def pattern(text: str, schema: Mapping[str, Any], known: Phrases, today: date) -> Found | None:
    """A word that the schema's `pattern` matches, in capitals if not as it was said. One that cannot be read, as
    JSON Schema's may be elsewhere, finds nothing."""
    try:
        wanted = re.compile(schema["pattern"])
    except re.error:
        return None
    for found in _TOKEN.finditer(text):
        word = found.group().rstrip(".")
        for said in (word, word.upper()):
            if wanted.search(said):
                return Found(said, found.start(), found.start() + len(word))
    return None


def choice(text: str, schema: Mapping[str, Any], known: Phrases, today: date) -> Found | None:
    """The member of `enum` that was said; the longest one, if one is part of another."""
    for member in sorted(schema["enum"], key=lambda one: -len(str(one))):
        said = re.escape(str(member).replace("_", " ")).replace("\\ ", r"[\s_-]+")
        if found := re.search(rf"(?<!\w){said}(?!\w)", text, re.IGNORECASE):
            return Found(member, found.start(), found.end())
    return None


def day(text: str, schema: Mapping[str, Any], known: Phrases, today: date) -> Found | None:
    """As `YYYY-MM-DD`. A day without a year, and a weekday, is the next one that comes."""
    return _numbered_day(text, today) or _named_day(text, known, today) or _day_of_month(text, known, today)


def clock(text: str, schema: Mapping[str, Any], known: Phrases, today: date) -> Found | None:
    """As `HH:MM`, of 24 hours."""
    for kind in ("mornings", "afternoons", "clock"):
        for word in known.words(kind):
            shape = rf"\b(1?\d|2[0-3])(?:[:. ]([0-5]\d))? ?{re.escape(word)}(?!\w)"
            if found := re.search(shape, text, re.IGNORECASE):
                return Found(f"{_hour(int(found[1]), kind):02}:{found[2] or '00'}", found.start(), found.end())
    if found := _CLOCK.search(text):
        return Found(f"{int(found[1]):02}:{found[2]}", found.start(), found.end())
    return None


def numbers(text: str) -> Iterator[Found]:
    for found in _NUMBER.finditer(text):
        yield Found(float(found.group().replace(",", ".")), found.start(), found.end())


def ids(text: str) -> Iterator[Found]:
    for found in _ID.finditer(text):
        yield Found(found.group().replace(" ", ""), found.start(), found.end())


def agreement(text: str, schema: Mapping[str, Any], known: Phrases, today: date) -> Found | None:
    """No counts before yes: "no, that is not right"."""
    for words, value in (("no_words", False), ("yes_words", True)):
        for word in known.words(words):
            if found := re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
                return Found(value, found.start(), found.end())
    return None


def _first(wanted: re.Pattern[str], text: str) -> Found | None:
    found = wanted.search(text)
    return Found(found.group(), found.start(), found.end()) if found else None


def _numbered_day(text: str, today: date) -> Found | None:
    if found := _ISO_DATE.search(text):
        return _dated(found, int(found[1]), int(found[2]), int(found[3]))
    if found := _DOTTED_DATE.search(text):
        year = int(found[3]) if found[3] else _year(today, int(found[2]), int(found[1]))
        return _dated(found, year, int(found[2]), int(found[1]))
    return None


def _named_day(text: str, known: Phrases, today: date) -> Found | None:
    ahead = known.table("days")
    for place, name in enumerate(known.words("weekdays")):
        ahead[name] = (place - today.weekday() - 1) % 7 + 1
    for name in sorted(ahead, key=len, reverse=True):
        if found := re.search(rf"(?<!\w){name}(?!\w)", text, re.IGNORECASE):
            return Found((today + timedelta(days=ahead[name])).isoformat(), found.start(), found.end())
    return None


def _day_of_month(text: str, known: Phrases, today: date) -> Found | None:
    """ "June 3rd", "3. Juni", "el 3 de junio"."""
    for month, name in enumerate(known.words("months"), 1):
        for order in (rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.)?(?: of| de)? {name}\b", rf"\b{name} (?:the )?(\d{{1,2}})"):
            if found := re.search(order, text, re.IGNORECASE):
                return _dated(found, _year(today, month, int(found[1])), month, int(found[1]))
    return None


def _hour(said: int, kind: str) -> int:
    return said if kind == "clock" else said % 12 + (12 if kind == "afternoons" else 0)


def _year(today: date, month: int, day: int) -> int:
    return today.year if (month, day) >= (today.month, today.day) else today.year + 1


def _dated(found: re.Match[str], year: int, month: int, day: int) -> Found | None:
    try:
        return Found(date(year, month, day).isoformat(), found.start(), found.end())
    except ValueError:
        return None
