"""A secret in its versions: what is made with which, and what is still accepted."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from core.domain.rotation import READ_AGAIN_AFTER, USED_AFTER, Version, Versions, read_versions, text_of
from tests.fakes.clocks import START

GENERATED = b"Ab3" * 21


def test_a_generated_secret_is_its_own_text_and_number_one() -> None:
    versions = read_versions(GENERATED)
    assert versions == Versions((Version(1, GENERATED),))
    assert versions.in_use(START) == Version(1, GENERATED)


def test_a_new_version_is_accepted_at_once_and_used_when_everybody_knows_it() -> None:
    rotated = read_versions(GENERATED).with_new(b"new", START)
    assert rotated.values == (b"new", GENERATED)
    assert rotated.in_use(START + USED_AFTER - timedelta(seconds=1)).number == 1
    assert rotated.in_use(START + USED_AFTER).number == 2
    assert USED_AFTER > 2 * READ_AGAIN_AFTER


def test_a_rotated_secret_is_read_as_it_was_written() -> None:
    rotated = read_versions(GENERATED).with_new(b"new", START).with_new(b"newer", START + timedelta(days=1))
    assert read_versions(text_of(rotated).encode()) == rotated
    assert [version.number for version in rotated.all] == [3, 2, 1]


def test_a_version_that_was_dropped_is_gone_and_its_number_is_not_given_again() -> None:
    rotated = read_versions(GENERATED).with_new(b"new", START)
    left = rotated.without(1)
    assert left.values == (b"new",)
    with pytest.raises(LookupError):
        left.numbered(1)
    with pytest.raises(LookupError):
        left.without(1)
    assert left.with_new(b"newer", START).all[0].number == 3


def test_what_was_made_then_is_made_again_with_what_was_in_use_then() -> None:
    rotated = read_versions(GENERATED).with_new(b"new", START)
    later = START + timedelta(days=2)
    assert (rotated.in_use(START).number, rotated.in_use(later).number) == (1, 2)
    # Of what nobody keeps any more something else that is accepted is the best there is.
    assert rotated.without(1).in_use(START).number == 2


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"versions": []}', '{"versions": [{"number": 1}]}', json.dumps({"versions": [1]})]
)
def test_nonsense_is_no_secret(text: str) -> None:
    with pytest.raises(ValueError):
        read_versions(text.encode())


def test_values_do_not_show() -> None:
    assert "hunter2" not in repr(Versions((Version(1, b"hunter2"),)))
