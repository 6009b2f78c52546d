"""Whether a URL may be registered: by its text, and by where its name leads today. What it leads to later is looked at
again with every attempt."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.access import Tenant
from core.domain.targets import RefusedTarget, TargetUrl, may_connect, target_url
from core.errors import invalid_field
from core.webhook_ports import Resolver

_RESOLVED_WITHIN_S = 3.0


@dataclass(frozen=True, slots=True)
class TargetCheck:
    """`local` lets test keys name loopback."""

    resolver: Resolver
    local: bool

    def text(self, tenant: Tenant, url: str, param: str) -> TargetUrl:
        """Asks nobody: a call must not wait, or fail, because a resolver does not answer. Raises ValidationFailed."""
        try:
            return target_url(url, local=self._is_local(tenant))
        except RefusedTarget as refused:
            raise invalid_field(param, refused.why) from None

    def reachable(self, tenant: Tenant, url: str, param: str) -> None:
        """Raises ValidationFailed when the name does not lead to public addresses, and to nothing else."""
        parts = self.text(tenant, url, param)
        try:
            addresses = self.resolver.resolve(parts.host, _RESOLVED_WITHIN_S)
        except TimeoutError:
            raise invalid_field(param, "names a host whose address could not be found in time") from None
        if not addresses:
            raise invalid_field(param, "names a host that has no address")
        local = self._is_local(tenant)
        if not all(may_connect(address, scheme=parts.scheme, local=local) for address in addresses):
            raise invalid_field(param, "must lead to public addresses only")

    def _is_local(self, tenant: Tenant) -> bool:
        return self.local and not tenant.livemode
