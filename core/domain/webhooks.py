"""Endpoints: where a tenant's events go, which of them, and what they are signed with.

No secret is stored. It is derived from a key of the deployment, the tenant, whose secret it is, and a generation that
grows when it is rotated; for a while after that the generation before it signs too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.access import Tenant
from core.domain.deliveries import Delivery, Target
from core.domain.events import Event, EventType
from core.domain.targets import RefusedTarget, target_url

MOST_ENDPOINTS = 16
EVERYTHING = "*"
DEFAULT_OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=7)
SIGNATURE_HEADER = "Kallglot-Signature"
SESSION_URLS = "session_urls"
"""Whose secret signs what goes to sessions' own URLs: one for the tenant."""


class DisabledReason(StrEnum):
    """Why we stopped delivering; an endpoint that its owner disabled has none."""

    GONE = "gone"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Signing:
    """Which generation of a secret signs; the one before it does too until `previous_until`."""

    generation: int = 1
    rotated_at: datetime | None = None
    previous_until: datetime | None = None

    def generations(self, now: datetime) -> tuple[int, ...]:
        overlaps = self.previous_until is not None and now < self.previous_until
        return (self.generation, self.generation - 1) if overlaps else (self.generation,)

    def rotated(self, now: datetime, overlap: timedelta) -> Signing:
        return Signing(self.generation + 1, now, now + overlap)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`events` are types, `noun.*`, or `*`. `version` grows with every stored write."""

    id: str
    tenant: Tenant
    url: str
    created_at: datetime
    events: tuple[str, ...] = (EVERYTHING,)
    description: str | None = None
    enabled: bool = True
    disabled_reason: DisabledReason | None = None
    disabled_at: datetime | None = None
    signing: Signing = Signing()
    version: int = 0

    def wants(self, kind: EventType) -> bool:
        return self.enabled and any(covers(pattern, kind) for pattern in self.events)


def filters() -> frozenset[str]:
    """Everything that an endpoint may ask for."""
    public = {kind.value for kind in EventType if not kind.is_internal}
    return frozenset({EVERYTHING, *public, *(f"{kind.partition('.')[0]}.*" for kind in public)})


def given_up(endpoint: Endpoint, reason: DisabledReason, now: datetime) -> Endpoint:
    return replace(endpoint, enabled=False, disabled_reason=reason, disabled_at=now)


def enabled_again(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, enabled=True, disabled_reason=None, disabled_at=None)


def targets_of(event: Event, endpoints: Iterable[Endpoint]) -> tuple[Target, ...]:
    """Who gets this event. A test goes to the endpoint it is about; a session's own URL stands for all endpoints."""
    if event.type is EventType.WEBHOOK_TEST:
        about = event.data.get("id")
        return tuple(Target(endpoint.id) for endpoint in endpoints if endpoint.id == about)
    if event.webhook_url is not None:
        return (session_target(event.tenant, event.webhook_url),)
    return tuple(Target(endpoint.id) for endpoint in endpoints if endpoint.wants(event.type))


def session_target(tenant: Tenant, url: str) -> Target:
    """All URLs of one server fare alike, so they are one target: their breaker, their limit and their group."""
    try:
        server = target_url(url, local=True).origin
    except RefusedTarget:
        server = url  # taken by an earlier rule; the attempt will say so
    return Target(f"url_{hashlib.sha256(f'{tenant}|{server}'.encode()).hexdigest()[:26]}", url)


def signing_secret(key: bytes, tenant: Tenant, owner: str, generation: int) -> str:
    """`owner` is an endpoint's id, or SESSION_URLS."""
    mac = hmac.new(key, f"webhook|{tenant}|{owner}|{generation}".encode(), hashlib.sha256).digest()
    return f"whsec_{base64.urlsafe_b64encode(mac).decode().rstrip('=').replace('-', 'A').replace('_', 'B')}"


def signature(secrets: Sequence[str], body: bytes, at: datetime) -> str:
    """`t=<unix>,v1=<hex>`, one `v1` for each secret; of `<unix>.<body>`."""
    moment = str(int(at.timestamp()))
    macs = (hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256) for secret in secrets)
    return ",".join([f"t={moment}", *(f"v1={mac.hexdigest()}" for mac in macs)])


def headers(delivery: Delivery, secrets: Sequence[str], body: bytes, at: datetime) -> dict[str, str]:
    """Of the attempt that is about to be made."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Kallglot-Webhooks/1",
        SIGNATURE_HEADER: signature(secrets, body, at),
        "Kallglot-Webhook-Id": delivery.id,
        "Kallglot-Retry-Count": str(delivery.attempts),
        "Kallglot-Original-Timestamp": str(int(delivery.created_at.timestamp())),
    }


def covers(pattern: str, kind: EventType) -> bool:
    if pattern.endswith(".*"):
        return kind.value.startswith(pattern[:-1])
    return pattern in (EVERYTHING, kind.value)
