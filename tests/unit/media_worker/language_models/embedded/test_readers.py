from datetime import date

import pytest

from media_worker.language_models.embedded import readers
from media_worker.language_models.embedded.phrases import phrases

MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("language", "said", "expected"),
    [
        ("en", "tomorrow", "2026-12-01"),
        ("en", "the day after tomorrow", "2026-12-02"),
        ("en", "on Friday", "2026-12-04"),
        ("en", "next monday", "2026-12-07"),
        ("en", "June 3rd", "2027-06-03"),
        ("en", "the 24th of December", "2026-12-24"),
        ("en", "2026-12-31", "2026-12-31"),
        ("de", "am 3. Juni", "2027-06-03"),
        ("de", "am 24.12.", "2026-12-24"),
        ("de", "übermorgen", "2026-12-02"),
        ("es", "el 3 de junio", "2027-06-03"),
        ("es", "pasado mañana", "2026-12-02"),
        ("en", "2026-13-31", None),
        ("en", "some day", None),
    ],
)
def test_days(language: str, said: str, expected: str | None) -> None:
    found = readers.day(said, {}, phrases(language), MONDAY)
    assert (found.value if found else None) == expected


@pytest.mark.parametrize(
    ("language", "said", "expected"),
    [
        ("en", "at 7 pm", "19:00"),
        ("en", "at 12 am", "00:00"),
        ("en", "at 7:30 pm", "19:30"),
        ("en", "at 15:45", "15:45"),
        ("de", "um 19 Uhr", "19:00"),
        ("es", "a las 18:30", "18:30"),
        ("en", "later", None),
    ],
)
def test_times_of_day(language: str, said: str, expected: str | None) -> None:
    found = readers.clock(said, {}, phrases(language), MONDAY)
    assert (found.value if found else None) == expected


def test_a_choice_is_the_longest_member_that_was_said() -> None:
    schema = {"enum": ["red", "dark_red", 3]}
    assert _value(readers.choice("the Dark Red one", schema, phrases("en"), MONDAY)) == "dark_red"
    assert _value(readers.choice("number 3", schema, phrases("en"), MONDAY)) == 3
    assert readers.choice("reddish", schema, phrases("en"), MONDAY) is None


def test_a_pattern_is_tried_as_said_and_in_capitals() -> None:
    schema = {"pattern": "^[A-Z]{2}-\\d+$"}
    assert _value(readers.pattern("it is px-9.", schema, phrases("en"), MONDAY)) == "PX-9"
    assert readers.pattern("it is 9", {"pattern": "(?<bad"}, phrases("en"), MONDAY) is None


def test_no_is_heard_before_yes() -> None:
    assert _value(readers.agreement("no, that is not right", {}, phrases("en"), MONDAY)) is False
    assert _value(readers.agreement("ja genau", {}, phrases("de"), MONDAY)) is True


def test_numbers_in_the_middle_of_ids_are_none() -> None:
    assert [one.value for one in readers.numbers("2 of AB-123, 3.5 or 15:30")] == [2.0, 3.5]
    assert [one.value for one in readers.ids("2 of AB-123 and x")] == ["2", "AB-123"]
    assert [one.value for one in readers.ids("order 47 11 or 555 123 4567, at 15:30")] == ["4711", "5551234567"]


def _value(found: readers.Found | None) -> object:
    assert found is not None
    return found.value
