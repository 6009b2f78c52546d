"""What was begun and never came to its end, asked for again: the files of a recording."""

from __future__ import annotations

import logging
from dataclasses import replace

from core.domain.deadlines import due_at
from core.domain.events import EventType
from core.domain.sessions import Session, Status
from core.ports import Commit
from core.services.changes import Changes

_log = logging.getLogger(__name__)


def ask_for_recording(changes: Changes, session: Session) -> None:
    """Of a session that has ended and whose files are late: by the event that calls the finalizer.

    The finalizer makes them once, however often it is called.
    """

    def decide(current: Session) -> Commit | None:
        due, now = due_at(current, changes.timeouts), changes.clock.now()
        if current.status is not Status.ENDED or due is None or due > now:
            return None
        after = replace(current, recording=replace(current.recording, asked_at=now))
        _log.warning("a recording is late", extra={"session_id": current.id})
        return changes.commit_of(current, after, (EventType.RECORDING_EXTENDED, {"recording_id": after.recording.id}))

    changes.apply(session, decide)
