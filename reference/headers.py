"""Headers: which answer carries which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from lambdas.rest.route import Route

_COUNT = {"type": "integer", "minimum": 0}
_SECONDS = {"type": "number", "minimum": 0}
_USED = (
    "Seconds of active calls, live and test together, up to ten seconds ago. Where the organization has credits, and "
    "the count answered."
)
_LEFT = "Seconds of active calls that are left, where the organization has credits."

HEADERS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "X-Request-ID": {
            "description": "Names this answer. Give it to support.",
            "required": True,
            "schema": {"type": "string"},
        },
        "X-RateLimit-Limit": {"description": "Requests that fit into the bucket.", "schema": _COUNT},
        "X-RateLimit-Remaining": {"description": "Requests left in the bucket.", "schema": _COUNT},
        "X-RateLimit-Reset": {
            "description": "When the bucket is full again, in seconds since 1970.",
            "schema": _COUNT,
        },
        "X-API-Credits-Remaining": {"description": _LEFT, "schema": _SECONDS},
        "X-API-Credits-Used": {"description": _USED, "schema": _SECONDS},
        "Retry-After": {"description": "Seconds after which the same call may succeed.", "schema": _COUNT},
        "Idempotency-Replayed": {
            "description": "The answer is that of an earlier request with the same `Idempotency-Key`.",
            "schema": {"type": "string", "const": "true"},
        },
        "Location": {"description": "Where to go on.", "required": True, "schema": {"type": "string", "format": "uri"}},
        "X-Content-Type-Options": {"description": "The media type is what it says.", "schema": {"const": "nosniff"}},
        "Content-Security-Policy": {"description": "What the page may do.", "schema": {"type": "string"}},
        "Cache-Control": {"description": "How long the answer may be kept.", "schema": {"type": "string"}},
    }
)
_WITH_A_KEY = (
    *("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
    *("X-API-Credits-Remaining", "X-API-Credits-Used"),
)
_RETRYABLE = frozenset({409, 429, 503})


def headers_of(route: Route, status: int) -> Iterator[str]:
    yield "X-Request-ID"
    if route.scope and status != 401:
        yield from _WITH_A_KEY
    if status in _RETRYABLE:
        yield "Retry-After"
    if status == route.status:
        yield from _of_success(route)


def _of_success(route: Route) -> Iterator[str]:
    if route.idempotent:
        yield "Idempotency-Replayed"
    if route.status == 302:
        yield "Location"
        yield "Cache-Control"
    if route.tag == "Documents":
        yield from ("Cache-Control", "X-Content-Type-Options", "Content-Security-Policy")
