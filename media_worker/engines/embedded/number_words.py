"""Numbers as people say them, in English and Spanish: from words to values and back.

A row of words may be several numbers ("four five twenty one" is 4 5 21); digits stay digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_EN_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ES_SMALL = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
]
_ES_TENS = ["veinte", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"]
_ES_HUNDREDS = [
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
]


@dataclass(frozen=True)
class _Words:
    """How a language says numbers: values by word, and the word that joins them."""

    below_hundred: Mapping[str, int]
    hundreds: Mapping[str, int]
    thousand: str
    joint: str


_EN = _Words(
    {word: value for value, word in enumerate(_EN_SMALL)}
    | {word: 10 * (n + 2) for n, word in enumerate(_EN_TENS)}
    | {"oh": 0, "a": 1},
    {"hundred": 100},
    "thousand",
    "and",
)
_ES = _Words(
    {word: value for value, word in enumerate(_ES_SMALL)}
    | {word: 10 * (n + 2) for n, word in enumerate(_ES_TENS)}
    | {"un": 1, "una": 1, "veintiún": 21},
    {word: 100 * (n + 1) for n, word in enumerate(_ES_HUNDREDS)} | {"cien": 100},
    "mil",
    "y",
)
_LANGUAGES = {"en": _EN, "es": _ES}


def pattern(language: str) -> str:
    """A regular expression for a row of number words or digits, without groups that capture."""
    words = _LANGUAGES[language]
    known = sorted({*words.below_hundred, *words.hundreds, words.thousand} - {"a"}, key=len, reverse=True)
    word = "|".join([r"\d+(?:[.,:]\d+)*", *known])
    first = f"(?:a (?={'|'.join([*words.hundreds, words.thousand])}))?" if language == "en" else ""
    return f"{first}(?:{word})(?:(?: {words.joint})? (?:{word}))*"


def translate(text: str, source: str, target: str) -> str:
    """The same numbers in the other language."""
    return " ".join(item if isinstance(item, str) else say(item, target) for item in read(text, source))


def read(text: str, language: str) -> list[int | str]:
    """The numbers in a row of number words; what is written in digits comes as it is."""
    found: list[int | str] = []
    joined = False
    for word in text.lower().split():
        if word == _LANGUAGES[language].joint:
            joined = True
            continue
        if re.match(r"\d", word):
            found.append(word)
        else:
            _add(found, word, _LANGUAGES[language], joined)
        joined = False
    return found


def _add(found: list[int | str], word: str, words: _Words, joined: bool) -> None:
    """Join `word` to the number before it where the language would, else start another number."""
    last = found[-1] if found and isinstance(found[-1], int) else None
    value, joins = _joined(last, word, words, joined)
    if joins:
        found[-1] = value
    else:
        found.append(value)


def _joined(last: int | None, word: str, words: _Words, joined: bool) -> tuple[int, bool]:
    if word == words.thousand:
        return (last * 1000, True) if last and last < 1000 else (1000, False)
    if word in words.hundreds:
        return _with_hundreds(last, words.hundreds[word], words is _EN)
    value = words.below_hundred[word]
    fits = last is not None and last > 0 and _fits(last, value, joined, words is _EN)
    return ((last or 0) + value, True) if fits else (value, False)


def _with_hundreds(last: int | None, value: int, multiplies: bool) -> tuple[int, bool]:
    if multiplies:
        small = last % 1000 if last else 0
        return (last - small + small * value, True) if last and 0 < small < 100 else (value, False)
    return (last + value, True) if last and last % 1000 == 0 else (value, False)


def _fits(last: int, value: int, joined: bool, english: bool) -> bool:
    """Whether `value` below a hundred continues `last`: one hundred [and] five, twenty one, treinta y uno."""
    if last % 100 == 0:
        return value > 0
    ends_in_tens = last % 10 == 0 and last % 100 >= 20
    return ends_in_tens and 0 < value < 10 and (english or joined)


def say(value: int, language: str) -> str:
    """0 to 999,999 in words; beyond that in digits."""
    if value >= 1_000_000:
        return str(value)
    return _say_en(value) if language == "en" else _say_es(value)


def _say_en(value: int) -> str:
    if value < 20:
        return _EN_SMALL[value]
    if value < 100:
        return _with_rest(_EN_TENS[value // 10 - 2], value % 10, _say_en)
    if value < 1000:
        return _with_rest(f"{_EN_SMALL[value // 100]} hundred", value % 100, _say_en)
    return _with_rest(f"{_say_en(value // 1000)} thousand", value % 1000, _say_en)


def _say_es(value: int) -> str:
    if value < 30:
        return _ES_SMALL[value]
    if value < 100:
        tens = _ES_TENS[value // 10 - 2]
        return f"{tens} y {_ES_SMALL[value % 10]}" if value % 10 else tens
    if value < 1000:
        return "cien" if value == 100 else _with_rest(_ES_HUNDREDS[value // 100 - 1], value % 100, _say_es)
    thousands = "mil" if value < 2000 else f"{_before_noun(_say_es(value // 1000))} mil"
    return _with_rest(thousands, value % 1000, _say_es)


def _with_rest(text: str, rest: int, say_rest: Callable[[int], str]) -> str:
    return f"{text} {say_rest(rest)}" if rest else text


def _before_noun(text: str) -> str:
    """`uno` before what it counts: veintiún, treinta y un."""
    if text.endswith("veintiuno"):
        return text.removesuffix("veintiuno") + "veintiún"
    return text.removesuffix("o") if text.endswith("uno") else text


def before_noun(text: str, language: str) -> str:
    return _before_noun(text) if language == "es" else text
