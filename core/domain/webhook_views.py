"""Endpoints and deliveries as every client sees them: REST answers and events are made from these functions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.domain.views import timestamp
from core.domain.webhooks import Endpoint, Signing


def endpoint_object(endpoint: Endpoint, now: datetime) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "url": endpoint.url,
        "events": list(endpoint.events),
        "description": endpoint.description,
        "enabled": endpoint.enabled,
        "disabled_reason": endpoint.disabled_reason.value if endpoint.disabled_reason else None,
        "disabled_at": timestamp(endpoint.disabled_at),
        **_signing(endpoint.signing, now),
        "created_at": timestamp(endpoint.created_at),
    }


def _signing(signing: Signing, now: datetime) -> dict[str, Any]:
    overlaps = len(signing.generations(now)) > 1
    return {
        "secret_generation": signing.generation,
        "previous_secret_until": timestamp(signing.previous_until) if overlaps else None,
    }
