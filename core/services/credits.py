"""Credits: seconds of active calls that an organization bought, against what it has used of them.

Used is what workers have metered so far, a moment ago. A call that runs when nothing is left is not cut off; nothing
new begins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.domain.organizations import Organization
from core.errors import CreditsExhausted, Unavailable
from core.ports import Clock, UsageStore

_MICROS = 1_000_000
# Workers report as often; who reads more often learns nothing new.
_REMEMBERED_FOR = timedelta(seconds=10)
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class CreditStanding:
    """Seconds. `remaining_s` is never negative: what was used beyond the credits is in `used_s`."""

    used_s: float
    remaining_s: float


@dataclass(frozen=True, slots=True)
class CreditService:
    usage: UsageStore
    clock: Clock
    _seen: dict[str, tuple[datetime, CreditStanding]] = field(default_factory=dict, repr=False)

    def check(self, organization: Organization) -> None:
        """Raises CreditsExhausted; without credits nobody counts, and nothing is read."""
        standing = self._standing(organization)
        if standing is not None and standing.remaining_s <= 0:
            raise CreditsExhausted(
                "insufficient_api_credits", f"the organization has used its {organization.credits_s} seconds of calls"
            )

    def told(self, organization: Organization) -> CreditStanding | None:
        """At most ten seconds old; None where there are no credits, or when the store does not answer."""
        if organization.credits_s is None:
            return None
        now = self.clock.now()
        read_at, standing = self._seen.get(organization.id, (None, None))
        if read_at is not None and now - read_at < _REMEMBERED_FOR:
            return standing
        try:
            standing = self._standing(organization)
        except Unavailable:
            return None
        if standing is not None:
            self._remember(organization.id, now, standing)
        return standing

    def _standing(self, organization: Organization) -> CreditStanding | None:
        if organization.credits_s is None:
            return None
        used_s = self.usage.active_us(organization.id) / _MICROS
        return CreditStanding(used_s, max(0.0, organization.credits_s - used_s))

    def _remember(self, organization_id: str, now: datetime, standing: CreditStanding) -> None:
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen[organization_id] = (now, standing)
