"""BucketStore: a write on condition, and what it brings back."""

from __future__ import annotations

import pytest

from core.domain.limits import RateLimit, next_take, taken_from
from core.limit_ports import Taken
from tests.contract.stores.kinds import Stores

LIMIT = RateLimit(burst=3, per_s=1)
NOW_US = 1_774_522_800_000_000
S = 1_000_000


def test_a_bucket_that_nobody_has_taken_from_is_full(stores: Stores) -> None:
    take = next_take(LIMIT, NOW_US, 0)
    assert take is not None

    assert stores.buckets.take("key_1#read", take) == Taken(NOW_US + S, done=True)


def test_a_wrong_guess_changes_nothing_and_tells_how_it_stands(stores: Stores) -> None:
    full, taken_before = next_take(LIMIT, NOW_US, 0), next_take(LIMIT, NOW_US, NOW_US + 1)
    assert full and taken_before

    assert stores.buckets.take("b", taken_before) == Taken(0, done=False)
    assert stores.buckets.take("b", full) == Taken(NOW_US + S, done=True)
    assert stores.buckets.take("b", full) == Taken(NOW_US + S, done=False)
    assert stores.buckets.take("b", taken_before) == Taken(NOW_US + 2 * S, done=True)
    assert stores.buckets.take("other", full) == Taken(NOW_US + S, done=True)


@pytest.mark.parametrize("held_s", [0, 1, 2, 3])
def test_the_store_takes_as_the_arithmetic_says(stores: Stores, held_s: int) -> None:
    for number in range(held_s):
        take = next_take(LIMIT, NOW_US, NOW_US + number * S if number else 0)
        assert take is not None
        assert stores.buckets.take("b", take).done

    held = NOW_US + held_s * S if held_s else 0
    for guess in (0, NOW_US + 1):
        later = next_take(LIMIT, NOW_US, guess)
        assert later is not None
        expected = taken_from(later, held)
        found = stores.buckets.take("b", later)
        assert found == (Taken(held, done=False) if expected is None else Taken(expected, done=True))
        held = found.full_at_us
