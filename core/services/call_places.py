"""Places for calls by SIP, where a tenant may have only so many at once, on however many gateways.

A place is a lease: its gateway renews it while the call lives, so that the calls of one that died free themselves.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from random import Random

from core.domain.access import Tenant
from core.domain.sip import LEASE, Lease, free_leases
from core.errors import Conflict, Unavailable
from core.ports import Clock
from core.sip_ports import CallLeases

# Of a hundred that want the last hundred places at once, each has one by then.
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class CallPlaces:
    leases: CallLeases
    clock: Clock
    random: Random

    def take(self, tenant: Tenant, most: int | None, leg_id: str) -> None:
        """Any that is free: those who come at once should not want the same. Raises Conflict `too_many_calls`."""
        if most is None:
            return
        for _ in range(_ATTEMPTS):
            now = self.clock.now()
            free = free_leases(self.leases.taken(tenant), most, now)
            if not free:
                raise Conflict("too_many_calls", f"at most {most} calls by SIP may run at once")
            if self.leases.take(tenant, Lease(self.random.choice(free), leg_id, now + LEASE), now):
                return
        raise Unavailable("dependency_unavailable", "too many calls begin at once", retry_after_s=1)

    def renew(self, tenant: Tenant, leg_ids: Collection[str]) -> None:
        """Of those that have one. A call that lost its place goes on without."""
        until = self.clock.now() + LEASE
        for lease in self._of(tenant, leg_ids):
            self.leases.renew(tenant, replace(lease, expires_at=until))

    def give_up(self, tenant: Tenant, leg_id: str) -> None:
        for lease in self._of(tenant, (leg_id,)):
            self.leases.give_up(tenant, lease)

    def _of(self, tenant: Tenant, leg_ids: Collection[str]) -> list[Lease]:
        return [lease for lease in self.leases.taken(tenant) if lease.leg_id in leg_ids]
