"""`python -m bench.refused_keys`: what the authorizer spends on keys that it does not let in.

Whoever guesses keys sees answers and how long they take. All guesses are answered alike (`invalid_api_key`); here is
shown that they cost alike, too: the same number of reads, and the same CPU time within what two equal things differ.
One process, one core; the kinds take turns by single requests, so that whatever else the machine does meets them all
alike. Stores are in memory: what a read takes does not depend on whether it finds something, and is counted instead.
"""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.access import ApiKey
from core.domain.organizations import Organization
from core.domain.rotation import Secret, fixed
from core.services.access import AccessService
from core.services.credits import CreditService
from core.services.rate_limits import RateLimiter
from lambdas.authorizer.app import answer
from lambdas.runtime.wiring import Gate
from tests.builders import PEPPER, SECRET, an_api_key
from tests.fakes.buckets import MemoryBuckets
from tests.fakes.clocks import FakeClock
from tests.fakes.rest import golden
from tests.fakes.stores import MemoryAccess, MemorySessions, MemoryUsage

ROUNDS = 4000
ONE_PEPPER = fixed(PEPPER)
SAME = "unknown key"
GUESSES = {
    SAME: SECRET[:8] + "0" * (len(SECRET) - 8),
    "one letter wrong": SECRET[:-1] + ("a" if SECRET[-1] != "a" else "b"),
    "another unknown key": SECRET[:8] + "1" * (len(SECRET) - 8),
    "no key of ours": "x" * len(SECRET),
    "none at all": None,
    "150 letters": "sk_live_" + "0" * 142,
    "5,000 letters": "sk_live_" + "0" * 4992,
}


class CountingAccess(MemoryAccess):
    reads = 0

    def key_by_hashes(self, key_hashes: Sequence[str]) -> ApiKey | None:
        self.reads += 1
        return super().key_by_hashes(key_hashes)

    def organization(self, organization_id: str) -> Organization | None:
        self.reads += 1
        return super().organization(organization_id)


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is of the median to that of an unknown key; `spread` is what the same kind differs from itself, between
    the two halves of the run."""

    cpu_us: float
    ratio: float
    spread: float
    reads: float


def measure(rounds: int = ROUNDS, pepper: Secret = ONE_PEPPER) -> dict[str, Figure]:
    store, clock = CountingAccess(), FakeClock()
    store.put_organization(Organization("org_acme", "Acme"))
    store.put_key(an_api_key())
    credits = CreditService(MemoryUsage(MemorySessions(clock)), clock)
    gate = Gate(AccessService(store, pepper, clock), RateLimiter(MemoryBuckets(), clock), credits)
    events = {kind: _request(secret) for kind, secret in GUESSES.items()}
    spent: dict[str, list[int]] = {kind: [] for kind in events}
    reads = dict.fromkeys(events, 0)
    with contextlib.redirect_stdout(io.StringIO()):
        for kind in _turns(list(events), rounds):
            before, began = store.reads, time.thread_time_ns()
            given = answer(gate, events[kind])
            spent[kind].append(time.thread_time_ns() - began)
            reads[kind] += store.reads - before
            assert given["context"] == {"refusal": "invalid_api_key"}
    usual = statistics.median(spent[SAME])
    return {kind: _figure(times, usual, reads[kind]) for kind, times in spent.items()}


def _turns(kinds: list[str], rounds: int) -> Iterator[str]:
    """Every kind once a round, in an order that changes: what runs first is colder."""
    order = random.Random(1)
    for _ in range(rounds):
        order.shuffle(kinds)
        yield from kinds


def _figure(times: list[int], usual: float, reads: int) -> Figure:
    half = len(times) // 2
    first, second = statistics.median(times[:half]), statistics.median(times[half:])
    middle = statistics.median(times)
    return Figure(middle / 1000, middle / usual, abs(first - second) / middle, reads / len(times))


def _request(secret: str | None) -> dict[str, Any]:
    event = copy.deepcopy(golden("events/authorizer_request.json"))
    if secret is not None:
        event["headers"]["X-API-Key"] = secret
        event["multiValueHeaders"]["X-API-Key"] = [secret]
    return event


def main() -> int:
    logging.disable(logging.CRITICAL)
    print(f"{ROUNDS} of each, CPU µs of the authorizer, median")
    rotated = fixed(PEPPER)().with_new(PEPPER[::-1] + b"2", FakeClock().now())
    for said, pepper in (("one pepper", ONE_PEPPER), ("two peppers", lambda: rotated)):
        print(f"\n  {said:<21}   CPU µs   of an unknown key   itself again   reads")
        for kind, figure in measure(pepper=pepper).items():
            print(f"  {kind:<22} {figure.cpu_us:7.1f} {figure.ratio:19.3f} {figure.spread:14.3f} {figure.reads:7.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
