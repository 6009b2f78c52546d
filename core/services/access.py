"""Who is calling: from the text of an API key to a principal, or to the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.domain.access import ApiKey, Principal, Refusal, Scope, Tenant, api_key_hash, api_key_secret
from core.ports import AccessStore, Clock

_LONGEST_SECRET = 200


@dataclass(frozen=True, slots=True)
class AccessService:
    """`pepper` is asked for on use: the first request fetches it, not the import."""

    access: AccessStore
    pepper: Callable[[], bytes]
    clock: Clock

    def authenticate(self, secret: str | None) -> Principal | Refusal:
        key = self._key(secret)
        if key is None:
            return Refusal.UNKNOWN
        if refusal := key.refusal(self.clock.now()):
            return refusal
        organization = self.access.organization(key.tenant.organization_id)
        if organization is None or not organization.active:
            return Refusal.INACTIVE
        return Principal(key.tenant, key.id, key.scopes)

    def _key(self, secret: str | None) -> ApiKey | None:
        if not secret or not secret.startswith("sk_") or len(secret) > _LONGEST_SECRET:
            return None
        return self.access.key_by_hash(api_key_hash(self.pepper(), secret))


def issue_key(
    access: AccessStore,
    pepper: bytes,
    key_id: str,
    tenant: Tenant,
    scopes: frozenset[Scope],
    now: datetime,
    random: bytes,
) -> str:
    """Store a new key and return its text, which exists nowhere else. `random`: at least 16 bytes."""
    secret = api_key_secret(tenant.livemode, random)
    access.put_key(ApiKey(key_id, api_key_hash(pepper, secret), tenant, scopes, now, secret[-4:]))
    return secret
