"""A request for every route, out of the route table: a route that is added is asked here too, or a test fails."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from core.domain.access import Scope
from lambdas.rest.app import ROUTES
from lambdas.rest.route import Route

WITH_A_KEY = tuple(route for route in ROUTES if route.scope)
# Whose path names something that belongs to somebody.
NAMING = tuple(route for route in WITH_A_KEY if route.parameters)
# What a route needs in its body to come as far as looking for what its path names, or as making something.
_BODIES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "POST /v1/sessions": {"mode": "help_chat_voice", "source_language": "en", "target_language": "es"},
        "POST /v1/agents": {"name": "Ada", "system_prompt": "Be kind."},
        "POST /v1/sessions/<session_id>/tool_results": {"call_id": "call_1", "result": "done"},
        "POST /v1/sessions/<session_id>/dial": {"to": "+14155550123"},
        "POST /v1/knowledge_bases": {"name": "Help"},
        "POST /v1/knowledge_bases/<base_id>/documents": {
            "name": "Hours",
            "content_type": "text/plain",
            "text": "We open at nine.",
        },
        "POST /v1/webhook_endpoints": {"url": "https://hooks.example.com/kallglot"},
    }
)


def scopes_of(*scopes: Scope) -> str:
    return " ".join(scopes)


def path_of(route: Route, named: Mapping[str, str]) -> str:
    """KeyError for a placeholder that nobody has told the test about."""
    return re.sub("<([a-z_]+)>", lambda found: named[found[1]], route.path)


def body_of(route: Route, now: datetime) -> Mapping[str, Any] | None:
    if route.name == "POST /v1/webhook_endpoints/<endpoint_id>/replay":
        return {"from": (now - timedelta(hours=1)).isoformat()}
    if route.body is None:
        return None
    return _BODIES.get(route.name, {})
