from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media_worker.agent.clauses import Clauses


def cut(*pieces: str) -> list[str]:
    clauses = Clauses()
    made = [clause for piece in pieces for clause in clauses.add(piece)]
    return made + clauses.rest()


def test_sentences_are_spoken_one_by_one() -> None:
    assert cut("It is here. ", "Come and ", "get it! Will you?") == ["It is here.", "Come and get it!", "Will you?"]


def test_nothing_is_complete_before_it_is_known_what_follows() -> None:
    clauses = Clauses()
    assert clauses.add("It costs 3.") == []
    assert clauses.add("50 euros") == []
    assert clauses.add(". And") == ["It costs 3.50 euros."]


def test_the_first_clause_need_not_be_a_sentence() -> None:
    long = "If you look at your invoice, you find the number at the top, right beside the date"
    assert cut(f"{long}. {long}.")[:2] == [
        "If you look at your invoice,",
        "you find the number at the top, right beside the date.",
    ]


def test_abbreviations_end_nothing() -> None:
    assert cut("Ask for Mr. Brown or Dr. Who. ", "Bye.") == ["Ask for Mr. Brown or Dr. Who.", "Bye."]


def test_what_never_ends_is_cut_at_a_space() -> None:
    made = cut("word " * 100)
    assert all(len(clause) <= 200 for clause in made)
    assert "".join(made).count("word") == 100


@given(st.lists(st.text(max_size=80), max_size=12))
def test_nothing_but_white_space_is_lost(pieces: list[str]) -> None:
    assert "".join("".join(cut(*pieces)).split()) == "".join("".join(pieces).split())
