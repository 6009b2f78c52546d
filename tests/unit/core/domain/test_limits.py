"""The arithmetic of a bucket: never more than was promised, whoever writes when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.limits import RateLimit, RouteGroup, group_of, next_take, standing, taken_from
from core.services.rate_limits import RateLimiter
from tests.fakes.buckets import MemoryBuckets
from tests.fakes.clocks import FakeClock

LIMITS = st.builds(RateLimit, st.integers(1, 20), st.floats(0.05, 500, allow_nan=False))
# (which process asks, how long after the last request)
REQUESTS = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 30)), min_size=1, max_size=120)


@given(LIMITS, REQUESTS)
def test_within_any_time_no_more_pass_than_the_burst_and_what_flowed_in(
    limit: RateLimit, requests: list[tuple[int, float]]
) -> None:
    clock, buckets = FakeClock(), MemoryBuckets()
    processes = [RateLimiter(buckets, clock) for _ in range(4)]
    passed: list[float] = []
    for process, pause_s in requests:
        clock.advance(pause_s)
        found = processes[process].ask("key_1", RouteGroup.READ, limit)
        assert found is not None
        if found.retry_after_s is None:
            passed.append(clock.now().timestamp())

    for first, begin in enumerate(passed):
        for last in range(first, len(passed)):
            # A microsecond is what a clock can tell apart.
            most = limit.burst + (passed[last] - begin + 2e-6) * limit.per_s
            assert last - first + 1 <= most


@given(LIMITS, st.lists(st.tuples(st.integers(0, 3), st.floats(0, 5), st.floats(-1, 1)), max_size=80))
def test_clocks_that_differ_by_a_second_let_no_more_pass_than_two_seconds_bring(
    limit: RateLimit, requests: list[tuple[int, float, float]]
) -> None:
    clock, buckets = FakeClock(), MemoryBuckets()
    seen: list[dict[str, int]] = [{} for _ in range(4)]
    passed = []
    for process, pause_s, ahead_s in requests:
        clock.advance(pause_s)
        own = FakeClock(clock.now())
        own.advance(ahead_s)
        found = RateLimiter(buckets, own, seen[process]).ask("key_1", RouteGroup.READ, limit)
        assert found is not None
        if found.retry_after_s is None:
            passed.append(clock.now().timestamp())

    for first, begin in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= limit.burst + (passed[last] - begin + 2 + 2e-6) * limit.per_s


@given(LIMITS)
def test_a_full_bucket_lets_its_burst_through_at_once_and_then_says_how_long_to_wait(limit: RateLimit) -> None:
    clock = FakeClock()
    limiter = RateLimiter(MemoryBuckets(), clock)
    found = [limiter.ask("key_1", RouteGroup.READ, limit) for _ in range(limit.burst + 1)]

    assert [each.remaining for each in found if each] == [*range(limit.burst - 1, -1, -1), 0]
    assert [each.retry_after_s for each in found[:-1] if each] == [None] * limit.burst
    refused = found[-1]
    assert refused is not None and refused.retry_after_s is not None
    assert refused.retry_after_s >= 1 / limit.per_s - 1e-6
    clock.advance(refused.retry_after_s)
    again = limiter.ask("key_1", RouteGroup.READ, limit)
    assert again is not None and again.retry_after_s is None


def test_the_headers_tell_what_is_left_and_when_all_is_back() -> None:
    limit = RateLimit(burst=10, per_s=2)
    now_us = 1_000_000_000_000_000

    untouched = standing(limit, now_us, 0, admitted=True)
    found = standing(limit, now_us, now_us + 1_500_000, admitted=True)

    assert untouched.remaining == 10
    assert (found.limit, found.remaining, found.reset_s) == (10, 7, 1_000_000_002)


def test_a_bucket_never_goes_back() -> None:
    limit = RateLimit(burst=3, per_s=1)
    for held in (0, 999, 1_000_000, 1_000_001, 3_000_000):
        take = next_take(limit, 1_000_000, held)
        assert take is not None
        after = taken_from(take, held)
        assert after is not None and after > held
    assert next_take(limit, 1_000_000, 3_000_001) is None


@pytest.mark.parametrize(("burst", "per_s"), [(0, 1), (-1, 1), (1, 0), (1, -1), (1, float("nan"))])
def test_a_limit_that_lets_nobody_through_is_none(burst: int, per_s: float) -> None:
    with pytest.raises(ValueError, match="rate limit"):
        RateLimit(burst, per_s)


@pytest.mark.parametrize(
    ("method", "path", "group"),
    [
        ("POST", "/v1/sessions", RouteGroup.CREATE),
        ("POST", "/v1/sessions/", RouteGroup.CREATE),
        ("POST", "/v1/sessions/sess_1/dial", RouteGroup.CREATE),
        ("POST", "/v1/sessions/sess_1/end", RouteGroup.WRITE),
        ("GET", "/v1/sessions", RouteGroup.READ),
        ("GET", "/v1/sessions/sess_1/dial", RouteGroup.READ),
        ("DELETE", "/v1/recordings/rec_1", RouteGroup.WRITE),
        ("PATCH", "/v1/sessions", RouteGroup.WRITE),
    ],
)
def test_what_starts_a_call_what_looks_and_what_changes(method: str, path: str, group: RouteGroup) -> None:
    assert group_of(method, path) is group
