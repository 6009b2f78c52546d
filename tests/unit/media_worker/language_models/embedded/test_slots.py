from datetime import date
from typing import Any

import pytest

from core.domain.agents import ToolDeclaration
from media_worker.language_models.embedded.phrases import phrases
from media_worker.language_models.embedded.slots import Slot, fill, slots_of

MONDAY = date(2026, 11, 30)
TABLE = {
    "day": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "guests": {"type": "integer", "description": "number of people"},
    "name": {"type": "string"},
}


def tool(properties: dict[str, Any], *required: str) -> ToolDeclaration:
    return ToolDeclaration("t", "", {"type": "object", "properties": properties, "required": list(required)})


def filled(
    said: str, properties: dict[str, Any], *required: str, asked: str | None = None, language: str = "en"
) -> Any:
    return fill(slots_of(tool(properties, *required)), said, phrases(language), MONDAY, asked=asked)


def test_one_sentence_fills_many_slots_and_no_figure_is_read_twice() -> None:
    said = "a table for four people tomorrow at 7 pm, my name is Anna Smith and I am hungry"
    assert filled(said, TABLE, *TABLE) == {"day": "2026-12-01", "time": "19:00", "guests": 4, "name": "Anna Smith"}


def test_a_number_goes_to_the_slot_whose_word_stands_beside_it() -> None:
    numbers = {"nights": {"type": "integer"}, "rooms": {"type": "integer"}}
    assert filled("two rooms for three nights", numbers, "nights", "rooms") == {"nights": 3, "rooms": 2}


def test_a_number_that_nobody_announced_goes_to_what_is_required() -> None:
    assert filled("it is 5", {"size": {"type": "integer"}}, "size") == {"size": 5}
    assert filled("it is 5", {"size": {"type": "integer"}}) == {}


def test_whole_numbers_only_where_they_are_wanted() -> None:
    assert filled("3.5", {"size": {"type": "integer"}}, "size") == {}
    assert filled("3.5", {"size": {"type": "number"}}, "size") == {"size": 3.5}


@pytest.mark.parametrize(
    ("said", "expected"),
    [("four seven one one", "4711"), ("AB-123 please", "AB-123"), ("I do not know", None)],
)
def test_an_id_is_a_word_with_a_figure(said: str, expected: str | None) -> None:
    values = filled(said, {"order_id": {"type": "string"}}, "order_id", asked="order_id")
    assert values.get("order_id") == expected


@pytest.mark.parametrize(
    ("language", "said", "expected"),
    [
        ("en", "Berlin", "Berlin"),
        ("en", "It is Berlin, please.", "Berlin, please"),
        ("de", "In Berlin.", "Berlin"),
        ("es", "Es Madrid", "Madrid"),
        ("en", "What do you mean?", None),
        ("en", "well that is a long story that I cannot tell in a word", None),
    ],
)
def test_the_answer_to_a_question_is_free_text(language: str, said: str, expected: str | None) -> None:
    values = filled(said, {"city": {"type": "string"}}, "city", asked="city", language=language)
    assert values.get("city") == expected


def test_free_text_that_nobody_announced_or_asked_for_is_not_guessed() -> None:
    assert filled("Berlin", {"city": {"type": "string"}}, "city") == {}
    assert filled("the city is Berlin", {"city": {"type": "string"}}, "city") == {"city": "Berlin"}


def test_yes_and_no_are_answers_only() -> None:
    gift = {"gift": {"type": "boolean"}}
    assert filled("yes it is for my sister", gift, "gift", asked="gift") == {"gift": True}
    assert filled("yes", gift, "gift") == {}


def test_a_slot_is_called_by_its_title_a_short_description_or_its_name() -> None:
    assert Slot("n", {"title": "Bestellnummer", "description": "x"}, True).called == "Bestellnummer"
    assert Slot("n", {"description": "Number of people."}, True).called == "Number of people"
    assert Slot("order_no", {"description": "a long story about what this might be"}, True).called == "order no"


def test_lists_and_objects_are_left_alone() -> None:
    assert filled("3 of them", {"all": {"type": "array"}, "it": {"type": "object"}}, "all", "it", asked="all") == {}
