"""What has happened, to the connections of those who watch: each on its own, many at once."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from core.domain.access import Tenant
from core.domain.events import Event, EventType
from core.domain.watched import message_of
from core.domain.watching import PARTIAL_LASTS
from core.errors import DependencyRefused, Unavailable
from core.ports import Clock, SessionRepository
from core.services.overhearing import Overhearing
from core.watcher_ports import WatcherSockets, WatcherStore

_log = logging.getLogger(__name__)
# A message takes some ten milliseconds, so a thousand watchers are told within a second.
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Pushed:
    """How many connections got a message, were gone, or could not be reached or refused it this time."""

    sent: int = 0
    gone: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Pushing:
    """Best effort: a watcher that misses a message reads the session; a retry would tell the others twice.

    One that is slow holds up its own thread and nobody else; how long, the sockets decide.
    """

    watchers: WatcherStore
    sockets: WatcherSockets
    at_once: int = AT_ONCE

    def push(self, tenant: Tenant, session_id: str, message: Mapping[str, Any]) -> Pushed:
        connections = self.watchers.watching(tenant, session_id)
        if not connections:
            return Pushed()
        with ThreadPoolExecutor(min(self.at_once, len(connections))) as threads:
            outcomes = list(
                threads.map(lambda connection: self._to(tenant, session_id, connection, message), connections)
            )
        return _counted(outcomes)

    def _to(self, tenant: Tenant, session_id: str, connection_id: str, message: Mapping[str, Any]) -> bool | None:
        try:
            if self.sockets.push(connection_id, message):
                return True
            self.watchers.unsubscribe(tenant, connection_id, session_id)
            self.watchers.remove(connection_id)
        except (Unavailable, DependencyRefused) as error:
            _log.warning("a watcher was not told", extra={"session_id": session_id, "error": type(error).__name__})
            return None
        return False


@dataclass(frozen=True, slots=True)
class EventPush:
    pushing: Pushing
    sessions: SessionRepository
    overhearing: Overhearing

    def push(self, event: Event) -> Pushed:
        pushed = self.pushing.push(event.tenant, event.session_id, message_of(event))
        if event.type is EventType.SESSION_STARTED and pushed.sent:
            # Whoever subscribed before found no worker that could have been told.
            session = self.sessions.find(event.tenant, event.session_id)
            if session is not None:
                self.overhearing.begin(session)
        return pushed


@dataclass(frozen=True, slots=True)
class PartialPush:
    pushing: Pushing
    sessions: SessionRepository
    overhearing: Overhearing
    clock: Clock

    def push(self, event: Event) -> Pushed:
        """Nothing of what is late: the words have been replaced by others. Where nobody watches, the worker is told."""
        now = self.clock.now()
        if now - event.created_at > PARTIAL_LASTS:
            return Pushed()
        pushed = self.pushing.push(event.tenant, event.session_id, message_of(event))
        if not pushed.sent and not pushed.failed:
            session = self.sessions.find(event.tenant, event.session_id)
            if session is not None:
                self.overhearing.stop(session, now)
        return pushed


def _counted(outcomes: Sequence[bool | None]) -> Pushed:
    return Pushed(outcomes.count(True), outcomes.count(False), outcomes.count(None))
