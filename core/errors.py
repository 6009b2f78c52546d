"""Everything that can be wrong, as facts. Edges turn a class into a status or a socket message, in one table each.

KallglotError
├── InvalidRequest            400  the request cannot be read, or contradicts itself
│   ├── UnsupportedMediaType  415
│   └── PayloadTooLarge       413
├── AuthenticationFailed      401
├── PermissionDenied          403
├── CreditsExhausted          402
├── NotFound                  404
├── Conflict                  409  somebody else was first; with `retry_after_s` the same call may succeed later
├── ValidationFailed          422  understood, and not acceptable; `param` names the field
├── RateLimited               429
└── Unavailable               503  a dependency failed; always retryable

Messages name fields and identifiers, never a secret, a transcript or a phone number.
"""

from __future__ import annotations


class KallglotError(Exception):
    """Base of all; `code` is what clients program against, `retry_after_s` what they should wait."""

    retryable = False

    def __init__(self, code: str, message: str, *, param: str | None = None, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.retry_after_s = retry_after_s


class InvalidRequest(KallglotError):
    pass


class UnsupportedMediaType(InvalidRequest):
    pass


class PayloadTooLarge(InvalidRequest):
    pass


class AuthenticationFailed(KallglotError):
    pass


class PermissionDenied(KallglotError):
    pass


class CreditsExhausted(PermissionDenied):
    pass


class NotFound(KallglotError):
    pass


class Conflict(KallglotError):
    pass


class ValidationFailed(KallglotError):
    pass


def invalid_field(param: str, why: str) -> ValidationFailed:
    return ValidationFailed("invalid_field_value", f"{param}: {why}", param=param)


class RateLimited(KallglotError):
    retryable = True


class Unavailable(KallglotError):
    retryable = True


# Facts raised by stores. Services catch the first four; no edge explains any of them to a client.


class WriteConflict(Exception):
    """The stored version is not the one this change was made from: read again and decide again."""


class FenceLost(Exception):
    """This worker no longer owns the session; it must close its sockets and write nothing more."""


class IdempotencyKeyTaken(Exception):
    """A record for this key exists already; read it to answer."""


class SeatTaken(Exception):
    """Another session has this seat now, or is just taking it: choose again."""


class ModelError(Exception):
    """A language model failed on one answer; the call goes on. `retryable` says whether trying again may help."""

    def __init__(self, code: str, *, retryable: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.retryable = retryable


class DependencyRefused(Exception):
    """A dependency answered, and will answer the same again: a bug or a missing grant, nothing a client can mend."""
