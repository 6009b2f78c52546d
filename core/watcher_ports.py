"""What the events socket needs of the world; the rules of `core.ports` hold here too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.domain.access import Tenant


@dataclass(frozen=True, slots=True)
class Watcher:
    """A connection to the events socket, and the sessions that it watches.

    `session_id` is set when it came with that session's stream token, `key_hash` when it came with an API key.
    """

    connection_id: str
    tenant: Tenant
    expires_at: datetime
    session_id: str | None = None
    key_hash: str | None = None
    watched: frozenset[str] = frozenset()


class WatcherStore(Protocol):
    def add(self, watcher: Watcher) -> None: ...

    def count(self, tenant: Tenant, most: int) -> int:
        """How many connections the tenant has, counted up to `most`; one that just came may be missing."""
        ...

    def find(self, connection_id: str) -> Watcher | None:
        """Strongly consistent."""
        ...

    def remove(self, connection_id: str) -> None:
        """The connection and all its subscriptions."""
        ...

    def subscribe(self, watcher: Watcher, session_id: str, most: int) -> bool:
        """False when it watches `most` others already, or is gone."""
        ...

    def unsubscribe(self, tenant: Tenant, connection_id: str, session_id: str) -> None: ...

    def watching(self, tenant: Tenant, session_id: str) -> list[str]:
        """Connection ids; strongly consistent."""
        ...

    def renew(self, connection_id: str, now: datetime, unless_since: datetime) -> bool:
        """Note that its watches are renewed now; False when somebody did so since then, or it is gone."""
        ...


class WatcherSockets(Protocol):
    """`push` may be called from several threads at once."""

    def push(self, connection_id: str, message: Mapping[str, Any]) -> bool:
        """False when the connection is gone."""
        ...
