"""The events socket: who may connect, and whose sessions they may watch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from core.domain import ids
from core.domain.access import Scope, Tenant, is_stream_token
from core.errors import AuthenticationFailed, NotFound, PermissionDenied
from core.ports import Clock, SessionRepository, Watcher, WatcherStore
from core.services.access import AccessService

# API Gateway ends a connection after two hours at the latest.
CONNECTION_LIFETIME = timedelta(hours=2, minutes=5)


@dataclass(frozen=True, slots=True)
class WatcherAdmission:
    access: AccessService
    sessions: SessionRepository
    watchers: WatcherStore
    token_key: Callable[[], bytes]
    clock: Clock

    def with_key(self, connection_id: str, secret: str | None) -> None:
        """Raises AuthenticationFailed or PermissionDenied."""
        caller = self.access.admit(secret, Scope.SESSIONS_READ)
        self._add(connection_id, caller.tenant, None, caller.scopes)

    def with_token(self, connection_id: str, session_id: str, token: str) -> None:
        """A stream token opens its own session and no other. Raises AuthenticationFailed."""
        tenant = self.sessions.tenant_of(session_id) if ids.is_session_id(session_id) else None
        session = self.sessions.find(tenant, session_id) if tenant else None
        if session is None or not is_stream_token(
            self.token_key(), token, session.tenant, session.id, session.created_at, self.clock.now()
        ):
            raise AuthenticationFailed("invalid_stream_token", "the stream token is wrong or has expired")
        self._add(connection_id, session.tenant, session.id, frozenset({Scope.SESSIONS_READ}))

    def _add(self, connection_id: str, tenant: Tenant, session_id: str | None, scopes: frozenset[Scope]) -> None:
        expires_at = self.clock.now() + CONNECTION_LIFETIME
        names = frozenset(scope.value for scope in scopes)
        self.watchers.add(Watcher(connection_id, tenant, expires_at, session_id, names))


@dataclass(frozen=True, slots=True)
class Subscriptions:
    watchers: WatcherStore
    sessions: SessionRepository

    def subscribe(self, connection_id: str, session_id: str) -> None:
        """Raises AuthenticationFailed, PermissionDenied or NotFound."""
        watcher = self.watchers.find(connection_id)
        if watcher is None:
            raise AuthenticationFailed("connection_unknown", "this connection has not been let in; connect again")
        if watcher.session_id not in (None, session_id):
            raise PermissionDenied("insufficient_permissions", "the token belongs to another session")
        if not ids.is_session_id(session_id) or self.sessions.find(watcher.tenant, session_id) is None:
            raise NotFound("session_not_found", "no such session")
        self.watchers.subscribe(watcher, session_id)
