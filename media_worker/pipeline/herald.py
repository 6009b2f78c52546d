"""What is just being said, cried out to those who watch: a few times a second, the latest words, or nothing at all.

Nothing waits for it: what cannot be told in time is left out, and the final comes by another way. Where nobody watches,
nothing ever gets here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.domain import ids as kinds
from core.domain.access import Tenant
from core.domain.events import Event, EventType
from core.domain.transcripts import partial_object
from core.ports import Clock, Ids
from media_worker.messages import Transcript
from media_worker.pipeline.offload import Offload

_log = logging.getLogger(__name__)
# Of a session; so at most four of its partials a second.
_EVERY_S = 0.25
# Of all sessions together; those that do not fit come next, with newer words.
_AT_ONCE = 40
# Several people of one session may be speaking; beyond that the one who was heard longest ago is left out.
_SPEAKING = 4
_STALE = timedelta(seconds=2)
_REST_S = 5.0

Publish = Callable[[Sequence[Event]], None]


@dataclass(frozen=True, slots=True)
class Cry:
    tenant: Tenant
    session_id: str
    said: Transcript
    at: datetime


class Herald:
    """One for all sessions of a worker; `offload` has a thread of its own, which a slow bus may hold up."""

    def __init__(self, publish: Publish, offload: Offload, clock: Clock, ids: Ids) -> None:
        self._publish = publish
        self._offload = offload
        self._clock = clock
        self._ids = ids
        self._waiting: dict[str, dict[str, Cry]] = {}
        self._wake = asyncio.Event()

    def cry(self, tenant: Tenant, session_id: str, said: Transcript) -> None:
        """Instead of what the same segment had waiting."""
        waiting = self._waiting.setdefault(session_id, {})
        waiting[said.segment_id] = Cry(tenant, session_id, said, self._clock.now())
        if len(waiting) > _SPEAKING:
            del waiting[next(iter(waiting))]
        self._wake.set()

    def hush(self, session_id: str, segment_id: str) -> None:
        """It is final now."""
        waiting = self._waiting.get(session_id, {})
        waiting.pop(segment_id, None)
        if not waiting:
            self._waiting.pop(session_id, None)

    async def run(self) -> None:
        """For ever. A bus that fails is left alone for a while, and what was said meanwhile is forgotten."""
        while True:
            await self._wake.wait()
            try:
                if events := [self._event(cry) for cry in self._taken()]:
                    await self._offload(self._publish, events)
                await asyncio.sleep(_EVERY_S)
            except Exception as error:
                _log.warning("partials were not told", extra={"error": type(error).__name__})
                await asyncio.sleep(_REST_S)
                self._waiting.clear()
            if not self._waiting:
                self._wake.clear()

    def _taken(self) -> Iterator[Cry]:
        """One of each session, whoever waits longest; what is stale counts for nothing."""
        oldest = self._clock.now() - _STALE
        left = _AT_ONCE
        for session_id in tuple(self._waiting):
            if not left:
                return
            waiting = self._waiting.pop(session_id)
            fresh = {key: cry for key, cry in waiting.items() if cry.at > oldest}
            if not fresh:
                continue
            yield fresh.pop(next(iter(fresh)))
            left -= 1
            if fresh:
                self._waiting[session_id] = fresh

    def _event(self, cry: Cry) -> Event:
        return Event(
            id=self._ids.new(kinds.EVENT),
            type=EventType.TRANSCRIPT_PARTIAL,
            tenant=cry.tenant,
            session_id=cry.session_id,
            sequence=0,
            created_at=cry.at,
            data=_shown(cry.said),
        )


def _shown(said: Transcript) -> dict[str, Any]:
    return partial_object(
        said.segment_id, said.sequence, said.speaker, said.language, said.text, said.start_s, said.end_s,
        said.participant,
    )  # fmt: skip
