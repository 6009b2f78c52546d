"""The events socket in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.events import Event
from core.errors import DependencyRefused, Unavailable
from core.ports import Clock, Watcher


class MemoryWatchers:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watchers: dict[str, Watcher] = {}
        self._subscriptions: dict[tuple[str, str], Watcher] = {}

    def add(self, watcher: Watcher) -> None:
        self._watchers[watcher.connection_id] = watcher

    def find(self, connection_id: str) -> Watcher | None:
        watcher = self._watchers.get(connection_id)
        return watcher if watcher is not None and self._lives(watcher) else None

    def remove(self, connection_id: str) -> None:
        self._watchers.pop(connection_id, None)
        for key in [key for key in self._subscriptions if key[1] == connection_id]:
            del self._subscriptions[key]

    def subscribe(self, watcher: Watcher, session_id: str) -> None:
        self._subscriptions[session_id, watcher.connection_id] = watcher

    def unsubscribe(self, connection_id: str, session_id: str) -> None:
        self._subscriptions.pop((session_id, connection_id), None)

    def watching(self, session_id: str) -> list[str]:
        return sorted(
            connection
            for (session, connection), watcher in self._subscriptions.items()
            if session == session_id and self._lives(watcher)
        )

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
    """An EventPublisher that takes events up to the one whose id is `refuses`."""

    def __init__(self, refuses: str | None = None) -> None:
        self.refuses = refuses
        self.taken: list[Event] = []

    def publish(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.id == self.refuses:
                raise Unavailable("dependency_unavailable", "the bus took only a part of the events")
            self.taken.append(event)
