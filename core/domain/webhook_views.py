"""Endpoints, deliveries and events as every client sees them: REST answers and events are made from these functions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.domain.attempts import Attempt
from core.domain.deliveries import Delivery
from core.domain.events import Event, envelope
from core.domain.replays import Replay
from core.domain.views import timestamp
from core.domain.webhooks import Endpoint, Signing


def endpoint_object(endpoint: Endpoint, now: datetime) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "url": endpoint.url,
        "events": list(endpoint.events),
        "description": endpoint.description,
        "status": "enabled" if endpoint.enabled else "disabled",
        "disabled_reason": endpoint.disabled_reason.value if endpoint.disabled_reason else None,
        "disabled_at": timestamp(endpoint.disabled_at),
        "livemode": endpoint.tenant.livemode,
        **_signing(endpoint.signing, now),
        "created_at": timestamp(endpoint.created_at),
    }


def session_secret_object(signing: Signing, now: datetime) -> dict[str, Any]:
    return {
        "object": "webhook_secret",
        **_signing(signing, now),
        "rotated_at": timestamp(signing.rotated_at),
    }


def delivery_object(delivery: Delivery) -> dict[str, Any]:
    """`url` for what goes to a session's own; `response` is the last one that came."""
    answered = next((attempt for attempt in reversed(delivery.log) if attempt.status is not None), None)
    return {
        "id": delivery.id,
        "object": "webhook_delivery",
        "endpoint_id": None if delivery.target.url else delivery.target.id,
        "url": delivery.target.url,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type.value,
        "status": delivery.status.value,
        "attempt_count": delivery.attempts,
        "attempts": [_attempt(attempt) for attempt in delivery.log],
        "response": {"status": answered.status, "excerpt": delivery.answer} if answered else None,
        "next_attempt_at": timestamp(delivery.next_attempt_at),
        "created_at": timestamp(delivery.created_at),
        "finished_at": timestamp(delivery.finished_at),
    }


def event_object(event: Event) -> dict[str, Any]:
    return {"object": "event", **envelope(event)}


def replay_object(replay: Replay, count: int) -> dict[str, Any]:
    return {
        "id": replay.id,
        "object": "webhook_replay",
        "endpoint_id": replay.endpoint_id,
        "from": timestamp(replay.since),
        "to": timestamp(replay.until),
        "types": list(replay.types),
        "only_failed": replay.only_failed,
        "event_count": count,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "at": timestamp(attempt.at),
        "outcome": attempt.outcome.value,
        "response_status": attempt.status,
        "duration_ms": attempt.duration_ms,
    }


def _signing(signing: Signing, now: datetime) -> dict[str, Any]:
    overlaps = len(signing.generations(now)) > 1
    return {
        "secret_generation": signing.generation,
        "previous_secret_until": timestamp(signing.previous_until) if overlaps else None,
    }
