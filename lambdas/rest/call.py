"""One authorized request, as the routes see it, and the answers they give."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Principal, Refusal, Scope, Tenant
from core.errors import InvalidRequest, RateLimited
from core.services.access import check_scope, refused
from core.services.idempotency import Answer, RequestKey
from lambdas.rest.body import Body, read_body
from lambdas.rest.validation import Model, validated
from lambdas.runtime.credentials import header_values
from lambdas.runtime.wiring import Rest

LONGEST_KEY = 255
_TOLD_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "X-RateLimit-Limit": "rate_limit",
        "X-RateLimit-Remaining": "rate_remaining",
        "X-RateLimit-Reset": "rate_reset",
        "X-API-Credits-Remaining": "credits_remaining",
        "X-API-Credits-Used": "credits_used",
    }
)


@dataclass(frozen=True, slots=True)
class Call:
    """`route` is the method and the path with its placeholders: what an idempotency key is scoped to.

    `caller` is None on a route that asks for no API key, which has no business with `principal` or `tenant`.
    """

    event: Mapping[str, Any]
    services: Rest
    caller: Principal | None
    route: str

    @property
    def principal(self) -> Principal:
        if self.caller is None:
            raise TypeError("this route asks for no API key, so nobody is known")
        return self.caller

    @property
    def tenant(self) -> Tenant:
        return self.principal.tenant

    def query(self, name: str) -> str | None:
        return (self.event.get("queryStringParameters") or {}).get(name)

    def asked(self, model: type[Model], *, optional: bool = False) -> tuple[Model, RequestKey | None]:
        """The body, and the key of a request that may be repeated.

        Raises UnsupportedMediaType, PayloadTooLarge, InvalidRequest or ValidationFailed.
        """
        body = read_body(self.event, optional=optional)
        key = self._request_key(body)
        return validated(model, body.raw), key

    def _request_key(self, body: Body) -> RequestKey | None:
        """Another path or another body under the same key is another request."""
        values = header_values(self.event, "idempotency-key")
        if not values:
            return None
        if len(set(values)) > 1 or not 1 <= len(values[0]) <= LONGEST_KEY:
            raise InvalidRequest("invalid_idempotency_key", "one Idempotency-Key of 1 to 255 characters is expected")
        seen = hashlib.sha256(f"{self.event['httpMethod']} {self.event['path']}\n".encode() + body.canonical)
        return RequestKey(self.route, values[0], seen.hexdigest())


def principal(event: Mapping[str, Any], scope: Scope) -> Principal:
    """The authorizer's verdict; without one nobody passes.

    Raises AuthenticationFailed, PermissionDenied or RateLimited.
    """
    context = _verdict(event)
    if not context.get("org"):
        raise refused(Refusal(context.get("refusal", Refusal.UNKNOWN)))
    if "retry_after" in context:
        raise RateLimited("rate_limit_exceeded", "too many requests", retry_after_s=int(context["retry_after"]))
    scopes = frozenset(Scope(name) for name in str(context["scopes"]).split())
    check_scope(scopes, scope)
    return Principal(Tenant(context["org"], context["livemode"] == "true"), context["key_id"], scopes)


def told_headers(event: Mapping[str, Any]) -> dict[str, str]:
    """Of the caller's rate and credits, as the authorizer found them; what nothing answered it is left out."""
    context = _verdict(event)
    told = {name: context.get(key) for name, key in _TOLD_HEADERS.items()}
    return {name: str(value) for name, value in told.items() if value is not None}


def _verdict(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the authorizer said; nothing where none was asked."""
    return (event.get("requestContext") or {}).get("authorizer") or {}


def json_response(body: Mapping[str, Any], status: int = 200, **headers: str) -> Response[str]:
    return Response(status, "application/json", json.dumps(body, ensure_ascii=False), headers)


def answer_response(answer: Answer) -> Response[str]:
    response = json_response(answer.body, answer.status)
    if answer.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response
