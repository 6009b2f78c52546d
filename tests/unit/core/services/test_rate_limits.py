"""What a request costs the store, and what happens without it."""

from __future__ import annotations

import pytest

from core.domain.limits import RateLimit, RouteGroup, Standing, Take
from core.errors import DependencyRefused
from core.limit_ports import Taken
from core.services import rate_limits
from core.services.rate_limits import RateLimiter
from tests.fakes.buckets import MemoryBuckets, NoBuckets
from tests.fakes.clocks import FakeClock

LIMIT = RateLimit(burst=5, per_s=1)


def ask(limiter: RateLimiter, key_id: str = "key_1", group: RouteGroup = RouteGroup.READ) -> Standing:
    found = limiter.ask(key_id, group, LIMIT)
    assert found is not None
    return found


def test_a_request_costs_one_write_and_one_that_is_known_to_be_too_many_none() -> None:
    buckets = MemoryBuckets()
    limiter = RateLimiter(buckets, FakeClock())

    for _ in range(5):
        assert ask(limiter).retry_after_s is None
    assert buckets.writes == 5

    for _ in range(100):
        assert ask(limiter).retry_after_s == 1
    assert buckets.writes == 5


def test_a_process_that_has_missed_what_others_took_needs_a_second_write_once() -> None:
    buckets, clock = MemoryBuckets(), FakeClock()
    busy, late = RateLimiter(buckets, clock), RateLimiter(buckets, clock)
    for _ in range(3):
        ask(busy)

    before = buckets.writes
    assert ask(late).remaining == 1
    assert buckets.writes - before == 2
    assert ask(late).remaining == 0
    assert buckets.writes - before == 3
    assert ask(busy).retry_after_s == 1


def test_keys_and_groups_have_buckets_of_their_own() -> None:
    limiter = RateLimiter(MemoryBuckets(), FakeClock())
    for _ in range(6):
        last = ask(limiter)

    assert last.retry_after_s == 1
    assert ask(limiter, "key_2").remaining == 4
    assert ask(limiter, group=RouteGroup.WRITE).remaining == 4


def test_a_store_that_does_not_answer_lets_the_request_through() -> None:
    assert RateLimiter(NoBuckets(), FakeClock()).ask("key_1", RouteGroup.READ, LIMIT) is None


def test_a_missing_grant_is_no_such_silence() -> None:
    class Forbidden(MemoryBuckets):
        def take(self, name: str, take: Take) -> Taken:
            raise DependencyRefused("UpdateItem was refused")

    with pytest.raises(DependencyRefused):
        RateLimiter(Forbidden(), FakeClock()).ask("key_1", RouteGroup.READ, LIMIT)


def test_what_is_remembered_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "_REMEMBERED", 3)
    limiter = RateLimiter(MemoryBuckets(), FakeClock())

    for number in range(10):
        ask(limiter, f"key_{number}")

    assert len(limiter._seen) <= 3
