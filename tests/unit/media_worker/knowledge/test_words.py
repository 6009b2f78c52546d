"""Text as the words it is found by."""

from __future__ import annotations

import pytest

from media_worker.knowledge.words import Words, guessed, plain


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "When do the Running dogs bark?", [("run",), ("dog",), ("bark",)]),
        ("es", "informaciones informacion", [("inform",), ("inform",)]),
        ("de", "Die Gebühren", [("gebuhr",)]),
        ("en", "29.99 euros at 9:30", [("29.99",), ("euro",), ("9:30",)]),
        ("zh", "营业时间", [("营业",), ("业时",), ("时间",)]),
        ("pt", "informações", [("inform", "informaco")]),
        ("lv", "rēķinam", [("rekin",)]),
        (None, "x_y", [("x",), ("y",)]),
    ],
)
def test_words_lose_their_endings_and_small_ones_are_left_out(
    language: str | None, text: str, words: list[tuple[str, ...]]
) -> None:
    assert list(Words(language).of(text)) == words


def test_accents_are_dropped_where_the_letter_stays_the_same_one() -> None:
    assert plain("Ñandú Ærø έτος") == "Nandu Ærø ετος"
    assert plain("कार्यालय") == "कार्यालय"


def test_the_language_is_guessed_from_small_words() -> None:
    assert guessed(["We are open from nine to five, and you can call us on all of the days."]) == "en"
    assert guessed(["Wir haben von neun bis fünf geöffnet, und Sie können uns an allen Tagen anrufen."]) == "de"
    assert guessed(["42"]) is guessed([]) is None
