"""The session use cases of the control plane: get, end, expire. Creating one is in `core.services.creating`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from core.domain import ids, views
from core.domain.access import Tenant, stream_token
from core.domain.deadlines import due_at
from core.domain.events import EventType
from core.domain.rotation import Secret
from core.domain.sessions import (
    EndReason,
    Session,
    Status,
    end,
    flushed,
    seen,
)
from core.errors import IdempotencyKeyTaken, NotFound
from core.ports import Commit, IdempotencyStore, WorkerDirectory, WorkerInbox
from core.services.changes import Changes
from core.services.idempotency import Answer, RequestKey, first_answer, record_of
from core.services.unfinished import ask_for_recording

WORKER_DEAD_AFTER = timedelta(seconds=15)
_POLL_S = 0.1
_FLUSH_WAIT_S = 3.0


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """Where streams connect, and the key their tokens are derived from."""

    base_url: str
    token_key: Secret

    def of(self, session: Session, now: datetime) -> dict[str, Any]:
        token = stream_token(self.token_key().in_use(now).value, session.tenant, session.id, session.created_at, now)
        return views.stream_object(self.base_url, session.id, token)


@dataclass(frozen=True, slots=True)
class SessionService:
    changes: Changes
    idempotency: IdempotencyStore
    workers: WorkerDirectory
    inbox: WorkerInbox
    address: StreamAddress
    wait: Callable[[float], None]

    def get(self, tenant: Tenant, session_id: str) -> dict[str, Any]:
        return self._shown(self._find(tenant, session_id))

    def end(self, tenant: Tenant, session_id: str, reason: EndReason, request: RequestKey | None = None) -> Answer:
        """End, and answer within seconds even if the worker that held the call is dead. The first reason stays."""
        session = self._find(tenant, session_id)
        if first_answer(self.idempotency, tenant, request):
            # As it is now: the first request may have ended it since it was read.
            session = self._find(tenant, session_id)
            return Answer(200, self._shown(self._flush(session)), replayed=True)
        if session.is_closed:
            self._remember(tenant, request)
        else:
            session = self._begin_end(session, reason, request)
        return Answer(200, self._shown(self._flush(session)))

    def expire(self, tenant: Tenant, session_id: str) -> bool:
        """End what is due: idle, abandoned, or stuck in `ending`; ask for what is late of what has ended.

        False when it has not ended now.
        """
        session = self.changes.sessions.find(tenant, session_id)
        if session is None or not self._is_due(session):
            return False
        if session.status is Status.ENDED:
            ask_for_recording(self.changes, session)
            return False
        session = self._time_out(session)
        self._flush(session, wait_s=0.0)
        return session.is_closed

    def _time_out(self, session: Session) -> Session:
        """Ending, or looked at again later: its owner may have lived on unseen, and a leg with it."""

        def decide(current: Session) -> Commit | None:
            if current.is_closed or not self._is_due(current):
                return None
            after = self._seen(current)
            if self._is_due(after):
                return self._ending(current, EndReason.TIMEOUT)
            return self.changes.commit_of(current, after)

        return self.changes.apply(session, decide)

    def _seen(self, session: Session) -> Session:
        """As of the owner's last heartbeat; a living one is not asked what it does, so it counts as here now."""
        beat = self.workers.last_beat(session.owner) if session.owner else None
        if beat is None:
            return session
        now = self.changes.clock.now()
        return seen(session, now if now - beat < WORKER_DEAD_AFTER else beat)

    def _begin_end(self, session: Session, reason: EndReason, request: RequestKey | None) -> Session:
        """Raises InvalidRequest when the key was taken meanwhile for something else."""

        def decide(current: Session) -> Commit | None:
            if current.is_closed:
                return None
            commit = self._ending(current, reason)
            return replace(commit, idempotency=record_of(self.changes.clock, current.tenant, request, 200, {}))

        try:
            return self.changes.apply(session, decide)
        except IdempotencyKeyTaken:
            first_answer(self.idempotency, session.tenant, request)
            return self._find(session.tenant, session.id)

    def _ending(self, current: Session, reason: EndReason) -> Commit:
        """`ending` when a worker must flush; straight to `ended` when nobody holds the session."""
        after = end(current, reason, self.changes.clock.now())
        return self._ended(current, after) if current.owner is None else self.changes.commit_of(current, after)

    def _flush(self, session: Session, wait_s: float = _FLUSH_WAIT_S) -> Session:
        """Let a living owner write what it still holds; close without it when it does not answer.

        Its late turns are still taken after that: they are fenced by the epoch, which stays as it is.
        """
        if session.status is not Status.ENDING:
            return session
        if session.owner is not None and self._is_alive(session.owner):
            self.inbox.send(session.owner, {"type": "end", "session_id": session.id, "tenant": str(session.tenant)})
            session = self._await_flush(session, wait_s)
        return self.changes.apply(session, lambda s: self._ended(s, s) if s.status is Status.ENDING else None)

    def _await_flush(self, session: Session, wait_s: float) -> Session:
        for _ in range(round(wait_s / _POLL_S)):
            self.wait(_POLL_S)
            session = self.changes.sessions.find(session.tenant, session.id) or session
            if session.status is Status.ENDED:
                break
        return session

    def _ended(self, before: Session, ending: Session) -> Commit:
        return self.changes.commit_of(before, flushed(ending), *ending_events(ending))

    def _is_due(self, session: Session) -> bool:
        due = due_at(session, self.changes.timeouts)
        return due is not None and due <= self.changes.clock.now()

    def _is_alive(self, worker_id: str) -> bool:
        beat = self.workers.last_beat(worker_id)
        return beat is not None and self.changes.clock.now() - beat < WORKER_DEAD_AFTER

    def _remember(self, tenant: Tenant, request: RequestKey | None) -> None:
        if record := record_of(self.changes.clock, tenant, request, 200, {}):
            try:
                self.idempotency.put(record)
            except IdempotencyKeyTaken:
                return

    def _find(self, tenant: Tenant, session_id: str) -> Session:
        session = self.changes.sessions.find(tenant, session_id) if ids.is_session_id(session_id) else None
        if session is None:
            raise NotFound("session_not_found", "no such session")
        return session

    def _shown(self, session: Session) -> dict[str, Any]:
        now = self.changes.clock.now()
        stream = None if session.status is Status.ENDED else self.address.of(session, now)
        return views.session_object(session, now, stream)


def ending_events(session: Session) -> tuple[tuple[EventType, Mapping[str, Any] | None], ...]:
    """What is told when a session has ended."""
    ended: tuple[EventType, Mapping[str, Any] | None] = (EventType.SESSION_ENDED, None)
    return (ended, (EventType.TRANSCRIPT_READY, None)) if session.turn_count else (ended,)
