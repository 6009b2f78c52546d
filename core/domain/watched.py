"""What watchers are told, in the words of the stream (contract section 9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from core.domain.events import Event, EventType
from core.domain.transcripts import Turn, turn_object


def message_of(event: Event) -> dict[str, Any]:
    """Without what the watcher's backend put into the session: metadata, telephone numbers."""
    return _MESSAGES[event.type](event)


def final_of(session_id: str, turn: Turn) -> dict[str, Any]:
    """A turn of the table, told as it was when it was said."""
    return _told_final(session_id, turn_object(turn))


def _told_final(session_id: str, turn: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "transcript.final", "session_id": session_id, **turn, "is_final": True}


def _final(event: Event) -> dict[str, Any]:
    return _told_final(event.session_id, event.data)


def _partial(event: Event) -> dict[str, Any]:
    return {"type": "transcript.partial", "session_id": event.session_id, **event.data}


def _session(event: Event) -> dict[str, Any]:
    shown = {name: event.data[name] for name in ("status", "duration", "transcript") if name in event.data}
    if "end_reason" in event.data:
        shown["reason"] = event.data["end_reason"]
    return {"type": event.type.value, "session_id": event.session_id, **shown}


def _recording(event: Event) -> dict[str, Any]:
    return {"type": event.type.value, "session_id": event.session_id, "recording": dict(event.data)}


def _tool_call(event: Event) -> dict[str, Any]:
    """What whoever answers it needs; the answer goes to the session, not to a socket of those who watch."""
    names = {"id": "call_id", "name": "name", "arguments": "arguments", "expires_at": "expires_at"}
    shown = {told: event.data[name] for name, told in names.items() if name in event.data}
    return {"type": "tool.call", "session_id": event.session_id, **shown}


_MESSAGES: Mapping[EventType, Callable[[Event], dict[str, Any]]] = MappingProxyType(
    {
        EventType.SESSION_CREATED: _session,
        EventType.SESSION_STARTED: _session,
        EventType.SESSION_ENDED: _session,
        EventType.SESSION_PROVIDER_CONNECTED: _session,
        EventType.SESSION_PROVIDER_DISCONNECTED: _session,
        EventType.TRANSCRIPT_SEGMENT: _final,
        EventType.TRANSCRIPT_PARTIAL: _partial,
        EventType.TRANSCRIPT_READY: _session,
        EventType.RECORDING_READY: _recording,
        EventType.RECORDING_FAILED: _recording,
        EventType.AGENT_TOOL_CALL: _tool_call,
        EventType.AGENT_TRANSFERRED: _session,
    }
)
