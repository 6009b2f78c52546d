"""What a customer is told of by webhook, per type of event: a summary, and the object in `data`.

A type that customers get has a row here; a test compares. The object is a class of `reference.objects`, by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.domain.events import EventType


@dataclass(frozen=True, slots=True)
class Told:
    summary: str
    data: str


EVENTS: Mapping[EventType, Told] = MappingProxyType(
    {
        EventType.SESSION_CREATED: Told("A session was created.", "Session"),
        EventType.SESSION_STARTED: Told("The first audio came.", "Session"),
        EventType.SESSION_ENDED: Told("A session has ended.", "Session"),
        EventType.SESSION_PROVIDER_CONNECTED: Told("The session's telephone is connected.", "Session"),
        EventType.SESSION_PROVIDER_DISCONNECTED: Told(
            "The session's telephone is gone: hung up, or never reached; then `provider.reason` says why.", "Session"
        ),
        EventType.TRANSCRIPT_SEGMENT: Told("Somebody said something, and it is final.", "Turn"),
        EventType.TRANSCRIPT_READY: Told("The transcript is complete and can be retrieved.", "Session"),
        EventType.RECORDING_READY: Told("The recording can be fetched.", "Recording"),
        EventType.RECORDING_FAILED: Told("Nothing was recorded.", "Recording"),
        EventType.AGENT_TOOL_CALL: Told(
            "An agent wants something done. Answer with `POST /v1/sessions/{id}/tool_results`, or on the stream.",
            "ToolCall",
        ),
        EventType.AGENT_TRANSFERRED: Told("The agent has handed the call over to a human.", "Session"),
        EventType.ANALYSIS_COMPLETE: Told("An analysis is done. Reserved: nothing sends it yet.", "Analysis"),
        EventType.ANALYSIS_FAILED: Told("An analysis failed. Reserved: nothing sends it yet.", "Analysis"),
        EventType.WEBHOOK_TEST: Told("You asked for a test of this endpoint.", "WebhookEndpoint"),
        EventType.WEBHOOK_DISABLED: Told(
            "An endpoint answered 410, or failed for five days, and gets nothing more. The other endpoints are told.",
            "WebhookEndpoint",
        ),
    }
)
