from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.ids import is_session_id, ulid
from tests.fakes.clocks import START


def test_a_ulid_has_26_crockford_characters_and_sorts_by_time() -> None:
    first = ulid(START, b"\xff" * 10)
    later = ulid(START + timedelta(milliseconds=1), b"\x00" * 10)

    assert len(first) == 26
    assert first < later
    assert not set(first) & set("ILOU")


def test_a_ulid_takes_exactly_eighty_random_bits() -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        ulid(START, b"1234")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("sess_01HXYZ123456789", True), ("sess_", False), ("rec_01HX", False), ("sess_a/b", False), ("sess_a\n", False)],
)
def test_only_the_shape_of_a_session_id_is_looked_up(text: str, is_one: bool) -> None:
    assert is_session_id(text) is is_one
