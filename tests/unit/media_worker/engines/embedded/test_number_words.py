import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.engines.embedded.number_words import pattern, read, say, translate


@given(st.integers(0, 999_999), st.sampled_from(["en", "es"]))
def test_what_is_said_is_read_as_one_number(value: int, language: str) -> None:
    said = say(value, language)
    assert read(said, language) == [value]
    assert re.fullmatch(pattern(language), said)


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("four five two seven", "cuatro cinco dos siete"),
        ("twenty one", "veintiuno"),
        ("forty five two", "cuarenta y cinco dos"),
        ("one hundred five", "ciento cinco"),
        ("4527", "4527"),
        ("12.50", "12.50"),
    ],
)
def test_rows_of_numbers_go_both_ways(english: str, spanish: str) -> None:
    assert translate(english, "en", "es") == spanish
    assert translate(spanish, "es", "en") == english


def test_a_hundred_and_oh_are_understood() -> None:
    assert read("a hundred and twenty oh four", "en") == [120, 0, 4]
    assert read("cien treinta y dos", "es") == [132]


def test_large_numbers_stay_digits() -> None:
    assert say(1_000_000, "en") == "1000000"
