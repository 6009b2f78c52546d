import pytest

from media_worker.language_models.embedded.phrases import phrases
from media_worker.language_models.embedded.words import Vocabulary, has_phrase, spread, stem, stems, tokens


def test_tokens_keep_ids_dates_and_addresses_whole_and_part_other_marks() -> None:
    assert tokens("Where's AB-123, on 2026-12-01 (anna.b@example.com)? And/or 3.50!") == [
        "where's",
        "ab-123",
        "on",
        "2026-12-01",
        "anna.b@example.com",
        "and",
        "or",
        "3.50",
    ]


@pytest.mark.parametrize("name", ["order_number", "orderNumber", "order-number"])
def test_names_of_code_are_spread_into_words(name: str) -> None:
    assert spread(name) == "order number"


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "orders", "order"),
        ("en", "shipping", "ship"),
        ("en", "calling", "call"),
        ("de", "Bestellungen", "Bestellung"),
        ("de", "bestellen", "Bestellnummer"),
        ("de", "Straße", "strasse"),
        ("es", "envíos", "envío"),
        ("es", "pedidos", "pedido"),
    ],
)
def test_forms_of_a_word_are_alike(language: str, one: str, other: str) -> None:
    assert stem(one, language) in Vocabulary([stem(other, language)])
    assert stem(other, language) in Vocabulary([stem(one, language)])


def test_other_words_are_not_alike() -> None:
    assert stem("order", "en") not in Vocabulary([stem("opening", "en"), stem("ordinary", "en")])
    assert stem("4711", "en") not in Vocabulary([stem("4712", "en")])


def test_words_that_tell_nothing_are_left_out() -> None:
    assert stems("Where is my order, please?", phrases("en")) == [stem("order", "en")]


def test_a_phrase_is_found_as_whole_words_only() -> None:
    assert has_phrase("Well, thank you!", ("thank you",))
    assert not has_phrase("thank yourself", ("thank you",))
