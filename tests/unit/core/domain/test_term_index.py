"""Terms found in text: where, how often, and in which writing."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.term_index import TermIndex


def found(text: str, *said: str, language: str = "en") -> list[str]:
    return [text[place.start : place.end] for place in TermIndex(((each, each) for each in said), language).find(text)]


@pytest.mark.parametrize(
    ("text", "term", "times"),
    [
        ("my Credit Card, and your credit card", "credit card", 2),
        ("creditcard discredit cards", "credit card", 0),
        ("two\nlines: credit\n card", "credit card", 1),
        ("a credit. Card games", "credit card", 1),
        ("a credit; card games", "credit card", 0),
        ("the PX-9, the px 9, the PX9", "PX-9", 2),
        ("C++ and C", "C++", 1),
        ("STRASSE", "Straße", 1),
        ("İstanbul", "İSTANBUL", 1),
        ("", "credit card", 0),
    ],
)
def test_a_term_is_whole_words_in_any_case(text: str, term: str, times: int) -> None:
    assert len(found(text, term)) == times


def test_of_terms_that_begin_alike_the_longest_is_meant_and_none_overlaps() -> None:
    text = "credit card limit, credit card, credit"
    assert found(text, "credit", "credit card", "card", "credit card limit") == [
        "credit card limit",
        "credit card",
        "credit",
    ]


def test_of_two_that_are_said_alike_the_first_holds() -> None:
    (place,) = TermIndex((("Bank", "banco"), ("bank", "orilla")), "en").find("the bank")
    assert place.told == "banco"


@pytest.mark.parametrize(
    ("language", "text", "term"), [("zh", "我要退款谢谢", "退款"), ("ja", "返金をお願いします", "返金")]
)
def test_a_writing_without_spaces_holds_terms_anywhere(language: str, text: str, term: str) -> None:
    assert found(text, term, language=language) == [term]
    assert found(text, term, language="en") == [], "elsewhere a word ends where letters end"


def test_what_holds_no_word_is_no_term() -> None:
    assert found("a ... b", "...", "") == []


@given(st.text(max_size=60), st.lists(st.text(max_size=12), max_size=6))
def test_places_are_in_order_apart_and_hold_what_was_asked_for(text: str, terms: list[str]) -> None:
    places = TermIndex(((each, each) for each in terms), "en").find(text)
    assert all(before.end <= after.start for before, after in pairwise(places))
    for place in places:
        bare = [re.findall(r"\w+|[+#&@%$€£§]", each.casefold()) for each in (text[place.start : place.end], place.told)]
        assert bare[0] == bare[1]
