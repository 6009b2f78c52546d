"""Parameters: of the path by name, of the query from the route's model, and the header that makes a POST safe."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from lambdas.rest.call import LONGEST_KEY
from lambdas.rest.documents import PAGES
from lambdas.rest.route import Route

IDEMPOTENCY_KEY = "IdempotencyKey"

# A placeholder of a path → what it is called in a sentence, and the prefix of such an id.
_IDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "session_id": ("session", "sess_"),
        "recording_id": ("recording", "rec_"),
        "agent_id": ("agent", "agt_"),
        "key_id": ("API key", "key_"),
        "endpoint_id": ("webhook endpoint", "wh_"),
        "credential_id": ("SIP credential", "sipc_"),
        "delivery_id": ("webhook delivery", "wh_del_"),
        "event_id": ("event", "evt_"),
        "base_id": ("knowledge base", "kb_"),
        "document_id": ("document", "doc_"),
    }
)

_OTHERS: Mapping[str, tuple[str, dict[str, Any]]] = MappingProxyType(
    {
        "version": ("Which version.", {"type": "string", "pattern": "^[1-9][0-9]{0,7}$"}),
        "page": ("Which page, or which part of one.", {"type": "string", "enum": list(PAGES)}),
    }
)

COMPONENTS: Mapping[str, Any] = MappingProxyType(
    {
        IDEMPOTENCY_KEY: {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Repeating a request with the same key within 24 hours returns its first answer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
            "example": "unique-request-12345",
        }
    }
)


def parameters_of(route: Route) -> list[dict[str, Any]]:
    found = [_of_path(name) for name in route.parameters]
    found += _of_query(route.query) if route.query else []
    if route.idempotent:
        found.append({"$ref": f"#/components/parameters/{IDEMPOTENCY_KEY}"})
    return found


def _of_path(name: str) -> dict[str, Any]:
    description, schema = _OTHERS[name] if name in _OTHERS else _id(*_IDS[name])
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _id(noun: str, prefix: str) -> tuple[str, dict[str, Any]]:
    schema = {"type": "string", "pattern": f"^{prefix}[0-9A-Za-z]{{1,40}}$"}
    return f"The id of the {noun}, `{prefix}…`.", schema


def _of_query(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": field.pop("description"),
            "schema": _inlined(_without_null(field), definitions),
        }
        for name, field in schema["properties"].items()
    ]


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: what is left out is left out."""
    kinds = [kind for kind in field.pop("anyOf", []) if kind != {"type": "null"}]
    if field.get("default", ...) is None:
        field.pop("default")
    field.pop("title", None)
    return field | (kinds[0] if kinds else {})


def _inlined(field: dict[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" not in field:
        return field
    named = dict(definitions[field.pop("$ref").rpartition("/")[2]])
    return {key: value for key, value in named.items() if key not in ("title", "description")} | field
