"""How fast an API key may ask: a token bucket for each group of routes.

A bucket holds `burst` tokens and fills at `per_s`; a request takes one. Within any `t` seconds no more than
`burst + per_s * t` requests are let through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


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
