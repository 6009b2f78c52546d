"""What managing API keys needs of the world; the rules of `core.ports` hold here too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.domain.access import ApiKey, Tenant
from core.ports import IdempotencyRecord


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys of a tenant. `version` grows with every revocation."""

    version: int
    keys: tuple[ApiKey, ...]


class KeyStore(Protocol):
    """Strongly consistent; another tenant's key is simply not there."""

    def add(self, key: ApiKey, idempotency: IdempotencyRecord | None = None) -> None:
        """The key, its place in the list and the record, or nothing. Raises IdempotencyKeyTaken or WriteConflict."""
        ...

    def revoke(self, revoked: ApiKey, keyring_version: int) -> None:
        """Raises WriteConflict when it was revoked already, or when another key was since the ring was read."""
        ...

    def find(self, tenant: Tenant, key_id: str) -> ApiKey | None: ...

    def keyring(self, tenant: Tenant) -> Keyring: ...

    def between(
        self, tenant: Tenant, newer_than: str | None, older_than: str | None, limit: int, *, oldest_first: bool
    ) -> list[ApiKey]:
        """At most `limit` of those whose ids lie between the two, without them, from the newest or the oldest end."""
        ...
