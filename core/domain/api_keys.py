"""API keys as their organization manages them: made, shown, revoked; never changed and never deleted."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from core.domain.access import ApiKey, Scope, Tenant
from core.domain.views import timestamp

NONCE_BYTES = 16
_RANDOM_BYTES = 24


def key_random(pepper: bytes, tenant: Tenant, key_id: str, nonce: bytes) -> bytes:
    """What a new key's text is made of: the same whenever it is asked for with the same nonce, and only then.

    Whoever has the pepper and no nonce learns nothing, and whoever has the nonce and no pepper neither.
    """
    about = f"api key|{tenant}|{key_id}|".encode()
    return hmac.new(pepper, about + nonce, hashlib.sha256).digest()[:_RANDOM_BYTES]


def api_key_object(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "object": "api_key",
        "name": key.name,
        "livemode": key.tenant.livemode,
        "scopes": sorted(key.scopes),
        "last_four": key.last_four,
        "created_at": timestamp(key.created_at),
        "expires_at": timestamp(key.expires_at),
        "revoked_at": timestamp(key.revoked_at),
    }


def is_last_manager(key: ApiKey, keys: Iterable[ApiKey], now: datetime) -> bool:
    """Whether without `key` nobody of its tenant could manage keys any more."""
    return _manages(key, now) and not any(_manages(other, now) for other in keys if other.id != key.id)


def _manages(key: ApiKey, now: datetime) -> bool:
    return Scope.KEYS_MANAGE in key.scopes and key.refusal(now) is None
