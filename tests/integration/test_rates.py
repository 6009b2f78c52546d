"""Rate limits where it counts: threads on the deployed table, and requests through the deployed gateway."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from core.adapters import clients
from core.adapters.dynamodb.buckets import DynamoBuckets
from core.adapters.system import RandomIds, SystemClock
from core.domain.limits import RateLimit, RouteGroup
from core.domain.organizations import Organization
from core.services.rate_limits import RateLimiter
from local.stack import Stack
from tests.fakes.clocks import FakeClock
from tests.integration.test_rest import SESSION, error_of

THREADS, REQUESTS = 12, 15
LIMIT = RateLimit(burst=40, per_s=5)


def test_threads_of_several_processes_never_get_more_than_there_is(stack: Stack) -> None:
    """Twice as many ask as may pass, at one moment; then again when ten more have flowed in."""
    clock, key_id, gate = FakeClock(), RandomIds(SystemClock()).new("key"), Barrier(THREADS)
    buckets = DynamoBuckets(clients.dynamodb(connections=THREADS), stack.outputs.access_table)
    processes = [RateLimiter(buckets, clock) for _ in range(4)]

    def hammer(number: int) -> int:
        gate.wait(timeout=30)
        found = [processes[number % 4].ask(key_id, RouteGroup.WRITE, LIMIT) for _ in range(REQUESTS)]
        assert None not in found
        return sum(each is not None and each.retry_after_s is None for each in found)

    with ThreadPoolExecutor(THREADS) as threads:
        assert sum(threads.map(hammer, range(THREADS))) == LIMIT.burst
        clock.advance(2)
        assert sum(threads.map(hammer, range(THREADS))) == 2 * LIMIT.per_s


@pytest.mark.asyncio(loop_scope="session")
async def test_a_key_that_is_too_fast_is_refused_and_another_is_not(stack: Stack, http: httpx.AsyncClient) -> None:
    limits = {RouteGroup.CREATE: RateLimit(burst=3, per_s=0.01)}
    stack.seeder.organization(Organization("org_fast", "Fast", rate_limits=limits))
    http.headers["Authorization"] = f"Bearer {stack.seeder.key('org_fast')}"

    answers = [await http.post("/sessions", json=SESSION) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]
    assert [answer.headers["X-RateLimit-Limit"] for answer in answers] == ["3"] * 5
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0", "0"]
    refused = error_of(answers[3], 429, "rate_limit_exceeded")
    assert refused["type"] == "rate_limit_error"
    assert 90 <= int(answers[3].headers["Retry-After"]) == refused["retry_after"] <= 100
    looking = await http.get("/sessions")
    assert (looking.status_code, looking.headers["X-RateLimit-Limit"]) == (200, "1000")
    other = {"Authorization": f"Bearer {stack.seeder.key('org_fast')}"}
    assert (await http.post("/sessions", json=SESSION, headers=other)).status_code == 201
