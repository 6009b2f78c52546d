"""Events, the endpoints they are sent to, and what became of each delivery (contract section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kallglot.objects.reading import Object


@dataclass(frozen=True, kw_only=True)
class Event(Object):
    """What a webhook carries. `data` is the object it is about; `sequence` orders the events of one session.

    Events come at least once, and not always in order: remember `id`, compare `sequence`.
    """

    type: str = ""
    api_version: str = ""
    created_at: datetime | None = None
    session_id: str | None = None
    sequence: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WebhookEndpoint(Object):
    """`secret` (`whsec_…`) is shown once: at creation, and at each rotation."""

    url: str = ""
    events: tuple[str, ...] = ()
    description: str | None = None
    status: str = ""
    livemode: bool = False
    disabled_reason: str | None = None
    disabled_at: datetime | None = None
    secret: str | None = field(default=None, repr=False)
    secret_generation: int = 0
    previous_secret_until: datetime | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WebhookDelivery(Object):
    """One event on its way to one endpoint, or to a session's own `url`. `attempts` are its last sixteen, oldest first;
    `response` is the last that came: its `status`, and an `excerpt` of it."""

    endpoint_id: str | None = None
    url: str | None = None
    event_id: str = ""
    event_type: str = ""
    status: str = ""
    attempt_count: int = 0
    attempts: tuple[Mapping[str, Any], ...] = ()
    response: Mapping[str, Any] | None = None
    next_attempt_at: datetime | None = None
    created_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WebhookSecret(Object):
    """Of the `webhook_url` of sessions. `secret` is shown at a rotation only."""

    secret: str | None = field(default=None, repr=False)
    secret_generation: int = 0
    previous_secret_until: datetime | None = None
    rotated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WebhookReplay(Object):
    """What is being sent again: of `event_count` events those that the endpoint wants."""

    endpoint_id: str = ""
    types: tuple[str, ...] = ()
    only_failed: bool = False
    event_count: int = 0
