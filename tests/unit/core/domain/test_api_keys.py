from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import api_key_hash, api_key_secret
from core.domain.api_keys import NONCE_BYTES, key_random
from tests.builders import ACME, ACME_TEST, PEPPER

NONCE = bytes(NONCE_BYTES)


def test_the_same_question_has_the_same_answer() -> None:
    assert key_random(PEPPER, ACME, "key_1", NONCE) == key_random(PEPPER, ACME, "key_1", NONCE)


@given(st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES))
def test_every_part_of_the_question_counts(nonce: bytes) -> None:
    asked = [
        (PEPPER, ACME, "key_1", NONCE),
        (PEPPER + b"x", ACME, "key_1", NONCE),
        (PEPPER, ACME_TEST, "key_1", NONCE),
        (PEPPER, ACME, "key_2", NONCE),
        *([(PEPPER, ACME, "key_1", nonce)] if nonce != NONCE else []),
    ]

    assert len({key_random(*question) for question in asked}) == len(asked)


def test_what_is_stored_of_a_key_is_not_what_it_is_made_of() -> None:
    random = key_random(PEPPER, ACME, "key_1", NONCE)

    assert len(random) * 8 >= 128
    assert random.hex() not in api_key_hash(PEPPER, api_key_secret(True, random))
