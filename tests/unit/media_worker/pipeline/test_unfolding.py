from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media_worker.pipeline.unfolding import Clause, Cut, cut_at, words_until

CLAUSES = [Clause("one two", 1.0), Clause("three four", 1.0), Clause("never", 0.0)]


def test_a_cut_is_found_by_the_time_that_was_heard() -> None:
    assert cut_at(CLAUSES, 0.0).whole == 0
    assert cut_at(CLAUSES, 1.5).whole == 1 and 0.5 <= cut_at(CLAUSES, 1.5).share < 0.52
    assert cut_at(CLAUSES, 2.0) == Cut(2, 0.0)
    assert cut_at(CLAUSES[:2], 2.0) == Cut(2, 0.0)


def test_words_that_were_not_heard_whole_were_not_heard() -> None:
    assert words_until("one two three", 0.5) == ("one", "two three")
    assert words_until("one two three", 0.0) == ("", "one two three")


@given(st.text(), st.floats(0, 1))
def test_no_word_is_lost(text: str, share: float) -> None:
    heard, rest = words_until(text, share)
    assert heard.split() + rest.split() == text.split()
