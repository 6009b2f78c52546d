"""The `webhooks` section: a request to the customer's server per type of event."""

from __future__ import annotations

from typing import Any

from core.domain.events import EventType
from reference.events import EVENTS, Told


def webhooks() -> dict[str, Any]:
    return {kind.value: {"post": _call(kind, told)} for kind, told in EVENTS.items()}


def _call(kind: EventType, told: Told) -> dict[str, Any]:
    narrowed = {"properties": {"type": {"const": kind.value}, "data": {"$ref": f"#/components/schemas/{told.data}"}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Event"}, narrowed]}
    return {
        "operationId": f"on_{kind.value.replace('.', '_')}",
        "tags": ["Events"],
        "summary": told.summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"2XX": {"description": "Taken. Anything else is tried again."}},
        "security": [],
    }
