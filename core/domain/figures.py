"""Whether the figures of a sentence came through its translation. Pure.

A translator that says 15 for 50 does more harm than one that is clumsy, and nobody on the line would notice.
"""

from __future__ import annotations

import re
from collections import Counter

_FIGURE = re.compile(r"\d+(?:[.,:/\u00a0 ]\d+)*")
# In one piece or joined by hyphens: a reference where there are letters and digits in it ("15th" and "3pm" are none).
_CAPITALS = re.compile(r"(?<!\w)[A-Z0-9]+(?:-[A-Z0-9]+)*(?!\w)", re.ASCII)
_WRITTEN_OUT_DIGITS = 1
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(rf"(?<![\d./-])(?:{_YEAR}[-./]{_DAY}[-./]{_DAY}|{_DAY}[-./]{_DAY}[-./]{_YEAR})(?![\d/])")
_HOUR_WORD = r"(?:[ap]\.?m\b\.?|uhr\b|heures?\b|horas?\b)"
_CLOCK = re.compile(
    rf"(?<![\d.,:])([01]?\d|2[0-3])(?::([0-5]\d)(?![:\d])(?:\s*{_HOUR_WORD})?|\s*{_HOUR_WORD})", re.IGNORECASE
)
_NO_CENTS = re.compile(r"(?<=\d)[.,]00(?!\d)")


def figures(text: str) -> Counter[str]:
    """Every number as its bare digits, so that 1,234.50 and 1.234,50 are the same, and every reference (AB-12) as its
    letters and digits."""
    references = [found for found in _CAPITALS.findall(text) if _is_reference(found)]
    rest = _CAPITALS.sub(lambda found: " " if _is_reference(found[0]) else found[0], text)
    numbers = [re.sub(r"\D", "", number) for number in _FIGURE.findall(rest)]
    return Counter([*numbers, *(reference.replace("-", "") for reference in references)])


def _is_reference(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def lost(source: str, translation: str) -> Counter[str]:
    """Figures of the source that the translation does not hold. A number that was written out is one of them."""
    return figures(source) - figures(translation)


def doubtful(source: str, translation: str) -> tuple[str, ...]:
    """What somebody should look at: figures that got lost, then figures that the source does not have.

    A sentence without figures says its numbers in words, which a translation may write as figures; so may it a single
    digit. Neither is a doubt; nor is another order of a date, another clock of the day, or 5.00 for 5.
    """
    said = figures(source)
    if not said or figures(_in_one_form(source)) == figures(_in_one_form(translation)):
        return ()
    told = figures(translation)
    invented = (figure for figure in told - said if len(figure) > _WRITTEN_OUT_DIGITS)
    return (*(said - told), *invented)


def _in_one_form(text: str) -> str:
    """Dates as three numbers in any order, hours as on a dial of twelve, whole amounts without cents."""
    text = _DATE.sub(lambda found: " ; ".join(str(int(part)) for part in re.split(r"\D", found[0])), text)
    return _NO_CENTS.sub("", _CLOCK.sub(_on_a_dial, text))


def _on_a_dial(found: re.Match[str]) -> str:
    hour = str(int(found[1]) % 12 or 12)
    return hour if found[2] in (None, "00") else f"{hour}:{found[2]}"
