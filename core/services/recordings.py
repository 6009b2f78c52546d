"""The recordings of a tenant: look at them, listen to them, delete them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from core.domain import ids
from core.domain.access import Tenant
from core.domain.paging import Page, Paged
from core.domain.recordings import (
    Format,
    Recorded,
    RecordingStatus,
    begun,
    chunks_prefix,
    deleted,
    file_key,
    files_prefix,
    recording_object,
)
from core.domain.sessions import Session
from core.errors import Conflict, NotFound
from core.ports import Commit, RecordingStore
from core.services.changes import Changes

ALL = Page()
# Long enough to begin a download, which may then take as long as it takes.
LINK_LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RecordingService:
    changes: Changes
    recordings: RecordingStore

    def of_session(self, tenant: Tenant, session_id: str, page: Page = ALL) -> Paged[dict[str, Any]]:
        """None before the first audio, then one; so there is nothing on either side of it.

        Raises NotFound, also when a cursor is not that one.
        """
        session = self._session(tenant, session_id)
        recorded = self._recorded(session)
        if page.cursor is not None and (recorded is None or page.cursor != recorded.id):
            raise _not_found(page.cursor_name)
        return Paged(() if recorded is None or page.cursor else (self._shown(recorded),), has_more=False)

    def _recorded(self, session: Session) -> Recorded | None:
        fresh = begun(session)
        recorded = (self.changes.sessions.recorded(session.tenant, fresh.id) or fresh) if fresh else None
        return recorded if recorded and recorded.is_there(self.changes.clock.now()) else None

    def get(self, tenant: Tenant, recording_id: str) -> dict[str, Any]:
        """Raises NotFound."""
        return self._shown(self._find(tenant, recording_id))

    def audio(self, tenant: Tenant, recording_id: str, form: Format) -> str:
        """Where the file can be fetched for the next minutes. Raises NotFound, or Conflict while there is none yet."""
        recorded = self._find(tenant, recording_id)
        if recorded.status is RecordingStatus.FAILED:
            raise NotFound("recording_failed", "nothing was recorded")
        if recorded.status is not RecordingStatus.READY:
            raise _not_finished()
        return self._link(recorded, form)

    def delete(self, tenant: Tenant, recording_id: str) -> None:
        """The word first, then the bytes; asked again, the bytes again. Raises NotFound, or Conflict while it grows."""
        recorded = self.changes.sessions.recorded(tenant, recording_id) if ids.is_recording_id(recording_id) else None
        if recorded is None:
            raise _not_found()
        self.changes.apply(self._session(tenant, recorded.session_id), self._deletion)
        self.recordings.remove(files_prefix(recorded))
        self.recordings.remove(chunks_prefix(tenant, recorded.session_id, recorded.id))

    def _deletion(self, current: Session) -> Commit | None:
        """Decided on what is stored now, guarded by the session's version."""
        held = self.changes.sessions.recorded(current.tenant, str(current.recording.id))
        if held is None or held.status is RecordingStatus.DELETED:
            return None
        if not held.is_finished:
            raise _not_finished()
        return replace(self.changes.commit_of(current, current), recorded=deleted(held))

    def _shown(self, recorded: Recorded) -> dict[str, Any]:
        ready = recorded.status is RecordingStatus.READY
        return recording_object(recorded, self._link(recorded, Format.WAV) if ready else None)

    def _link(self, recorded: Recorded, form: Format) -> str:
        return self.recordings.link(file_key(recorded, form), f"{recorded.id}.{form}", LINK_LIFETIME)

    def _find(self, tenant: Tenant, recording_id: str) -> Recorded:
        recorded = self.changes.sessions.recorded(tenant, recording_id) if ids.is_recording_id(recording_id) else None
        if recorded is None or not recorded.is_there(self.changes.clock.now()):
            raise _not_found()
        return recorded

    def _session(self, tenant: Tenant, session_id: str) -> Session:
        session = self.changes.sessions.find(tenant, session_id) if ids.is_session_id(session_id) else None
        if session is None:
            raise NotFound("session_not_found", "no such session")
        return session


def _not_found(param: str | None = None) -> NotFound:
    return NotFound("recording_not_found", "no such recording", param=param)


def _not_finished() -> Conflict:
    return Conflict("recording_not_finished", "the recording is not finished yet", retry_after_s=2)
