"""What a translation is held to, and what a recogniser may expect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.terminology import Terminology, Wording, likely_of

BANK = Terminology(
    ({"de": "Rückläufer", "en": "returned debit"}, {"de": "Girokonto", "en": "current account"}), ("PX-9",)
)
GERMAN: Wording = BANK.between("de", "en")


def test_a_term_holds_in_both_directions_and_a_name_in_all() -> None:
    assert GERMAN.wanted("Ein rückläufer zum PX 9") == ["returned debit", "PX-9"]
    assert BANK.between("en", "de").wanted("a Returned Debit") == ["Rückläufer"]
    assert BANK.between("en", "es").wanted("a returned debit of the px-9") == ["PX-9"]


def test_what_a_translation_does_not_hold_is_missing_once_and_counted() -> None:
    said = "Rückläufer, Rückläufer und PX-9"
    assert GERMAN.missing(said, "returned debit, Returned debit and px 9") == ()
    assert GERMAN.missing(said, "returned debit and PX-9") == ("returned debit",)
    assert GERMAN.missing(said, "chargeback, return") == ("returned debit", "PX-9")


def test_a_session_is_heard_before_its_organization() -> None:
    session = Terminology(({"de": "Girokonto", "en": "checking account"},), ("Acme",))
    wording = session.over(BANK).between("de", "en")
    assert wording.wanted("Girokonto, Acme, Rückläufer") == ["checking account", "Acme", "returned debit"]


def test_marks_stand_for_terms_and_are_not_in_the_text() -> None:
    marked = GERMAN.marked("QX-100: Ein Rückläufer auf dem Girokonto")
    assert marked.text == "QX-100: Ein QX-101 auf dem QX-102"
    assert marked.restored("QX-100: On the QX-102 a qx - 101.") == "QX-100: On the current account a returned debit."


@pytest.mark.parametrize("translation", ["one QX-100", "QX-100 QX-100 QX-101", "QX-1001 and QX-101", ""])
def test_a_mark_that_got_lost_or_came_twice_restores_nothing(translation: str) -> None:
    assert GERMAN.marked("Rückläufer Girokonto").restored(translation) is None


@given(st.text(max_size=80))
def test_a_translator_that_hands_everything_through_leaves_no_term_missing(text: str) -> None:
    said = f"{text} Rückläufer PX-9 {text}"
    marked = GERMAN.marked(said)
    restored = marked.restored(marked.text)
    assert restored is not None and GERMAN.missing(said, restored) == ()


def test_more_terms_than_there_are_marks_are_left_as_they_are() -> None:
    said = " ".join(["PX-9"] * 1000)
    assert GERMAN.marked(said).text.count("QX-") == 900


def test_a_speaker_may_say_names_and_the_terms_of_their_language() -> None:
    known = Terminology(BANK.glossary, BANK.names, ("Frau Núñez",))
    assert known.spoken_in("de") == ("PX-9", "Rückläufer", "Girokonto", "Frau Núñez")
    assert known.spoken_in("es") == ("PX-9", "Frau Núñez")
    assert set(known.spoken_in("und")) == {
        "PX-9", "Rückläufer", "returned debit", "Girokonto", "current account", "Frau Núñez",
    }  # fmt: skip


def test_of_metadata_words_are_likely_to_be_said_and_keys_are_not() -> None:
    metadata = {
        "customer": "Dr. Seán O'Brien-Núñez",
        "product": " Girokonto ",
        "crm": "0061t00000XyZ",
        "url": "https://example.com/a",
        "mail": "a@example.com",
        "note": "one two three four five six seven",
        "long": "a" * 61,
        "empty": "",
        "phone": "+49 30 123",
    }
    assert likely_of(metadata) == ("Dr. Seán O'Brien-Núñez", "Girokonto")
