"""Errors as HTTP, in one table; looked up along the class hierarchy, so that a new leaf needs no row."""

from __future__ import annotations

from collections.abc import Mapping
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


class MethodNotAllowed(InvalidRequest):
    """The path exists, this method on it does not."""


TABLE: Mapping[type[KallglotError], tuple[int, str]] = MappingProxyType(
    {
        InvalidRequest: (400, "invalid_request_error"),
        AuthenticationFailed: (401, "authentication_error"),
        CreditsExhausted: (402, "permission_error"),
        PermissionDenied: (403, "permission_error"),
        NotFound: (404, "not_found_error"),
        MethodNotAllowed: (405, "invalid_request_error"),
        Conflict: (409, "conflict_error"),
        PayloadTooLarge: (413, "invalid_request_error"),
        UnsupportedMediaType: (415, "invalid_request_error"),
        ValidationFailed: (422, "validation_error"),
        RateLimited: (429, "rate_limit_error"),
        Unavailable: (503, "api_error"),
        KallglotError: (500, "api_error"),
    }
)


@dataclass(frozen=True, slots=True)
class Failure:
    """What a client is told. `unexpected` is all it learns of a bug."""

    status: int
    type: str
    code: str
    message: str
    param: str | None = None
    retry_after_s: int | None = None

    def body(self, request_id: str, docs_url: str | None) -> dict[str, object]:
        """`docs_url` is where the page of the API is; None where no client sees the link."""
        error = {
            "type": self.type,
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "request_id": request_id,
            "doc_url": f"{docs_url}/errors#{self.code}" if docs_url else None,
            "retry_after": self.retry_after_s,
        }
        return {"error": error}


UNEXPECTED = Failure(500, "api_error", "internal_error", "Something failed on our side.")


def failure_of(error: KallglotError) -> Failure:
    status, kind = next(TABLE[cls] for cls in type(error).__mro__ if cls in TABLE)
    return Failure(status, kind, error.code, error.message, error.param, error.retry_after_s)
