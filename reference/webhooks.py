"""The `webhooks` section: a request to the customer's server per type of event."""

from __future__ import annotations

from typing import Any

from core.domain.events import EventType
from reference.events import EVENTS, Told

_HEADERS = (
    ("Kallglot-Signature", "`t=<unix>,v1=<hex>`: HMAC-SHA256 of `<unix>.<body>`; two `v1` while a secret is rotated."),
    ("Kallglot-Webhook-Id", "Names the delivery, `wh_del_…`; the same in every attempt."),
    ("Kallglot-Retry-Count", "How many attempts there were before this one."),
    ("Kallglot-Original-Timestamp", "When the first attempt was due, in seconds since 1970."),
)


def webhooks() -> dict[str, Any]:
    return {kind.value: {"post": _call(kind, told)} for kind, told in EVENTS.items()}


def body(kind: EventType) -> dict[str, Any]:
    """The schema of what is posted for an event of this type."""
    of_a_session = kind.is_watched or kind.value.startswith("analysis.")
    narrowed = {
        "type": {"const": kind.value},
        "session_id": {"type": "string" if of_a_session else "null"},
        "sequence": {"type": "integer" if of_a_session else "null"},
        "data": {"$ref": f"#/components/schemas/{EVENTS[kind].data}"},
    }
    return {"allOf": [{"$ref": "#/components/schemas/Event"}, {"properties": narrowed}]}


def _call(kind: EventType, told: Told) -> dict[str, Any]:
    return {
        "operationId": f"on_{kind.value.replace('.', '_')}",
        "tags": ["Events"],
        "summary": told.summary,
        "parameters": [_header(*header) for header in _HEADERS],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body(kind)}}},
        "responses": {
            "2XX": {"description": "Taken, if it comes within 30 seconds. Anything else is tried again."},
            "410": {"description": "The endpoint is disabled and gets nothing more."},
        },
        "security": [],
    }


def _header(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": description, "schema": {"type": "string"}}
