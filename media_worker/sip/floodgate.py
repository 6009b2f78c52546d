"""How much one address may ask of us. Pure; times are monotonic seconds.

Asked before anything is looked up: a request that is not let in costs a look into a dictionary, and gets no answer, so
that nobody is flooded by means of us either. Requests inside a call are not asked about.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_REMEMBERED = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Allowance:
    """So many at once and so many a second, for each address. The addresses that were silent longest are forgotten."""

    def __init__(self, burst: float, per_s: float, time: Callable[[], float]) -> None:
        self._burst = burst
        self._per_s = per_s
        self._time = time
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, host: str) -> bool:
        bucket = self._filled(host)
        if bucket.left < 1.0:
            return False
        bucket.left -= 1.0
        return True

    def is_left(self, host: str) -> bool:
        return self._filled(host).left >= 1.0

    def _filled(self, host: str) -> _Bucket:
        now = self._time()
        bucket = self._buckets.pop(host, None) or _Bucket(self._burst, now)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._per_s)
        bucket.at = now
        self._buckets[host] = bucket
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return bucket


class Floodgate:
    """`admits` is asked for every request outside of a call, `failed` told of every wrong password.

    A password can only be wrong in answer to a nonce of ours, so nobody shuts others out by writing their address on
    datagrams: those never get to see one.
    """

    def __init__(self, time: Callable[[], float]) -> None:
        self._requests = Allowance(400.0, 200.0, time)
        self._guesses = Allowance(20.0, 0.2, time)

    def admits(self, host: str) -> bool:
        return self._guesses.is_left(host) and self._requests.take(host)

    def failed(self, host: str) -> None:
        self._guesses.take(host)
