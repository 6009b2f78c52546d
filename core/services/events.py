"""What is done with an event that has happened: onto the bus, and to those who watch the session."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from core.domain.events import Event, EventType
from core.errors import DependencyRefused, Unavailable
from core.ports import EventPublisher, WatcherSockets, WatcherStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EventRelay:
    """Outbox → bus, in order, at least once."""

    publisher: EventPublisher
    at_once: int = 10

    def relay(self, events: Sequence[Event]) -> int:
        """How many, from the first on, are safely on the bus; fewer than given when it stopped taking them."""
        for start in range(0, len(events), self.at_once):
            try:
                self.publisher.publish(events[start : start + self.at_once])
            except Unavailable:
                return start
        return len(events)


@dataclass(frozen=True, slots=True)
class Pushed:
    """How many connections got a message, were gone, or could not be reached or refused it this time."""

    sent: int
    gone: int
    failed: int


@dataclass(frozen=True, slots=True)
class EventPush:
    """Best effort: a watcher that misses a message reads the session; a retry would tell the others twice."""

    watchers: WatcherStore
    sockets: WatcherSockets

    def push(self, event: Event) -> Pushed:
        message = socket_message(event)
        outcomes = [self._to(connection, event, message) for connection in self.watchers.watching(event.session_id)]
        return Pushed(outcomes.count(True), outcomes.count(False), outcomes.count(None))

    def _to(self, connection_id: str, event: Event, message: Mapping[str, Any]) -> bool | None:
        try:
            if self.sockets.push(connection_id, message):
                return True
            self.watchers.unsubscribe(connection_id, event.session_id)
            self.watchers.remove(connection_id)
        except (Unavailable, DependencyRefused) as error:
            _log.warning("a watcher was not told", extra={"event_id": event.id, "error": type(error).__name__})
            return None
        return False


def socket_message(event: Event) -> dict[str, Any]:
    """The event as the stream itself words it (contract section 9); without what the watcher's backend put in."""
    return _MESSAGES[event.type](event)


def _final(event: Event) -> dict[str, Any]:
    return {"type": "transcript.final", "session_id": event.session_id, **event.data, "is_final": True}


def _session(event: Event) -> dict[str, Any]:
    shown = {name: event.data[name] for name in ("status", "duration", "transcript") if name in event.data}
    if "end_reason" in event.data:
        shown["reason"] = event.data["end_reason"]
    return {"type": event.type.value, "session_id": event.session_id, **shown}


def _recording(event: Event) -> dict[str, Any]:
    return {"type": event.type.value, "session_id": event.session_id, "recording": dict(event.data)}


_MESSAGES: Mapping[EventType, Callable[[Event], dict[str, Any]]] = MappingProxyType(
    {
        EventType.SESSION_CREATED: _session,
        EventType.SESSION_STARTED: _session,
        EventType.SESSION_ENDED: _session,
        EventType.SESSION_PROVIDER_CONNECTED: _session,
        EventType.SESSION_PROVIDER_DISCONNECTED: _session,
        EventType.TRANSCRIPT_SEGMENT: _final,
        EventType.TRANSCRIPT_READY: _session,
        EventType.RECORDING_READY: _recording,
        EventType.RECORDING_FAILED: _recording,
    }
)
