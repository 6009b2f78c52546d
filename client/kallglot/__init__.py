"""Python client of Kallglot: `Kallglot` and `AsyncKallglot` for REST, `Stream` for a call's socket.

It imports nothing of the product, so it shows what any program of a customer can do. docs/client.md is the guide.

A name is imported when it is first used: who only verifies webhooks loads no HTTP client.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kallglot.about import VERSION as __version__

if TYPE_CHECKING:
    from kallglot.clients import AsyncKallglot, Chances, Kallglot, Unconfigured
    from kallglot.errors import (
        ApiError,
        AuthenticationFailed,
        Conflict,
        ConnectionFailed,
        CreditsExhausted,
        IdempotencyMismatch,
        InvalidRequest,
        KallglotError,
        NotFound,
        PermissionDenied,
        RateLimited,
        RecordingFailed,
        ServerFailed,
        SignatureInvalid,
        TimedOut,
        UnexpectedAnswer,
        ValidationFailed,
    )
    from kallglot.exchange.retrying import Retrying
    from kallglot.objects.lists import Page
    from kallglot.objects.recordings import Recording
    from kallglot.objects.service import ApiKey, Language, Usage
    from kallglot.objects.sessions import Session
    from kallglot.objects.transcripts import Transcript, Turn
    from kallglot.objects.webhooks import Event, WebhookDelivery, WebhookEndpoint
    from kallglot.stream import Stream, StreamClosed

__all__ = [
    "ApiError",
    "ApiKey",
    "AsyncKallglot",
    "AuthenticationFailed",
    "Chances",
    "Conflict",
    "ConnectionFailed",
    "CreditsExhausted",
    "Event",
    "IdempotencyMismatch",
    "InvalidRequest",
    "Kallglot",
    "KallglotError",
    "Language",
    "NotFound",
    "Page",
    "PermissionDenied",
    "RateLimited",
    "Recording",
    "RecordingFailed",
    "Retrying",
    "ServerFailed",
    "Session",
    "SignatureInvalid",
    "Stream",
    "StreamClosed",
    "TimedOut",
    "Transcript",
    "Turn",
    "Unconfigured",
    "UnexpectedAnswer",
    "Usage",
    "ValidationFailed",
    "WebhookDelivery",
    "WebhookEndpoint",
    "__version__",
]

_HOMES = {
    "kallglot.clients": (
        "AsyncKallglot",
        "Chances",
        "Kallglot",
        "Unconfigured",
    ),
    "kallglot.errors": (
        "ApiError",
        "AuthenticationFailed",
        "Conflict",
        "ConnectionFailed",
        "CreditsExhausted",
        "IdempotencyMismatch",
        "InvalidRequest",
        "KallglotError",
        "NotFound",
        "PermissionDenied",
        "RateLimited",
        "RecordingFailed",
        "ServerFailed",
        "SignatureInvalid",
        "TimedOut",
        "UnexpectedAnswer",
        "ValidationFailed",
    ),
    "kallglot.exchange.retrying": ("Retrying",),
    "kallglot.objects.lists": ("Page",),
    "kallglot.objects.recordings": ("Recording",),
    "kallglot.objects.service": (
        "ApiKey",
        "Language",
        "Usage",
    ),
    "kallglot.objects.sessions": ("Session",),
    "kallglot.objects.transcripts": (
        "Transcript",
        "Turn",
    ),
    "kallglot.objects.webhooks": (
        "Event",
        "WebhookDelivery",
        "WebhookEndpoint",
    ),
    "kallglot.stream": (
        "Stream",
        "StreamClosed",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:  # or a type checker would believe in every name

    def __getattr__(name: str) -> Any:
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__} has no attribute {name}")
        globals()[name] = found = getattr(import_module(_HOME_OF[name]), name)
        return found
