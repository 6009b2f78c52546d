"""Reading a transcript, while the call runs or after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.domain import ids
from core.domain.access import Tenant
from core.domain.transcripts import TranscriptFormat, render, transcript_object
from core.errors import NotFound
from core.ports import Clock, SessionRepository


@dataclass(frozen=True, slots=True)
class TranscriptService:
    sessions: SessionRepository
    clock: Clock

    def get(self, tenant: Tenant, session_id: str, form: TranscriptFormat, *, translated: bool) -> dict[str, Any] | str:
        """The transcript object for JSON, text for every other format. Raises NotFound."""
        session = self.sessions.find(tenant, session_id) if ids.is_session_id(session_id) else None
        if session is None:
            raise NotFound("session_not_found", "no such session")
        turns = self.sessions.turns(tenant, session_id)
        if form is TranscriptFormat.JSON:
            return transcript_object(session, turns, self.clock.now(), translated=translated)
        return render(turns, form, translated=translated)
