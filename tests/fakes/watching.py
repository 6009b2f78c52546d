"""Everything behind the events socket, in memory: two sessions of ACME, one of another tenant, and a key of ACME."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.domain.access import Scope, Tenant
from core.domain.organizations import Organization
from core.domain.rotation import Versions, fixed
from core.domain.sessions import Session, Timeouts
from core.domain.transcripts import Turn
from core.domain.watching import CONNECTION_LIFETIME
from core.ports import Commit
from core.services.access import AccessService
from core.services.changes import Changes
from core.services.overhearing import Overhearing
from core.services.pushing import EventPush, PartialPush, Pushing
from core.services.sessions import SessionService, StreamAddress
from core.services.subscriptions import EndByWatcher, Renewal, Subscriptions
from core.services.watchers import Doorkeeper, WatcherAdmission
from core.watcher_ports import Watcher
from tests.builders import ACME, OTHER, PEPPER, a_session, an_api_key
from tests.fakes.clocks import FakeClock, SequenceIds
from tests.fakes.stores import (
    MemoryAccess,
    MemoryIdempotency,
    MemoryInbox,
    MemorySessionList,
    MemorySessions,
    MemoryWorkers,
)
from tests.fakes.watchers import FakeSockets, MemoryWatchers

TOKEN_KEY = b"t" * 32


class Watching:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.access = MemoryAccess()
        self.sessions = MemorySessions(self.clock)
        self.watchers = MemoryWatchers(self.clock)
        self.sockets = FakeSockets()
        self.inbox = MemoryInbox()
        self.access.put_organization(Organization("org_acme", "Acme"))
        self.access.put_key(an_api_key())
        for session in (a_session("sess_1"), a_session("sess_2"), a_session("sess_3", OTHER)):
            self.sessions.commit(Commit(session, None, None))
        self._wire()

    def _wire(self) -> None:
        keys = AccessService(self.access, fixed(PEPPER), self.clock)
        door = Doorkeeper(AccessService(self.access, _no_secret, self.clock), self.watchers)
        overhearing = Overhearing(self.inbox, self.clock)
        pushing = Pushing(self.watchers, self.sockets)
        changes = Changes(self.sessions, self.clock, SequenceIds(), Timeouts())
        service = SessionService(
            changes,
            MemoryIdempotency(self.sessions),
            MemoryWorkers(),
            self.inbox,
            StreamAddress("", _no_secret),
            lambda _: None,
        )
        listed = MemorySessionList(self.sessions)
        self.admission = WatcherAdmission(keys, self.sessions, self.watchers, fixed(TOKEN_KEY), self.clock)
        self.subscriptions = Subscriptions(door, self.watchers, self.sessions, overhearing)
        self.renewal = Renewal(door, self.watchers, listed, overhearing, self.clock)
        self.end = EndByWatcher(door, service.end)
        self.push = EventPush(pushing, self.sessions, overhearing)
        self.push_partial = PartialPush(pushing, self.sessions, overhearing, self.clock)

    def connect(self, connection_id: str, tenant: Tenant = ACME, token_of: str | None = None) -> None:
        """As somebody who was let in, by a key of ACME or by a session's token."""
        key_hash = None if token_of else an_api_key().hash
        self.watchers.add(Watcher(connection_id, tenant, self.clock.now() + CONNECTION_LIFETIME, token_of, key_hash))

    def watch(self, connection_id: str, session_id: str = "sess_1") -> None:
        self.connect(connection_id)
        self.subscriptions.subscribe(connection_id, session_id)

    def change(self, session_id: str = "sess_1", turns: Sequence[Turn] = (), **fields: Any) -> Session:
        session = self.sessions.find(ACME, session_id)
        assert session is not None
        after = replace(session, turn_count=session.turn_count + len(turns), **fields)
        return self.sessions.commit(Commit(after, session.version, None, turns=tuple(turns)))

    def key_is(self, *scopes: Scope, revoked: bool = False) -> None:
        """The key that everybody connected with is another one now."""
        revoked_at = self.clock.now() - timedelta(seconds=1) if revoked else None
        self.access.put_key(an_api_key(scopes=frozenset(scopes), revoked_at=revoked_at))


def _no_secret() -> Versions:
    raise AssertionError("no secret is needed here")
