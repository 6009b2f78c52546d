"""A library: what it finds, in what order, and that it says nothing where nothing fits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.knowledge import Passage, Source
from core.domain.passages import cut
from core.domain.sections import of_markdown
from media_worker.knowledge.library import LEAST_SCORE, MOST_PASSAGES, Library

_DATA = Path(__file__).parents[3] / "data" / "knowledge"


def library(*texts: str, language: str | None = "en") -> Library:
    return Library((Passage(text, Source(f"doc_{at}", "Handbook")) for at, text in enumerate(texts)), language)


def found(base: Library, question: str) -> list[str]:
    return [each.passage.text for each in base.search(question, 5)]


@pytest.mark.parametrize(
    ("language", "least_right", "most_wrong"), [("en", 24, 2), ("de", 16, 1), ("es", 18, 1), (None, 24, 2)]
)
def test_written_questions_are_answered_and_others_are_not(
    language: str | None, least_right: int, most_wrong: int
) -> None:
    name = language or "en"
    base = Library(cut(of_markdown((_DATA / f"{name}.md").read_text()), "doc_1", "Handbook"), language)
    questions = json.loads((_DATA / f"{name}.json").read_text())
    right = [question for question, place in questions["answered"] if places(base, question)[:1] == [place]]
    wrong = [question for question in questions["unanswered"] if base.search(question, 1)]
    assert len(right) >= least_right, set(map(str, questions["answered"])) - set(right)
    assert len(wrong) <= most_wrong, wrong


def places(base: Library, question: str) -> list[str]:
    headings = [str(each.passage.source.place).split(" > ") for each in base.search(question, 3)]
    return [heading[-1] for heading in headings]


def test_the_passage_that_says_more_of_the_question_comes_first() -> None:
    base = library("The red door is open.", "The red car is fast.", "Blue cars are slow.")
    ranked = base.search("a fast red car", 2)
    assert [each.passage.text for each in ranked] == ["The red car is fast.", "The red door is open."][: len(ranked)]
    assert ranked[0].score > 0.9
    assert all(LEAST_SCORE <= each.score <= 1 for each in ranked)


def test_headings_are_searched_too() -> None:
    (hours,) = Library([Passage("From nine to five.", Source("doc_1", "Shop", "Opening hours"))], "en").search(
        "hours?", 1
    )
    assert hours.passage.text == "From nine to five."


@pytest.mark.parametrize(
    ("language", "passage", "question"),
    [
        ("de", "Die Kündigungsfrist beträgt einen Monat.", "Welche Frist?"),
        ("de", "Die Frist der Kündigung beträgt einen Monat.", "Kündigungsfrist?"),
        ("es", "La información está aquí.", "informacion"),
        ("en", "Delivery takes two days.", "When do you deliver?"),
        ("lv", "Rēķins pienāk piektajā datumā.", "rēķina"),
        ("ja", "営業時間は九時から五時までです。", "営業時間を教えて"),
        ("hi", "कार्यालय नौ बजे खुलता है।", "कार्यालय"),
    ],
)
def test_a_word_is_found_in_its_other_forms(language: str, passage: str, question: str) -> None:
    assert found(library(passage, "x y z", language=language), question) == [passage]


def test_what_the_base_has_never_heard_counts_against_it() -> None:
    base = library("The premium plan costs 29 euros.", "We are closed on Sunday.")
    assert found(base, "premium plan") == ["The premium plan costs 29 euros."]
    assert found(base, "the premium of life insurance for elderly horses") == []


@pytest.mark.parametrize("question", ["", "?!", "what is it", "the"])
def test_a_question_without_content_finds_nothing(question: str) -> None:
    assert found(library("The premium plan costs 29 euros."), question) == []


def test_an_empty_library_finds_nothing() -> None:
    assert Library().search("anything", 3) == []
    assert library("?").search("anything", 3) == []


def test_a_base_is_bounded() -> None:
    endless = (Passage("word", Source("doc_1", "Handbook")) for _ in iter(int, 1))
    assert len(Library(endless, "en").passages) == MOST_PASSAGES


@settings(max_examples=60)
@given(st.lists(st.text(), max_size=5), st.text(), st.sampled_from([None, "en", "de", "ja", "ar", "xx"]))
def test_any_text_is_searched_by_any_question(texts: list[str], question: str, language: str | None) -> None:
    for each in library(*texts, language=language).search(question, 3):
        assert LEAST_SCORE <= each.score <= 1
