"""What happened to a session, as told to the outside: outbox, bus, webhooks, events socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.domain.access import Tenant

API_VERSION = "v1"


class EventType(StrEnum):
    SESSION_CREATED = "session.created"
    SESSION_STARTED = "session.started"
    SESSION_ENDED = "session.ended"
    TRANSCRIPT_SEGMENT = "transcript.segment"
    TRANSCRIPT_READY = "transcript.ready"
    RECORDING_READY = "recording.ready"
    RECORDING_FAILED = "recording.failed"
    # Between our own parts: it has no number among the events of its session, and no customer hears of it.
    RECORDING_EXTENDED = "internal.recording_extended"

    @property
    def is_internal(self) -> bool:
        return self.value.startswith("internal.")


@dataclass(frozen=True, slots=True)
class Event:
    """`sequence` orders the events of one session (1, 2, …); `data` is the object it is about, as the API shows it."""

    id: str
    type: EventType
    tenant: Tenant
    session_id: str
    sequence: int
    created_at: datetime
    data: Mapping[str, Any]


def envelope(event: Event) -> dict[str, Any]:
    """The published shape (contract section 8)."""
    return {
        "id": event.id,
        "type": event.type.value,
        "api_version": API_VERSION,
        "created_at": event.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "session_id": event.session_id,
        "sequence": event.sequence,
        "data": dict(event.data),
    }
