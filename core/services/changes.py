"""What every use case that changes a session shares: numbering events, deciding again after a lost race."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from core.domain import ids, views
from core.domain.deadlines import due_at
from core.domain.events import Event, EventType
from core.domain.sessions import ProviderStatus, Session, Timeouts
from core.errors import Conflict, WriteConflict
from core.ports import Clock, Commit, Ids, SessionRepository

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Changes:
    """Builds commits and stores them."""

    sessions: SessionRepository
    clock: Clock
    ids: Ids
    timeouts: Timeouts

    def commit_of(
        self, before: Session | None, after: Session, *told: tuple[EventType, Mapping[str, Any] | None]
    ) -> Commit:
        """The write that turns `before` into `after`; data None means the session object as it is after.

        What the telephony has to be told, or has done, is told with any change that brings it about.
        """
        events, telephony = [], tuple(_of_telephony(before, after))
        for kind, data in (*telephony, *told) if before else (*told, *telephony):
            if not kind.is_internal:
                after = replace(after, event_sequence=after.event_sequence + 1)
            events.append(self._event(after, kind, data))
        return Commit(
            session=after,
            expected_version=before.version if before else None,
            due_at=due_at(after, self.timeouts),
            events=tuple(events),
            leaves_seat=before is not None and after.seat is not None and after.is_closed and not before.is_closed,
        )

    def apply(self, session: Session, decide: Callable[[Session], Commit | None]) -> Session:
        """Store what `decide` makes of the session; read and decide again when the stored one is newer.

        `decide` returns None when, on what it now sees, there is nothing left to do.
        """
        for _ in range(_ATTEMPTS):
            commit = decide(session)
            if commit is None:
                return session
            try:
                return self.sessions.commit(commit)
            except WriteConflict:
                session = self.sessions.find(session.tenant, session.id) or session
        raise Conflict("session_busy", f"session {session.id} is changing too fast", retry_after_s=1)

    def _event(self, session: Session, kind: EventType, data: Mapping[str, Any] | None) -> Event:
        now = self.clock.now()
        return Event(
            id=self.ids.new(ids.EVENT),
            type=kind,
            tenant=session.tenant,
            session_id=session.id,
            sequence=session.event_sequence,
            created_at=now,
            data=views.session_object(session, now) if data is None else data,
            webhook_url=session.webhook_url,
        )


def _of_telephony(before: Session | None, after: Session) -> Iterator[tuple[EventType, Mapping[str, Any] | None]]:
    if before is not None and after.leg_count and after.is_closed and not before.is_closed:
        yield EventType.HANGUP_REQUESTED, {}
    status, kind = _provider_status(after), None
    if status is not _provider_status(before):
        kind = _PROVIDER_EVENTS.get(status)
    if kind is not None:
        yield kind, None


def _provider_status(session: Session | None) -> ProviderStatus:
    return session.provider.status if session and session.provider else ProviderStatus.PENDING


_PROVIDER_EVENTS: Mapping[ProviderStatus, EventType] = MappingProxyType(
    {
        ProviderStatus.CONNECTED: EventType.SESSION_PROVIDER_CONNECTED,
        ProviderStatus.DISCONNECTED: EventType.SESSION_PROVIDER_DISCONNECTED,
    }
)
