"""Passages as an object, there and back."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.knowledge import Passage, Source
from core.domain.stored_passages import packed, unpacked

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(_TEXT, st.none() | _TEXT)))
def test_they_come_back_as_they_were(rows: list[tuple[str, str | None]]) -> None:
    passages = [Passage(text, Source("doc_1", "Hours", place)) for text, place in rows]
    assert unpacked(packed(passages), "doc_1", "Hours") == passages
    assert packed(passages) == packed(passages)


@pytest.mark.parametrize(
    "stored", [b"", b"x", gzip.compress(b"1"), gzip.compress(b"[1]"), packed([])[:-4]], ids=range(5)
)
def test_anything_else_is_refused(stored: bytes) -> None:
    with pytest.raises(ValueError):
        unpacked(stored, "doc_1", "Hours")
