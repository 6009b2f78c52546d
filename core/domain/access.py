"""Who may do what: tenants, API keys and their scopes, stream tokens.

A tenant is an organization *and* an environment: live and test keys of one organization see different data.
Neither kind of credential is stored: a key only as a keyed hash, a stream token not at all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

STREAM_TOKEN_LIFETIME = timedelta(hours=1)
_GENERATION = STREAM_TOKEN_LIFETIME / 2
_TOKEN_CHARS = 43


class Scope(StrEnum):
    SESSIONS_READ = "sessions:read"
    SESSIONS_WRITE = "sessions:write"
    RECORDINGS_READ = "recordings:read"
    RECORDINGS_DELETE = "recordings:delete"
    ANALYSIS_READ = "analysis:read"
    ANALYSIS_WRITE = "analysis:write"
    WEBHOOKS_MANAGE = "webhooks:manage"
    AGENTS_READ = "agents:read"
    AGENTS_WRITE = "agents:write"
    KEYS_MANAGE = "keys:manage"


class Refusal(StrEnum):
    """Why a key is not let in; the value is the error code a client sees."""

    UNKNOWN = "invalid_api_key"
    EXPIRED = "expired_api_key"
    REVOKED = "revoked_api_key"
    INACTIVE = "organization_inactive"


@dataclass(frozen=True, slots=True)
class Tenant:
    organization_id: str
    livemode: bool

    def __str__(self) -> str:
        return f"{self.organization_id}:{'live' if self.livemode else 'test'}"

    @classmethod
    def parse(cls, text: str) -> Tenant:
        organization_id, _, environment = text.rpartition(":")
        if not organization_id or environment not in ("live", "test"):
            raise ValueError("not a tenant")
        return cls(organization_id, environment == "live")


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: str
    hash: str
    tenant: Tenant
    scopes: frozenset[Scope]
    created_at: datetime
    last_four: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    name: str | None = None
    pepper: int = 1
    """The number of the version that it is hashed with."""

    def refusal(self, now: datetime) -> Refusal | None:
        if self.revoked_at is not None:
            return Refusal.REVOKED
        if self.expires_at is not None and self.expires_at <= now:
            return Refusal.EXPIRED
        return None


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller."""

    tenant: Tenant
    key_id: str
    scopes: frozenset[Scope]


def api_key_secret(livemode: bool, random: bytes) -> str:
    """The text a customer gets to see once; `random` is at least 16 bytes from a cryptographic source."""
    if len(random) < 16:
        raise ValueError("an API key takes at least 128 random bits")
    return f"sk_{'live' if livemode else 'test'}_{_text(random)}"


def api_key_hash(pepper: bytes, secret: str) -> str:
    """Keys are random, so a keyed fast hash is enough; the pepper keeps a stolen table useless."""
    return hmac.new(pepper, _bytes(secret), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class StreamToken:
    text: str = field(repr=False)
    expires_at: datetime


def stream_token(key: bytes, tenant: Tenant, session_id: str, created_at: datetime, now: datetime) -> StreamToken:
    """The token to hand out at `now`: the same for half a lifetime, then a fresh one (a long call reconnects so).

    Generations overlap by half a lifetime; nothing is stored, so a replayed create and a GET agree.
    """
    generation = _generation(created_at, now)
    return StreamToken(_token(key, tenant, session_id, generation), _expiry(created_at, generation))


def is_stream_token(
    keys: Iterable[bytes], text: str, tenant: Tenant, session_id: str, created_at: datetime, now: datetime
) -> bool:
    """True for the current generation and the one before it, while it lasts, by any of the keys. Constant time."""
    current, given = _generation(created_at, now), _bytes(text)
    matches = [
        hmac.compare_digest(_token(key, tenant, session_id, generation).encode(), given)
        for key in keys
        for generation in (current, current - 1)
        if generation >= 0 and now < _expiry(created_at, generation)
    ]
    return any(matches)


def _generation(created_at: datetime, now: datetime) -> int:
    return max(0, int((now - created_at) / _GENERATION))


def _expiry(created_at: datetime, generation: int) -> datetime:
    return created_at + generation * _GENERATION + STREAM_TOKEN_LIFETIME


def _token(key: bytes, tenant: Tenant, session_id: str, generation: int) -> str:
    mac = hmac.new(key, f"stream|{tenant}|{session_id}|{generation}".encode(), hashlib.sha256).digest()
    return f"kst_{'live' if tenant.livemode else 'test'}_{_text(mac)[:_TOKEN_CHARS]}"


def _bytes(text: str) -> bytes:
    """Of what somebody sent in a header: bytes that are not UTF-8 come as halves of characters."""
    return text.encode(errors="surrogatepass")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=").replace("-", "A").replace("_", "B")
