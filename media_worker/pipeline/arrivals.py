"""How a leg comes into a conversation: the session is taken, once, and the leg is told what it has missed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from core.domain.sessions import Session
from core.domain.transcripts import Turn
from core.errors import Unavailable
from media_worker.messages import Transcript
from media_worker.pipeline.absences import Absences, missed
from media_worker.pipeline.booth import Booth
from media_worker.pipeline.equipment import Limits
from media_worker.pipeline.finals import Finals
from media_worker.pipeline.ledger import Ledger
from media_worker.pipeline.leg import Leg

Missed = Callable[[], list[Transcript]]


class Arrivals:
    """`go_on` is called once, with the session and its turns as the last owner left them; what was known before may be
    out of date."""

    def __init__(
        self,
        ledger: Ledger,
        booth: Booth,
        finals: Finals,
        limits: Limits,
        go_on: Callable[[Session, Sequence[Turn]], None],
    ) -> None:
        self._ledger = ledger
        self._finals = finals
        self._booth = booth
        self._limits = limits
        self._go_on = go_on
        self._absences = Absences()
        self._taking = asyncio.Lock()
        self._is_taken = False
        self.on_the_way = 0

    @contextmanager
    def expected(self) -> Iterator[None]:
        """Keeps a place for a leg until it is in, or will not come."""
        self.on_the_way += 1
        try:
            yield
        finally:
            self.on_the_way -= 1

    async def attach(self) -> None:
        """Raises what `StreamService.attach` raises, and Unavailable when it takes too long."""
        try:
            await asyncio.wait_for(self._take(), self._limits.attach_s)
        except TimeoutError as error:
            session_id = self._ledger.session.id
            raise Unavailable("attach_timeout", f"session {session_id} could not be taken in time") from error

    async def missed_by(self, leg: Leg, last_sequence: int | None) -> Missed:
        """To be called when the leg is in: what was told while we read is among it, too."""
        told = self._absences.back(leg.party)
        since = told if last_sequence is None else last_sequence
        if since is None or since >= self._booth.last_sequence or leg.dialect.paced:
            return list
        stored = await self._ledger.turns()
        return lambda: missed(since, self.last_told, stored, self._finals.told, most=self._limits.missed_turns)

    def left(self, leg: Leg) -> None:
        self._absences.left(leg.party, self.last_told)

    @property
    def last_told(self) -> int:
        """The sequence of the last final that clients have been sent."""
        return self._finals.last_told(self._booth.last_sequence)

    async def _take(self) -> None:
        async with self._taking:
            left_at = self._ledger.session.disconnected_at
            session = await self._ledger.attach()
            if self._is_taken:
                return
            turns = await self._ledger.turns() if session.turn_count else []
            self._booth.go_on_after(max([session.turn_count, *(turn.sequence for turn in turns)]))
            if left_at is not None:
                self._absences.all_left(self._booth.cast, left_at, turns)
            self._go_on(session, turns)
            self._is_taken = True
