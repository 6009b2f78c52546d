"""The session use cases of a worker: let a socket in, own the session, write down what was said, end.

Every write carries the fence (worker, epoch); `FenceLost` means another worker owns the session now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain import ids
from core.domain.access import is_stream_token
from core.domain.events import EventType
from core.domain.recordings import Chunk, begun
from core.domain.rotation import Secret
from core.domain.sessions import (
    EndReason,
    Session,
    Status,
    Usage,
    agent_left,
    claim,
    end,
    flushed,
    join,
    leave,
    seen,
    start,
)
from core.domain.transcripts import Turn, turn_object, word_count
from core.domain.usage import addition, metered
from core.errors import AuthenticationFailed, Conflict, FenceLost, NotFound
from core.ports import Commit, Fence, WorkerDirectory
from core.services.changes import Changes
from core.services.sessions import WORKER_DEAD_AFTER, ending_events
from core.services.succession import nobody

_SEEN_EVERY = timedelta(minutes=1)


class SessionEnded(Conflict):
    def __init__(self, session_id: str) -> None:
        super().__init__("session_ended", f"session {session_id} has ended")


class ReconnectWindowOver(Conflict):
    def __init__(self, session_id: str) -> None:
        super().__init__("reconnect_window_over", f"session {session_id} waited too long for a new stream")


class HeldElsewhere(Conflict):
    """`owner` is the living worker that holds the session."""

    def __init__(self, session_id: str, owner: str) -> None:
        self.owner = owner
        super().__init__("session_held_elsewhere", f"another worker holds session {session_id}", retry_after_s=1)


class TakenElsewhere(HeldElsewhere):
    """Nobody holds the session; `owner` is a worker of the release in service, which is to take it."""

    def __init__(self, session_id: str, owner: str) -> None:
        self.owner = owner
        Conflict.__init__(self, "worker_superseded", f"a newer worker takes session {session_id}", retry_after_s=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a conversation has made since its last write. Turns carry their sequence already."""

    last_audio_at: datetime | None = None
    usage: Usage | None = None
    turns: tuple[Turn, ...] = ()
    chunks: tuple[Chunk, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamService:
    """`successor` says who takes sessions in place of this worker, if somebody does."""

    changes: Changes
    workers: WorkerDirectory
    token_key: Secret
    worker_id: str
    successor: Callable[[], str | None] = nobody

    def admit(self, session_id: str, token: str) -> Session:
        """Let in whoever holds the session's token.

        Raises NotFound, AuthenticationFailed, SessionEnded or ReconnectWindowOver.
        """
        session = self._find(session_id)
        now = self.changes.clock.now()
        if not is_stream_token(self.token_key().values, token, session.tenant, session.id, session.created_at, now):
            raise AuthenticationFailed("invalid_stream_token", "the stream token is wrong or has expired")
        self._check_open(session, now)
        return session

    def attach(self, session: Session) -> Session:
        """Own the session and count a leg in.

        Raises HeldElsewhere while another living worker owns it, TakenElsewhere when another one is to own it.
        """

        def decide(current: Session) -> Commit:
            now = self.changes.clock.now()
            self._check_open(current, now)
            if current.owner != self.worker_id:
                self._check_free(current)
                self._check_not_superseded(current)
                current_owned = claim(current, self.worker_id)
            else:
                current_owned = current
            return self.changes.commit_of(current, seen(join(current_owned), now))

        return self.changes.apply(session, decide)

    def first_audio(self, session: Session) -> Session:
        """connecting → active; clocks, billing and the recording start."""
        recording_id = self.changes.ids.new(ids.RECORDING)

        def decide(current: Session) -> Commit | None:
            if current.status is not Status.CONNECTING:
                return None
            after = start(current, self.changes.clock.now(), recording_id)
            commit = self.changes.commit_of(current, after, (EventType.SESSION_STARTED, None))
            return self._fenced(session, replace(commit, recorded=begun(after)))

        return self.changes.apply(session, decide)

    def progress(self, session: Session, made: Progress) -> Session:
        """Turns, recording chunks and meters, in one write. Taken even while `ending`: this is the flush.

        Taken even after `ended`, when the end was forced; then chunks call the finalizer once more.
        """

        def decide(current: Session) -> Commit:
            now = self.changes.clock.now()
            turns = self._not_yet_stored(session, current, made.turns)
            after = replace(
                seen(current, now, _SEEN_EVERY),
                last_audio_at=made.last_audio_at or current.last_audio_at,
                usage=metered(current, made.usage) if made.usage else current.usage,
                turn_count=current.turn_count + len(turns),
                word_count=current.word_count + sum(word_count(turn.text) for turn in turns),
            )
            told = [(EventType.TRANSCRIPT_SEGMENT, turn_object(turn)) for turn in turns]
            if made.chunks and current.status is Status.ENDED:
                told.append((EventType.RECORDING_EXTENDED, {"recording_id": current.recording.id}))
            commit = self.changes.commit_of(current, after, *told)
            used = addition(current.usage, after.usage, now)
            return self._fenced(session, replace(commit, turns=turns, chunks=made.chunks, used=used))

        return self.changes.apply(session, decide)

    def leave(self, session: Session) -> Session:
        """The last leg has gone: the reconnect window opens."""

        def decide(current: Session) -> Commit | None:
            after = leave(current, self.changes.clock.now())
            return None if after is current else self._fenced(session, self.changes.commit_of(current, after))

        return self.changes.apply(session, decide)

    def agent_left(self, session: Session) -> Session:
        """An agent of ours has handed the call over to a human."""

        def decide(current: Session) -> Commit | None:
            if current.is_closed or current.agent_left_at is not None:
                return None
            after = agent_left(current, self.changes.clock.now())
            return self._fenced(session, self.changes.commit_of(current, after, (EventType.AGENT_TRANSFERRED, None)))

        return self.changes.apply(session, decide)

    def end(self, session: Session, reason: EndReason) -> Session:
        """A client said `session.end`, or the conversation timed out: fix the clocks; `flushed` follows."""

        def decide(current: Session) -> Commit | None:
            if current.is_closed:
                return None
            after = end(current, reason, self.changes.clock.now())
            return self._fenced(session, self.changes.commit_of(current, after))

        return self.changes.apply(session, decide)

    def flushed(self, session: Session) -> Session:
        """Everything has been written: ending → ended."""

        def decide(current: Session) -> Commit | None:
            if current.status is not Status.ENDING:
                return None
            commit = self.changes.commit_of(current, flushed(current), *ending_events(current))
            return self._fenced(session, commit)

        return self.changes.apply(session, decide)

    def refresh(self, session: Session) -> Session:
        """The stored session, when something outside may have changed it. Raises FenceLost when it is not ours now."""
        current = self.changes.sessions.find(session.tenant, session.id) or session
        if current.owner != self.worker_id or current.epoch != session.epoch:
            raise FenceLost(session.id)
        return current

    def turns(self, session: Session) -> list[Turn]:
        """Everything that was said so far, by their sequence."""
        return self.changes.sessions.turns(session.tenant, session.id)

    def next_chunk(self, session: Session) -> int:
        """Where a resumed recording goes on; numbers may be missing, but none is given twice."""
        chunks = self.changes.sessions.chunks(session.tenant, session.id)
        return max((chunk.index + 1 for chunk in chunks), default=0)

    def _not_yet_stored(self, held: Session, current: Session, turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
        """All, unless somebody has written meanwhile: that may have been us, and only the answer was lost."""
        if not turns or current.version == held.version:
            return turns
        stored = {turn.id for turn in self.turns(current)}
        return tuple(turn for turn in turns if turn.id not in stored)

    def _find(self, session_id: str) -> Session:
        tenant = self.changes.sessions.tenant_of(session_id) if ids.is_session_id(session_id) else None
        session = self.changes.sessions.find(tenant, session_id) if tenant else None
        if session is None:
            raise NotFound("session_not_found", "no such session")
        return session

    def _check_open(self, session: Session, now: datetime) -> None:
        if session.is_closed:
            raise SessionEnded(session.id)
        left = session.disconnected_at
        if left is not None and now - left >= self.changes.timeouts.reconnect:
            raise ReconnectWindowOver(session.id)

    def _check_free(self, session: Session) -> None:
        beat = self.workers.last_beat(session.owner) if session.owner else None
        if beat is not None and self.changes.clock.now() - beat < WORKER_DEAD_AFTER:
            raise HeldElsewhere(session.id, session.owner or "")

    def _check_not_superseded(self, session: Session) -> None:
        successor = self.successor()
        if successor is not None:
            raise TakenElsewhere(session.id, successor)

    def _fenced(self, held: Session, commit: Commit) -> Commit:
        """The epoch is the one this worker holds, not the one it may just have read."""
        if commit.session.owner != self.worker_id or commit.session.epoch != held.epoch:
            raise FenceLost(held.id)
        return replace(commit, fence=Fence(self.worker_id, held.epoch))
