"""When somebody must look at a session although nobody has touched it: the sweep's index is made of this."""

from __future__ import annotations

from datetime import datetime

from core.domain.sessions import Session, Status, Timeouts


def due_at(session: Session, timeouts: Timeouts) -> datetime | None:
    """When the sweep must look at this session if nobody touches it before; None once nothing is left to wait for.

    With a leg connected that is a reconnect window after the owner was last seen: it may have died with the legs.
    """
    if session.status is Status.ENDED:
        return _recording_due_at(session, timeouts)
    if session.status is Status.ENDING:
        return (session.ended_at or session.created_at) + timeouts.flush
    idle = (session.last_audio_at or session.created_at) + timeouts.idle
    held_until = session.disconnected_at or session.seen_at
    return idle if held_until is None else min(idle, held_until + timeouts.reconnect)


def _recording_due_at(session: Session, timeouts: Timeouts) -> datetime | None:
    """Its files are late: twice as late each time, until there is nothing left that they could be made of."""
    recording, ended_at = session.recording, session.ended_at
    if recording.id is None or recording.duration_s is not None or ended_at is None:
        return None
    asked_at = recording.asked_at or ended_at
    next_at = asked_at + max(timeouts.finalize, asked_at - ended_at)
    return next_at if next_at < ended_at + timeouts.chunks_kept else None
