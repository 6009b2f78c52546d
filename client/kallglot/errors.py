"""Everything that goes wrong, as one hierarchy.

    KallglotError
    ├── ConnectionFailed            nothing answered, or only in part
    │   └── TimedOut                not within the time that was given
    ├── UnexpectedAnswer            something answered that is not this API
    ├── ApiError                    the API refused: status, type, code, param, request_id, retry_after_s
    │   ├── InvalidRequest          400 405 413 415
    │   │   └── IdempotencyMismatch 400, the key was used for another request
    │   ├── AuthenticationFailed    401
    │   ├── PermissionDenied        403
    │   │   └── CreditsExhausted    402
    │   ├── NotFound                404
    │   ├── Conflict                409
    │   ├── ValidationFailed        422, `param` names the field
    │   ├── RateLimited             429
    │   └── ServerFailed            5xx
    ├── SignatureInvalid            a webhook that is not ours
    ├── RecordingFailed             there is nothing to download
    └── StreamClosed                a call's socket was closed for good; see `kallglot.stream`

No message holds a key, a token or what was said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kallglot.exchange.envelope import envelope, retry_after_s
from kallglot.exchange.steps import Answer, Fault


class KallglotError(Exception):
    """The root; `except KallglotError` catches whatever this package raises of its own."""


class ConnectionFailed(KallglotError):
    """The API could not be reached, as often as it was tried."""


class TimedOut(ConnectionFailed):
    """No answer came within the attempt's time, or within the deadline of them all."""


class UnexpectedAnswer(KallglotError):
    """An answer that is not this API's: usually the address is another server's, or a proxy's page came instead."""


class SignatureInvalid(KallglotError):
    """A webhook's signature is missing, wrong or too old: do not act on it."""


class RecordingFailed(KallglotError):
    """The call left no audio, or what was downloaded is not what was announced."""


class ApiError(KallglotError):
    """A refusal, in the words of the error envelope."""

    def __init__(self, status: int, error: Mapping[str, Any], retry_after_s: float | None = None) -> None:
        self.status = status
        self.type = str(error.get("type") or "")
        self.code = str(error.get("code") or "unexpected_answer")
        self.message = str(error.get("message") or "the answer wears no error envelope")
        self.param: str | None = error.get("param")
        self.request_id: str | None = error.get("request_id")
        self.doc_url: str | None = error.get("doc_url")
        self.retry_after_s = retry_after_s
        super().__init__(self._told())

    def _told(self) -> str:
        place = f" ({self.param})" if self.param and self.param not in self.message else ""
        request = f" [{self.request_id}]" if self.request_id else ""
        return f"{self.status} {self.code}: {self.message}{place}{request}"


class InvalidRequest(ApiError):
    """The request itself is wrong: its path, method, size, type or JSON."""


class IdempotencyMismatch(InvalidRequest):
    """This idempotency key was used before, for another request."""


class AuthenticationFailed(ApiError):
    """The key is missing, unknown, expired or revoked; `code` says which."""


class PermissionDenied(ApiError):
    """The key lacks a scope, or its organization is not active."""


class CreditsExhausted(PermissionDenied):
    """The organization has used up its credits."""


class NotFound(ApiError):
    """There is no such object, or it is another organization's or the other environment's."""


class Conflict(ApiError):
    """Not now: the object is in another state. With `retry_after_s`, the same call may succeed later."""


class ValidationFailed(ApiError):
    """A field of the body or the query is wrong: `param` is its dotted path."""


class RateLimited(ApiError):
    """Too many calls, and waiting longer than the deadline allows would be needed."""


class ServerFailed(ApiError):
    """Something failed on the server's side, as often as it was tried."""


_BY_CODE: Mapping[str, type[ApiError]] = {"idempotency_mismatch": IdempotencyMismatch}
_BY_STATUS: Mapping[int, type[ApiError]] = {
    401: AuthenticationFailed,
    402: CreditsExhausted,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    422: ValidationFailed,
    429: RateLimited,
}
_BY_TYPE: Mapping[str, type[ApiError]] = {
    "authentication_error": AuthenticationFailed,
    "permission_error": PermissionDenied,
    "not_found_error": NotFound,
    "conflict_error": Conflict,
    "validation_error": ValidationFailed,
    "rate_limit_error": RateLimited,
    "invalid_request_error": InvalidRequest,
    "api_error": ServerFailed,
}


def refusal(answer: Answer, wall_s: float) -> ApiError:
    """By its code, its status, its type; a newer server's unknown ones fall to what their hundred means."""
    error = envelope(answer)
    known = (
        _BY_CODE.get(str(error.get("code"))) or _BY_STATUS.get(answer.status) or _BY_TYPE.get(str(error.get("type")))
    )
    kind = known or (ServerFailed if answer.status >= 500 else InvalidRequest)
    request_id = error.get("request_id") or answer.headers.get("x-request-id")
    return kind(answer.status, {**error, "request_id": request_id}, retry_after_s(answer, wall_s))


def failure(fault: Fault) -> ConnectionFailed:
    return TimedOut(fault.why) if fault.timed_out else ConnectionFailed(fault.why)
