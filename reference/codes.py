"""Every code that an error can carry over REST: its class, and what it means to whoever gets it.

The class gives status and type, by the table in `lambdas/rest/errors.py`. A test finds a code that is raised and not
explained here; the documents show which route gives which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.errors import (
    AuthenticationFailed,
    Conflict,
    CreditsExhausted,
    InvalidRequest,
    KallglotError,
    NotFound,
    PayloadTooLarge,
    PermissionDenied,
    RateLimited,
    Unavailable,
    UnsupportedMediaType,
    ValidationFailed,
)
from lambdas.rest.errors import TABLE, MethodNotAllowed
from lambdas.rest.route import Route


@dataclass(frozen=True, slots=True)
class Code:
    kind: type[KallglotError]
    meaning: str

    @property
    def status(self) -> int:
        return self._row[0]

    @property
    def type(self) -> str:
        return self._row[1]

    @property
    def _row(self) -> tuple[int, str]:
        return next(TABLE[cls] for cls in self.kind.__mro__ if cls in TABLE)


CODES: Mapping[str, Code] = MappingProxyType(
    {
        # The request itself.
        "invalid_request": Code(InvalidRequest, "The request cannot be read."),
        "invalid_json": Code(InvalidRequest, "The body is not one JSON object, or is nested too deeply."),
        "invalid_idempotency_key": Code(InvalidRequest, "`Idempotency-Key` must have 1 to 255 characters, once."),
        "idempotency_mismatch": Code(
            InvalidRequest, "The `Idempotency-Key` was used with another body or path. Take a new key."
        ),
        "route_not_found": Code(NotFound, "There is no such route."),
        "method_not_allowed": Code(MethodNotAllowed, "The path exists, the method does not; see the `Allow` header."),
        "payload_too_large": Code(PayloadTooLarge, "The body is larger than 256 KiB."),
        "unsupported_media_type": Code(UnsupportedMediaType, "Send the body as `application/json`, in UTF-8."),
        # Who is asking.
        "invalid_api_key": Code(AuthenticationFailed, "No API key was sent, or nobody knows it."),
        "expired_api_key": Code(AuthenticationFailed, "The API key has expired."),
        "revoked_api_key": Code(AuthenticationFailed, "The API key was revoked."),
        "insufficient_permissions": Code(PermissionDenied, "The API key lacks the scope that the route asks for."),
        "organization_inactive": Code(PermissionDenied, "The organization is suspended."),
        "insufficient_api_credits": Code(
            CreditsExhausted, "The organization's credits are used up: no call begins, those that run go on."
        ),
        "invalid_signature": Code(
            PermissionDenied, "The request was not signed by the carrier's account behind the number, or is too old."
        ),
        "request_blocked": Code(PermissionDenied, "The firewall in front of the API blocked the request."),
        # What is asked for.
        "missing_required_field": Code(ValidationFailed, "A required field is missing; `param` names it."),
        "invalid_field_value": Code(ValidationFailed, "A field is wrong, or unknown; `param` names it."),
        "invalid_mode": Code(ValidationFailed, "There is no such session mode."),
        "invalid_language_code": Code(ValidationFailed, "There is no such language; see `GET /v1/languages`."),
        "invalid_provider": Code(ValidationFailed, "There is no such telephony provider."),
        "no_route": Code(ValidationFailed, "The organization has no telephony that fits what is asked for."),
        # What is there.
        "session_not_found": Code(NotFound, "There is no such session in this organization and environment."),
        "number_not_found": Code(NotFound, "No organization of this deployment has this number."),
        "recording_not_found": Code(NotFound, "There is no such recording, or no more: deleted or expired."),
        "recording_failed": Code(NotFound, "Nothing was recorded, so there is nothing to hear."),
        "ai_agent_not_found": Code(NotFound, "There is no such agent in this organization and environment."),
        "ai_agent_version_not_found": Code(NotFound, "The agent has no such version, or no more: fifty are kept."),
        "api_key_not_found": Code(NotFound, "There is no such API key in this organization and environment."),
        "sip_credential_not_found": Code(NotFound, "There is no such SIP credential in this environment."),
        # Somebody else was first.
        "idempotency_conflict": Code(Conflict, "The first request with this key is still running. Try again."),
        "ai_agent_busy": Code(Conflict, "The agent keeps changing under the request. Try again."),
        "session_busy": Code(Conflict, "The session keeps changing under the request. Try again."),
        "session_ended": Code(Conflict, "The session has ended."),
        "too_many_legs": Code(Conflict, "The session has as many telephone calls as it may."),
        "tool_call_not_found": Code(NotFound, "The session has no such tool call."),
        "tool_call_closed": Code(Conflict, "The tool call has another answer already, or its time is over."),
        "webhook_endpoint_not_found": Code(NotFound, "There is no such webhook endpoint in this environment."),
        "webhook_delivery_not_found": Code(NotFound, "There is no such delivery, or no more: kept for thirty days."),
        "event_not_found": Code(NotFound, "There is no such event, or no more: kept for seven days."),
        "event_expired": Code(Conflict, "The delivery's event is kept no longer, so it cannot be sent again."),
        "endpoint_limit_reached": Code(Conflict, "There are as many webhook endpoints as there may be. Delete one."),
        "webhook_endpoint_disabled": Code(Conflict, "The webhook endpoint is disabled. Enable it first."),
        "webhook_endpoint_busy": Code(Conflict, "The webhook endpoint is changing under the request. Try again."),
        "knowledge_base_not_found": Code(NotFound, "There is no such knowledge base in this environment."),
        "document_not_found": Code(NotFound, "There is no such document in this knowledge base."),
        "knowledge_base_limit_reached": Code(
            Conflict, "There are as many knowledge bases as there may be. Delete one."
        ),
        "document_limit_reached": Code(
            Conflict, "The knowledge base has as many documents as it may have. Delete one, or make another base."
        ),
        "document_busy": Code(Conflict, "The document is changing under the request. Try again."),
        "last_managing_key": Code(Conflict, "Nobody could manage keys any more. Create another such key first."),
        "keys_busy": Code(Conflict, "The keys keep changing under the request. Try again."),
        "sip_username_taken": Code(Conflict, "Another SIP credential of this environment has this username."),
        "sip_credential_limit_reached": Code(Conflict, "There are as many SIP credentials as there may be."),
        "sip_settings_busy": Code(Conflict, "The settings for SIP are changing under the request. Try again."),
        "too_many_calls": Code(Conflict, "As many calls by SIP run as the environment allows at once."),
        "recording_not_finished": Code(Conflict, "The recording is not finished yet. Try again."),
        # Not the request's fault.
        "rate_limit_exceeded": Code(RateLimited, "Too many requests. Wait for as long as `Retry-After` says."),
        "concurrent_session_limit_exceeded": Code(
            RateLimited, "As many sessions run as the organization may have at once. End one, or try again later."
        ),
        "internal_error": Code(KallglotError, "Something failed on our side."),
        "dependency_unavailable": Code(Unavailable, "Something the service depends on did not answer. Try again."),
        "service_unavailable": Code(Unavailable, "The service did not answer in time. Try again."),
    }
)

_ANY = ("invalid_request", "request_blocked", "rate_limit_exceeded", "internal_error")
_UNAVAILABLE = ("dependency_unavailable", "service_unavailable")
_KEY = (
    *("invalid_api_key", "expired_api_key", "revoked_api_key"),
    *("insufficient_permissions", "organization_inactive"),
)
_BODY = (
    *("invalid_json", "payload_too_large", "unsupported_media_type"),
    *("missing_required_field", "invalid_field_value"),
)
_IDEMPOTENT = ("invalid_idempotency_key", "idempotency_mismatch", "idempotency_conflict")


def codes_of(route: Route) -> tuple[str, ...]:
    """All that `route` can answer with, in the order of `CODES`."""
    given = {*_ANY, *_UNAVAILABLE, *route.errors}
    given |= set(_KEY if route.scope else ())
    given |= set(_BODY if route.body else ())
    given |= {"invalid_field_value"} if route.query else set()
    given |= set(_IDEMPOTENT if route.idempotent else ())
    if unknown := given - CODES.keys():
        raise ValueError(f"{route.name} gives codes that nobody explains: {sorted(unknown)}")
    return tuple(code for code in CODES if code in given)


def by_status(codes: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for status in sorted({CODES[code].status for code in codes}):
        yield status, tuple(code for code in codes if CODES[code].status == status)
