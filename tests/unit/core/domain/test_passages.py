"""Passages: their bounds for any text, and that nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.domain.passages import MOST_CHARACTERS, MOST_WORD_CHARACTERS, MOST_WORDS, cut, words
from core.domain.sections import Section, of_text

_TEXT = st.one_of(
    st.text(),
    st.lists(st.sampled_from(["word", "End.", "\n\n", "第一。", "見出し", "- item", "x" * 150, '"Well!"'])).map(
        " ".join
    ),
    st.integers(0, 4000).map(lambda times: "no end in sight " * times),
    st.integers(0, 4000).map(lambda times: "文" * times),
)


def texts(*paragraphs: str) -> list[str]:
    return [passage.text for passage in cut([Section(paragraphs, "Place")], "doc_1", "Handbook")]


def sentence(length: int, first: str = "a") -> str:
    return " ".join([first, *["w"] * (length - 1)]) + "."


def test_a_passage_knows_where_it_comes_from() -> None:
    (passage,) = cut([Section(("We open at nine.",), "Hours")], "doc_1", "Handbook")
    assert (passage.source.document_id, passage.source.title, passage.source.place) == ("doc_1", "Handbook", "Hours")


def test_sections_are_never_joined() -> None:
    assert len(list(cut([Section(("One.",)), Section(("Two.",))], "doc_1", "Handbook"))) == 2


def test_a_short_paragraph_takes_on_the_next_one_and_a_long_one_does_not() -> None:
    assert texts("Opening hours", "We open at nine.") == ["Opening hours\nWe open at nine."]
    assert texts(sentence(30, "One"), sentence(30, "Two")) == [sentence(30, "One"), sentence(30, "Two")]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    first, second, third = sentence(50, "One"), sentence(20, "Two"), sentence(40, "Three")
    assert texts(f"{first} {second} {third}") == [f"{first} {second}", third]


def test_a_sentence_without_end_is_cut_between_words_and_a_word_without_end_anywhere() -> None:
    assert [words(text) for text in texts("w " * 200)] == [80, 80, 40]
    assert max(len(text) for text in texts("x" * 5000)) <= MOST_CHARACTERS
    assert "".join(texts("x" * 5000)).replace(" ", "") == "x" * 5000


@given(_TEXT)
def test_bounds_hold_and_nothing_is_lost(text: str) -> None:
    sections = of_text(text)
    passages = [passage.text for passage in cut(sections, "doc_1", "Handbook")]
    assert all(0 < len(passage) <= MOST_CHARACTERS and words(passage) <= MOST_WORDS for passage in passages)
    before = "".join("".join(section.paragraphs) for section in sections)
    assert "".join("".join(passages).split()) == "".join(before.split())


@given(_TEXT)
def test_words_stay_whole(text: str) -> None:
    passages = [word for passage in cut(of_text(text), "doc_1", "Handbook") for word in passage.text.split()]
    short = {word for word in text.split() if len(word) <= MOST_WORD_CHARACTERS and word.isascii() and word.isalnum()}
    assert short <= set(passages)
