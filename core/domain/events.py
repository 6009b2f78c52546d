"""What happened, as told to the outside: outbox, bus, webhooks, events socket."""

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
    SESSION_PROVIDER_CONNECTED = "session.provider.connected"
    SESSION_PROVIDER_DISCONNECTED = "session.provider.disconnected"
    TRANSCRIPT_SEGMENT = "transcript.segment"
    TRANSCRIPT_READY = "transcript.ready"
    RECORDING_READY = "recording.ready"
    RECORDING_FAILED = "recording.failed"
    # The agent wants something done by the customer's software; it has handed the call over to a human.
    AGENT_TOOL_CALL = "agent.tool_call"
    AGENT_TRANSFERRED = "agent.transferred"
    # Of the contract, and emitted by nothing yet: an endpoint may already ask for them.
    ANALYSIS_COMPLETE = "analysis.complete"
    ANALYSIS_FAILED = "analysis.failed"
    # Of an endpoint and not of a session.
    WEBHOOK_TEST = "webhook.test"
    WEBHOOK_DISABLED = "webhook.disabled"
    # Between our own parts: they have no number among the events of a session, and no customer hears of them.
    RECORDING_EXTENDED = "internal.recording_extended"
    # What somebody is saying, for whoever watches; it is told once, and stored nowhere.
    TRANSCRIPT_PARTIAL = "internal.transcript_partial"
    WEBHOOK_REPLAY = "internal.webhook_replay"
    DIAL_REQUESTED = "internal.dial_requested"
    HANGUP_REQUESTED = "internal.hangup_requested"

    @property
    def is_internal(self) -> bool:
        return self.value.startswith("internal.")

    @property
    def is_watched(self) -> bool:
        """Whether it is told on the events socket, to those who watch its session."""
        return self.value.startswith(("session.", "transcript.", "recording.", "agent."))


@dataclass(frozen=True, slots=True)
class Event:
    """`sequence` orders the events of one session (1, 2, …); `data` is the object it is about, as the API shows it.

    An event that is about no session has an empty `session_id` and the sequence 0. `webhook_url` is the session's own:
    it goes there and to no endpoint.
    """

    id: str
    type: EventType
    tenant: Tenant
    session_id: str
    sequence: int
    created_at: datetime
    data: Mapping[str, Any]
    webhook_url: str | None = None


def of_tenant(event_id: str, kind: EventType, tenant: Tenant, now: datetime, data: Mapping[str, Any]) -> Event:
    """An event that is about no session."""
    return Event(event_id, kind, tenant, session_id="", sequence=0, created_at=now, data=data)


def envelope(event: Event) -> dict[str, Any]:
    """The published shape (contract section 8)."""
    return {
        "id": event.id,
        "type": event.type.value,
        "api_version": API_VERSION,
        "created_at": event.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "session_id": event.session_id or None,
        "sequence": event.sequence or None,
        "data": dict(event.data),
    }
