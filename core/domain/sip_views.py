"""What a tenant has set for calls by SIP, as the API shows it. No password, and no hash of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.domain.access import Tenant
from core.domain.sip import REALM, Credential, Sip, Trunk
from core.domain.views import timestamp


def sip_object(tenant: Tenant, sip: Sip, domain: str) -> dict[str, Any]:
    """`domain` is what PBXs call; empty where the deployment takes no calls by SIP."""
    return {
        "object": "sip",
        "livemode": tenant.livemode,
        "uri": f"sip:{{session_id}}@{domain}" if domain else None,
        "needs_password": sip.needs_digest,
        "allowed_networks": list(sip.networks),
        "max_calls": sip.max_calls,
        "trunk": _trunk(sip.trunk) if sip.trunk else None,
    }


def credential_object(tenant: Tenant, credential: Credential, now: datetime) -> dict[str, Any]:
    until = credential.previous_until
    return {
        "id": credential.id,
        "object": "sip_credential",
        "livemode": tenant.livemode,
        "username": credential.username,
        "realm": REALM,
        "created_at": timestamp(credential.created_at),
        "rotated_at": timestamp(credential.rotated_at),
        "previous_password_until": timestamp(until) if until is not None and now < until else None,
    }


def _trunk(trunk: Trunk) -> dict[str, Any]:
    return {
        "uri": trunk.uri,
        "transport": trunk.transport.value,
        "username": trunk.username,
        "from_uri": trunk.from_uri,
    }
