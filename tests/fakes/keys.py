"""KeyStore in memory, over the keys that `MemoryAccess` finds by their hash."""

from __future__ import annotations

import threading

from core.domain.access import ApiKey, Tenant
from core.errors import WriteConflict
from core.key_ports import Keyring
from core.ports import IdempotencyRecord
from tests.fakes.stores import MemoryAccess, MemorySessions


class MemoryKeys:
    """Records lie with those of the sessions it is made with."""

    def __init__(self, access: MemoryAccess, sessions: MemorySessions | None = None) -> None:
        self._access, self._sessions = access, sessions
        self._lock = threading.Lock()
        self._versions: dict[Tenant, int] = {}

    def add(self, key: ApiKey, idempotency: IdempotencyRecord | None = None) -> None:
        with self._lock:
            if self._access.key_by_hash(key.hash) or self.find(key.tenant, key.id):
                raise WriteConflict(key.id)
            if idempotency is not None:
                assert self._sessions is not None
                self._sessions._put_record(idempotency)
            self._access.put_key(key)

    def revoke(self, revoked: ApiKey, keyring_version: int) -> None:
        with self._lock:
            held = self.find(revoked.tenant, revoked.id)
            version = self._versions.get(revoked.tenant, 0)
            if held is None or held.revoked_at is not None or version != keyring_version:
                raise WriteConflict(revoked.id)
            self._versions[revoked.tenant] = version + 1
            self._access.put_key(revoked)

    def find(self, tenant: Tenant, key_id: str) -> ApiKey | None:
        return next((key for key in self._of(tenant) if key.id == key_id), None)

    def keyring(self, tenant: Tenant) -> Keyring:
        return Keyring(self._versions.get(tenant, 0), tuple(self._of(tenant)))

    def between(
        self, tenant: Tenant, newer_than: str | None, older_than: str | None, limit: int, *, oldest_first: bool
    ) -> list[ApiKey]:
        inside = [key for key in self._of(tenant) if (newer_than or "") < key.id < (older_than or "~")]
        return (inside if oldest_first else inside[::-1])[:limit]

    def _of(self, tenant: Tenant) -> list[ApiKey]:
        return sorted((key for key in self._access._keys.values() if key.tenant == tenant), key=lambda key: key.id)
