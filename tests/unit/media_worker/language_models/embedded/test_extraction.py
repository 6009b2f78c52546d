import pytest

from media_worker.language_models.embedded.extraction import extract
from media_worker.language_models.embedded.phrases import phrases
from tests.fakes.language_models import passage

SHOP = passage(
    "# Opening hours\n"
    "- Monday to Friday from nine to five.\n"
    "# Shipping\n"
    "We ship within two days. Parcels to Spain take a week.\n"
    "Do you ship to France? Yes, for ten euros.\n"
)
RETURNS = passage("You can return an order within 30 days. Returning it is free of charge.", "Returns")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What are your opening hours?", "Monday to Friday from nine to five."),
        ("When do you ship?", "We ship within two days."),
        ("How long do parcels to Spain take", "Parcels to Spain take a week."),
        ("Do you ship to France?", "Yes, for ten euros."),
    ],
)
def test_the_sentence_that_shares_most_with_the_question(question: str, expected: str) -> None:
    found = extract(question, (RETURNS, SHOP), phrases("en"))
    assert found is not None
    assert (found.text, found.number) == (expected, 2)


def test_the_next_sentence_comes_along_where_it_is_about_the_same() -> None:
    found = extract("return an order", (RETURNS,), phrases("en"))
    assert found is not None
    assert found.text == "You can return an order within 30 days."
    more = extract("returning", (RETURNS,), phrases("en"))
    assert more is not None
    assert more.text == "You can return an order within 30 days. Returning it is free of charge."


@pytest.mark.parametrize("question", ["Can I pay by card?", "Do you ship to Portugal by train?", "Hello", "", "4711"])
def test_what_no_sentence_holds_is_not_answered(question: str) -> None:
    assert extract(question, (RETURNS, SHOP), phrases("en")) is None


def test_a_question_at_the_end_of_a_document_answers_nothing() -> None:
    assert extract("Do you ship to France?", (passage("Do you ship to France?"),), phrases("en")) is None


def test_german_and_spanish() -> None:
    german = extract("Was kostet der Versand?", (passage("Der Versand kostet fünf Euro."),), phrases("de"))
    spanish = extract("¿Cuánto cuestan los envíos?", (passage("El envío cuesta cinco euros."),), phrases("es"))
    assert german is not None
    assert spanish is not None
