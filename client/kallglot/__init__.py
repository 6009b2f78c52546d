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
    from kallglot.objects.agents import Agent, ToolCall
    from kallglot.objects.knowledge import Document, KnowledgeBase
    from kallglot.objects.lists import Page
    from kallglot.objects.recordings import Recording
    from kallglot.objects.service import ApiKey, Language, Usage
    from kallglot.objects.sessions import Leg, Session
    from kallglot.objects.transcripts import Transcript, Turn
    from kallglot.objects.webhooks import Event, WebhookDelivery, WebhookEndpoint, WebhookReplay, WebhookSecret
    from kallglot.stream import (
        MessageRefused,
        Reconnecting,
        ReconnectWindowOver,
        SessionNotFound,
        SessionOver,
        SoundFormat,
        Stream,
        StreamClosed,
        TokenRejected,
        TooMuchData,
    )
    from kallglot.webhooks import SIGNATURE_HEADER, construct_event, verify_webhook

__all__ = [
    "SIGNATURE_HEADER",
    "Agent",
    "ApiError",
    "ApiKey",
    "AsyncKallglot",
    "AuthenticationFailed",
    "Chances",
    "Conflict",
    "ConnectionFailed",
    "CreditsExhausted",
    "Document",
    "Event",
    "IdempotencyMismatch",
    "InvalidRequest",
    "Kallglot",
    "KallglotError",
    "KnowledgeBase",
    "Language",
    "Leg",
    "MessageRefused",
    "NotFound",
    "Page",
    "PermissionDenied",
    "RateLimited",
    "ReconnectWindowOver",
    "Reconnecting",
    "Recording",
    "RecordingFailed",
    "Retrying",
    "ServerFailed",
    "Session",
    "SessionNotFound",
    "SessionOver",
    "SignatureInvalid",
    "SoundFormat",
    "Stream",
    "StreamClosed",
    "TimedOut",
    "TokenRejected",
    "TooMuchData",
    "ToolCall",
    "Transcript",
    "Turn",
    "Unconfigured",
    "UnexpectedAnswer",
    "Usage",
    "ValidationFailed",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookReplay",
    "WebhookSecret",
    "__version__",
    "construct_event",
    "verify_webhook",
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
    "kallglot.objects.agents": (
        "Agent",
        "ToolCall",
    ),
    "kallglot.objects.knowledge": (
        "Document",
        "KnowledgeBase",
    ),
    "kallglot.objects.lists": ("Page",),
    "kallglot.objects.recordings": ("Recording",),
    "kallglot.objects.service": (
        "ApiKey",
        "Language",
        "Usage",
    ),
    "kallglot.objects.sessions": (
        "Leg",
        "Session",
    ),
    "kallglot.objects.transcripts": (
        "Transcript",
        "Turn",
    ),
    "kallglot.objects.webhooks": (
        "Event",
        "WebhookDelivery",
        "WebhookEndpoint",
        "WebhookReplay",
        "WebhookSecret",
    ),
    "kallglot.webhooks": (
        "SIGNATURE_HEADER",
        "construct_event",
        "verify_webhook",
    ),
    "kallglot.stream": (
        "MessageRefused",
        "ReconnectWindowOver",
        "Reconnecting",
        "SessionNotFound",
        "SessionOver",
        "SoundFormat",
        "Stream",
        "StreamClosed",
        "TokenRejected",
        "TooMuchData",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:  # or a type checker would believe in every name

    def __getattr__(name: str) -> Any:
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__} has no attribute {name}")
        globals()[name] = found = getattr(import_module(_HOME_OF[name]), name)
        return found
