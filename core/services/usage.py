"""What a tenant used, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.domain.access import Tenant
from core.domain.usage import summed, usage_report
from core.ports import Clock, UsageStore


@dataclass(frozen=True, slots=True)
class UsageService:
    usage: UsageStore
    clock: Clock

    def today(self) -> date:
        return self.clock.now().date()

    def report(self, tenant: Tenant, first: date, last: date) -> dict[str, Any]:
        """From `first` to `last`, both included, with calls that are running as far as they are metered."""
        return usage_report(first, last, summed(self.usage.additions(tenant, first, last)))
