"""Partials for watchers: the worker that holds the session tells them only while somebody wants to hear them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from core.domain.sessions import Session
from core.domain.watching import WATCH_LIFETIME, watch_command
from core.errors import DependencyRefused, Unavailable
from core.ports import Clock, WorkerInbox

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Overhearing:
    """A courtesy: a worker that cannot be told keeps nobody from watching, they get finals all the same."""

    inbox: WorkerInbox
    clock: Clock

    def begin(self, session: Session) -> None:
        """Again before it ends, to go on."""
        if session.transcription.enabled and session.transcription.partials:
            now = self.clock.now()
            self._tell(session, now, now + WATCH_LIFETIME)

    def stop(self, session: Session, since: datetime) -> None:
        """Nobody watched at `since`; whoever has come after that is not affected."""
        self._tell(session, since, since)

    def _tell(self, session: Session, at: datetime, until: datetime) -> None:
        if session.owner is None or session.is_closed:
            return
        try:
            self.inbox.send(session.owner, watch_command(session.id, at, until))
        except (Unavailable, DependencyRefused) as error:
            _log.warning("a worker was not told", extra={"session_id": session.id, "error": type(error).__name__})
