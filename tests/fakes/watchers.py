"""The events socket in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.domain.access import Tenant
from core.domain.events import Event
from core.errors import DependencyRefused, Unavailable
from core.ports import Clock
from core.watcher_ports import Watcher


class MemoryWatchers:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watchers: dict[str, Watcher] = {}
        self._subscriptions: dict[tuple[Tenant, str, str], Watcher] = {}
        self._renewed: dict[str, datetime] = {}

    def add(self, watcher: Watcher) -> None:
        self._watchers[watcher.connection_id] = watcher

    def count(self, tenant: Tenant, most: int) -> int:
        return min(most, sum(watcher.tenant == tenant for watcher in self._watchers.values()))

    def find(self, connection_id: str) -> Watcher | None:
        watcher = self._watchers.get(connection_id)
        return watcher if watcher is not None and self._lives(watcher) else None

    def remove(self, connection_id: str) -> None:
        watcher = self._watchers.pop(connection_id, None)
        if watcher is not None:
            for session_id in watcher.watched:
                self._subscriptions.pop((watcher.tenant, session_id, connection_id), None)

    def subscribe(self, watcher: Watcher, session_id: str, most: int) -> bool:
        held = self._watchers.get(watcher.connection_id)
        if held is None or (session_id not in held.watched and len(held.watched) >= most):
            return False
        self._watchers[held.connection_id] = replace(held, watched=held.watched | {session_id})
        self._subscriptions[watcher.tenant, session_id, watcher.connection_id] = watcher
        return True

    def unsubscribe(self, tenant: Tenant, connection_id: str, session_id: str) -> None:
        self._subscriptions.pop((tenant, session_id, connection_id), None)
        if held := self._watchers.get(connection_id):
            self._watchers[connection_id] = replace(held, watched=held.watched - {session_id})

    def watching(self, tenant: Tenant, session_id: str) -> list[str]:
        return sorted(
            connection
            for (owner, session, connection), watcher in self._subscriptions.items()
            if (owner, session) == (tenant, session_id) and self._lives(watcher)
        )

    def renew(self, connection_id: str, now: datetime, unless_since: datetime) -> bool:
        if connection_id not in self._watchers or self._renewed.get(connection_id, unless_since) > unless_since:
            return False
        self._renewed[connection_id] = now
        return True

    def _lives(self, watcher: Watcher) -> bool:
        return int(watcher.expires_at.timestamp()) > int(self._clock.now().timestamp())


class FakeSockets:
    """Connections in `gone` are gone, those in `unreachable` do not answer, those in `refusing` take no message."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.gone: set[str] = set()
        self.unreachable: set[str] = set()
        self.refusing: set[str] = set()

    def push(self, connection_id: str, message: Mapping[str, Any]) -> bool:
        if connection_id in self.unreachable:
            raise Unavailable("dependency_unavailable", "no answer")
        if connection_id in self.refusing:
            raise DependencyRefused("PostToConnection was refused: PayloadTooLargeException")
        if connection_id in self.gone:
            return False
        self.sent.append((connection_id, message))
        return True


class FakeBus:
    """An EventPublisher that takes events up to one of those whose ids it `refuses`; nothing at all when `down`."""

    def __init__(self, *refuses: str | None) -> None:
        self.refuses = set(refuses)
        self.down = False
        self.taken: list[Event] = []

    def publish(self, events: Sequence[Event]) -> None:
        for event in events:
            if self.down or event.id in self.refuses:
                raise Unavailable("dependency_unavailable", "the bus took only a part of the events")
            self.taken.append(event)
