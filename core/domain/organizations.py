"""An organization, and what the operator has set for it: defaults, limits, credits."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.domain.limits import RATE_LIMITS, RateLimit, RouteGroup
from core.domain.sessions import Recording


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a new session takes where its request says nothing; None leaves it to the product."""

    source_language: str | None = None
    target_language: str | None = None
    recording: Recording | None = None
    webhook_url: str | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    """`max_sessions`: how many may run at once, None for any number. `credits_s`: seconds of active calls that were
    bought in all, None where nobody counts. Both hold for the live and the test side together.
    """

    id: str
    name: str
    active: bool = True
    defaults: Defaults = Defaults()
    rate_limits: dict[RouteGroup, RateLimit] = field(default_factory=dict)
    max_sessions: int | None = None
    credits_s: int | None = None

    def rate_limit(self, group: RouteGroup) -> RateLimit:
        return self.rate_limits.get(group, RATE_LIMITS[group])
