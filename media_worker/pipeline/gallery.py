"""The public gallery of one conversation: whether anybody watches, and what they get to hear of what is being said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from core.domain.sessions import Session
from core.domain.watching import WATCH_LIFETIME, watch_of
from core.ports import Clock
from media_worker.messages import Transcript
from media_worker.pipeline.herald import Herald

_NEVER = datetime.min.replace(tzinfo=UTC)


class Gallery:
    """Empty until the control plane says otherwise, and empty again when its time is over."""

    def __init__(self, session: Session, herald: Herald, clock: Clock) -> None:
        self._tenant = session.tenant
        self._session_id = session.id
        self._herald = herald
        self._clock = clock
        self._asked_at = _NEVER
        self._until = _NEVER

    def watch(self, command: Mapping[str, str]) -> None:
        """Commands overtake each other; the one that was given last holds. Nobody watches longer than is usual."""
        told = watch_of(command)
        if told is None or told[0] < self._asked_at:
            return
        self._asked_at, until = told
        self._until = min(until, self._clock.now() + WATCH_LIFETIME)

    def partial(self, said: Transcript) -> None:
        if self._until is not _NEVER and self._clock.now() < self._until:
            self._herald.cry(self._tenant, self._session_id, said)

    def final(self, segment_id: str) -> None:
        if self._until is not _NEVER:
            self._herald.hush(self._session_id, segment_id)
