"""The events socket: who may connect, and who is still welcome."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain import ids
from core.domain.access import Scope, Tenant, is_stream_token
from core.domain.rotation import Secret
from core.domain.watching import CONNECTION_LIFETIME, MOST_CONNECTIONS
from core.errors import AuthenticationFailed, NotFound, PermissionDenied, RateLimited
from core.ports import Clock, SessionRepository
from core.services.access import AccessService, check_scope
from core.watcher_ports import Watcher, WatcherStore


@dataclass(frozen=True, slots=True)
class WatcherAdmission:
    access: AccessService
    sessions: SessionRepository
    watchers: WatcherStore
    token_key: Secret
    clock: Clock

    def with_key(self, connection_id: str, secret: str | None) -> None:
        """Raises AuthenticationFailed, PermissionDenied or RateLimited."""
        caller, key_hash = self.access.admit_to_remember(secret, Scope.SESSIONS_READ)
        self._add(connection_id, caller.tenant, key_hash=key_hash)

    def with_token(self, connection_id: str, session_id: str, token: str) -> None:
        """A stream token opens its own session and no other. Raises AuthenticationFailed or RateLimited."""
        tenant = self.sessions.tenant_of(session_id) if ids.is_session_id(session_id) else None
        session = self.sessions.find(tenant, session_id) if tenant else None
        if session is None or not is_stream_token(
            self.token_key().values, token, session.tenant, session.id, session.created_at, self.clock.now()
        ):
            raise AuthenticationFailed("invalid_stream_token", "the stream token is wrong or has expired")
        self._add(connection_id, session.tenant, session_id=session.id)

    def _add(
        self, connection_id: str, tenant: Tenant, session_id: str | None = None, key_hash: str | None = None
    ) -> None:
        if self.watchers.count(tenant, MOST_CONNECTIONS) >= MOST_CONNECTIONS:
            raise RateLimited("too_many_watchers", f"at most {MOST_CONNECTIONS} connections may watch at once")
        expires_at = self.clock.now() + CONNECTION_LIFETIME
        self.watchers.add(Watcher(connection_id, tenant, expires_at, session_id, key_hash))


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Asked before every act: a connection lives for hours, and a key may be revoked meanwhile."""

    access: AccessService
    watchers: WatcherStore

    def admit(self, connection_id: str, scope: Scope, session_id: str | None = None) -> Watcher:
        """Raises AuthenticationFailed or PermissionDenied; who is not welcome any more watches nothing from then on.

        A stream token may do with its own session what it may do on the stream, which is to hear it and to end it.
        """
        watcher = self.watchers.find(connection_id)
        if watcher is None:
            raise AuthenticationFailed("connection_unknown", "this connection has not been let in; connect again")
        if watcher.key_hash is not None:
            self._check_key(watcher, watcher.key_hash, scope)
        if session_id is not None and watcher.session_id not in (None, session_id):
            raise PermissionDenied("insufficient_permissions", "the token belongs to another session")
        return watcher

    def _check_key(self, watcher: Watcher, key_hash: str, scope: Scope) -> None:
        try:
            caller = self.access.admit_again(key_hash, Scope.SESSIONS_READ)
        except (AuthenticationFailed, PermissionDenied):
            self.watchers.remove(watcher.connection_id)
            raise
        check_scope(caller.scopes, scope)


def no_such_session() -> NotFound:
    """Also for another tenant's: the two must not differ."""
    return NotFound("session_not_found", "no such session")
