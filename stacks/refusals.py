"""What API Gateway itself says no with, in the error envelope of the contract: refused before any function runs."""

from __future__ import annotations

import json
from dataclasses import dataclass

from aws_cdk import aws_apigateway as apigateway

_REQUEST_ID = "$context.requestId"


@dataclass(frozen=True)
class Refusal:
    """`kind` is API Gateway's name of the case; `type` and `code` are the contract's (section 3)."""

    kind: str
    status: int
    type: str
    code: str
    message: str
    retry_after_s: int | None = None

    def add_to(self, api: apigateway.RestApi, docs_url: str) -> None:
        headers = {"X-Request-ID": "context.requestId"}
        if self.retry_after_s is not None:
            headers["Retry-After"] = f"'{self.retry_after_s}'"
        api.add_gateway_response(
            self.kind,
            type=apigateway.ResponseType.of(self.kind),
            status_code=str(self.status),
            response_headers=headers,
            templates={"application/json": self.body(docs_url)},
        )

    def body(self, docs_url: str) -> str:
        error = {
            "type": self.type,
            "code": self.code,
            "message": self.message,
            "param": None,
            "request_id": _REQUEST_ID,
            "doc_url": f"{docs_url}/errors#{self.code}",
            "retry_after": self.retry_after_s,
        }
        return json.dumps({"error": error}, separators=(",", ":"))


_UNKNOWN_KEY = ("authentication_error", "invalid_api_key", "No valid API key was given.")
_DENIED = ("permission_error", "insufficient_permissions", "This API key may not do that.")
_UNREADABLE = ("invalid_request_error", "invalid_request", "The request cannot be read.")
_OURS = ("api_error", "internal_error", "Something failed on our side.")
_LATE = ("api_error", "service_unavailable", "The service did not answer in time.")

REFUSALS = (
    Refusal("DEFAULT_4XX", 400, *_UNREADABLE),
    Refusal("BAD_REQUEST_BODY", 400, *_UNREADABLE),
    Refusal("BAD_REQUEST_PARAMETERS", 400, *_UNREADABLE),
    Refusal("UNAUTHORIZED", 401, *_UNKNOWN_KEY),
    Refusal("INVALID_API_KEY", 401, *_UNKNOWN_KEY),
    Refusal("INVALID_SIGNATURE", 401, *_UNKNOWN_KEY),
    Refusal("EXPIRED_TOKEN", 401, *_UNKNOWN_KEY),
    Refusal("ACCESS_DENIED", 403, *_DENIED),
    Refusal("WAF_FILTERED", 403, "permission_error", "request_blocked", "The request was blocked."),
    # API Gateway says "missing authentication token" when it means that there is no such route.
    Refusal("MISSING_AUTHENTICATION_TOKEN", 404, "not_found_error", "route_not_found", "There is no such route."),
    Refusal("RESOURCE_NOT_FOUND", 404, "not_found_error", "route_not_found", "There is no such route."),
    Refusal("REQUEST_TOO_LARGE", 413, "invalid_request_error", "payload_too_large", "The body is too large."),
    Refusal("UNSUPPORTED_MEDIA_TYPE", 415, "invalid_request_error", "unsupported_media_type", "Send application/json."),
    Refusal("THROTTLED", 429, "rate_limit_error", "rate_limit_exceeded", "Too many requests.", 1),
    Refusal("QUOTA_EXCEEDED", 429, "rate_limit_error", "rate_limit_exceeded", "Too many requests.", 60),
    Refusal("DEFAULT_5XX", 500, *_OURS),
    Refusal("API_CONFIGURATION_ERROR", 500, *_OURS),
    Refusal("AUTHORIZER_CONFIGURATION_ERROR", 500, *_OURS),
    Refusal("AUTHORIZER_FAILURE", 500, *_OURS),
    Refusal("INTEGRATION_FAILURE", 503, *_LATE, 1),
    Refusal("INTEGRATION_TIMEOUT", 503, *_LATE, 1),
)
