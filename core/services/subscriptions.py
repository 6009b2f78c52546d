"""What a connection to the events socket may do: watch sessions, keep watching them, end them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain import ids
from core.domain.access import Scope, Tenant
from core.domain.sessions import EndReason, Session
from core.domain.transcripts import Turn
from core.domain.watching import MOST_REPLAYED, MOST_SUBSCRIPTIONS, RENEWED_EVERY
from core.errors import AuthenticationFailed, RateLimited
from core.ports import Clock, SessionList, SessionRepository
from core.services.idempotency import Answer
from core.services.overhearing import Overhearing
from core.services.watchers import Doorkeeper, no_such_session
from core.watcher_ports import Watcher, WatcherStore

End = Callable[[Tenant, str, EndReason], Answer]


@dataclass(frozen=True, slots=True)
class Subscribed:
    """`missed` are the finals that the watcher asked for; the session is as it was when pushes had begun."""

    session: Session
    missed: Sequence[Turn]


@dataclass(frozen=True, slots=True)
class Subscriptions:
    doorkeeper: Doorkeeper
    watchers: WatcherStore
    sessions: SessionRepository
    overhearing: Overhearing

    def subscribe(self, connection_id: str, session_id: str, last_sequence: int | None = None) -> Subscribed:
        """Raises AuthenticationFailed, PermissionDenied, NotFound or RateLimited."""
        watcher = self.doorkeeper.admit(connection_id, Scope.SESSIONS_READ, session_id)
        self._find(watcher, session_id)
        if not self.watchers.subscribe(watcher, session_id, MOST_SUBSCRIPTIONS):
            raise self._why_not(connection_id)
        # Only now: what is said from here on is pushed, what was said before is read.
        session = self._find(watcher, session_id)
        self.overhearing.begin(session)
        return Subscribed(session, self._missed(session, last_sequence))

    def _missed(self, session: Session, last_sequence: int | None) -> Sequence[Turn]:
        if last_sequence is None or last_sequence >= session.turn_count:
            return ()
        return self.sessions.last_turns(session.tenant, session.id, last_sequence, MOST_REPLAYED)

    def _find(self, watcher: Watcher, session_id: str) -> Session:
        session = self.sessions.find(watcher.tenant, session_id) if ids.is_session_id(session_id) else None
        if session is None:
            raise no_such_session()
        return session

    def _why_not(self, connection_id: str) -> Exception:
        if self.watchers.find(connection_id) is None:
            return AuthenticationFailed("connection_unknown", "this connection is closing; connect again")
        return RateLimited("too_many_subscriptions", f"a connection watches at most {MOST_SUBSCRIPTIONS} sessions")


@dataclass(frozen=True, slots=True)
class Renewal:
    """A ping says that somebody is still there, and so that partials are still wanted, by whichever worker now has
    the session."""

    doorkeeper: Doorkeeper
    watchers: WatcherStore
    sessions: SessionList
    overhearing: Overhearing
    clock: Clock

    def ping(self, connection_id: str) -> None:
        """Raises AuthenticationFailed or PermissionDenied."""
        watcher = self.doorkeeper.admit(connection_id, Scope.SESSIONS_READ)
        now = self.clock.now()
        if watcher.watched and self.watchers.renew(connection_id, now, now - RENEWED_EVERY):
            for session in self.sessions.read(watcher.tenant, sorted(watcher.watched)):
                self.overhearing.begin(session)


@dataclass(frozen=True, slots=True)
class EndByWatcher:
    """`end` is `SessionService.end`."""

    doorkeeper: Doorkeeper
    end: End

    def __call__(self, connection_id: str, session_id: str, reason: EndReason) -> Mapping[str, Any]:
        """The session object. Raises AuthenticationFailed, PermissionDenied, NotFound or Conflict."""
        watcher = self.doorkeeper.admit(connection_id, Scope.SESSIONS_WRITE, session_id)
        return self.end(watcher.tenant, session_id, reason).body
