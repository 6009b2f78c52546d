"""What a limit of concurrent sessions costs when a hundred sessions are created at once: one counter, or seats.

DynamoDB cancels a transaction that meets another one on an item. The emulator does not, so this reckons it: virtual
time, transactions of 12 to 20 ms, reads of 4 ms, everybody within 5 ms, whoever is cancelled or finds its seat taken
tries again after up to 10 ms. Prints medians of 20 runs. `python -m bench.contention`
"""

from __future__ import annotations

import heapq
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

CREATORS, RUNS = 100, 20


@dataclass
class Store:
    """Until when the last transaction that went through held an item. A seat is seen to be taken from then on."""

    held_until: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """Milliseconds until half, and all, are done; transactions in all, for a hundred sessions."""

    half_ms: float
    all_ms: float
    transactions: int


# Which item to write, on what is seen at that time.
Choose = Callable[[Store, float, Random], int]


def run(choose: Choose, *, seats: bool, seed: int) -> Outcome:
    random, store = Random(seed), Store()
    queue = [(random.uniform(0, 5), number) for number in range(CREATORS)]
    heapq.heapify(queue)
    done: list[float] = []
    transactions = 0
    while queue:
        at, number = heapq.heappop(queue)
        if number >= 0 and seats:
            # It has looked; the write begins when the answer is there.
            item = choose(store, at, random)
            heapq.heappush(queue, (at + 4, -1 - item))
            continue
        item = -1 - number if seats else choose(store, at, random)
        transactions += 1
        took = random.uniform(12, 20)
        if store.held_until.get(item, 0) > at or (seats and item in store.held_until):
            heapq.heappush(queue, (at + took + random.uniform(0, 10), 0))
            continue
        store.held_until[item] = at + took
        done.append(at + took)
    done.sort()
    return Outcome(done[len(done) // 2], done[-1], transactions)


def counter(shards: int) -> Choose:
    return lambda _store, _at, random: random.randrange(shards)


def seat(most: int) -> Choose:
    return lambda store, at, random: random.choice(
        [number for number in range(most) if store.held_until.get(number, at + 1) > at]
    )


WAYS: dict[str, tuple[Choose, bool]] = {
    "one counter": (counter(1), False),
    "16 counters": (counter(16), False),
    "seats, 1000 of them": (seat(1000), True),
    "seats, 200 of them": (seat(200), True),
    "seats, 100 of them: the last one is taken": (seat(100), True),
}


def main() -> None:
    print(f"{CREATORS} creates at once, medians of {RUNS} runs")
    for name, (choose, seats) in WAYS.items():
        found = [run(choose, seats=seats, seed=seed) for seed in range(RUNS)]
        half, last, tried = (
            statistics.median(getattr(each, what) for each in found) for what in ("half_ms", "all_ms", "transactions")
        )
        print(f"{name:45} half after {half:6.0f} ms, all after {last:6.0f} ms, {tried:6.0f} transactions")


if __name__ == "__main__":
    main()
