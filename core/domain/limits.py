"""How fast an API key may ask: a token bucket for each group of routes.

A bucket holds `burst` tokens and fills at `per_s`; a request takes one. Within any `t` seconds no more than
`burst + per_s * t` requests are let through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from types import MappingProxyType

_MICROS = 1_000_000
_STARTS_A_CALL = re.compile(r"/v1/sessions(/[^/]+/dial)?")


class RouteGroup(StrEnum):
    """What a request costs: to start a call, to look, or to change something."""

    CREATE = "create"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`burst` at once (at least 1), and `per_s` a second on and on (above 0)."""

    burst: int
    per_s: float

    def __post_init__(self) -> None:
        if self.burst < 1 or not self.per_s > 0:
            raise ValueError("a rate limit lets at least one request through, and more later")


RATE_LIMITS: Mapping[RouteGroup, RateLimit] = MappingProxyType(
    {
        RouteGroup.CREATE: RateLimit(burst=200, per_s=20),
        RouteGroup.READ: RateLimit(burst=1000, per_s=100),
        RouteGroup.WRITE: RateLimit(burst=500, per_s=50),
    }
)


def group_of(method: str, path: str) -> RouteGroup:
    """What starts a call is a POST of a session, or of a leg that is dialled into one."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return RouteGroup.READ
    starts = method == "POST" and _STARTS_A_CALL.fullmatch(path.rstrip("/"))
    return RouteGroup.CREATE if starts else RouteGroup.WRITE


@dataclass(frozen=True, slots=True)
class Take:
    """One token, as one write on condition.

    A bucket is one number: `full_at`, when it will be full again (microseconds since 1970; 0 when nobody has taken from
    it). With `was_full`, at or before `now`, it becomes `now + gap`; otherwise, after `now` and at most `latest`,
    it grows by `gap`. It never goes back, so whoever writes in between can only leave less.
    """

    now_us: int
    gap_us: int
    latest_us: int
    was_full: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a key stands after its request: what the headers tell. `retry_after_s` when it was not let through."""

    limit: int
    remaining: int
    reset_s: int
    retry_after_s: int | None = None


def next_take(limit: RateLimit, now_us: int, full_at_us: int) -> Take | None:
    """The write to try, on what is known of the bucket; None when it is known to be empty."""
    gap_us = _gap_us(limit)
    latest_us = now_us + (limit.burst - 1) * gap_us
    if full_at_us > latest_us:
        return None
    return Take(now_us, gap_us, latest_us, was_full=full_at_us <= now_us)


def taken_from(take: Take, full_at_us: int) -> int | None:
    """What the write makes of a bucket; None when its condition does not hold."""
    if take.was_full:
        return take.now_us + take.gap_us if full_at_us <= take.now_us else None
    return full_at_us + take.gap_us if take.now_us < full_at_us <= take.latest_us else None


def standing(limit: RateLimit, now_us: int, full_at_us: int, *, admitted: bool) -> Standing:
    gap_us, full_at_us = _gap_us(limit), max(full_at_us, now_us)
    free_us = now_us + limit.burst * gap_us - full_at_us
    wait_us = gap_us - free_us
    retry_after_s = None if admitted else max(1, _up(wait_us, _MICROS))
    return Standing(limit.burst, max(0, free_us // gap_us), _up(full_at_us, _MICROS), retry_after_s)


def _gap_us(limit: RateLimit) -> int:
    """Between two tokens; rounded up, so that no more come than are promised."""
    return ceil(_MICROS / limit.per_s)


def _up(value: int, unit: int) -> int:
    return -(-value // unit)
