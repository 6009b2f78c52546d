"""Whether an organization may start another session, by what its operator has set for it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from core.domain.organizations import Organization
from core.domain.seats import Seat, free_numbers
from core.errors import RateLimited
from core.limit_ports import SeatStore
from core.ports import Clock, SessionRepository

_log = logging.getLogger(__name__)
# Nobody knows when a call ends; this is how long a client should leave us alone.
_COME_BACK_S = 10
_LOOKED_AT = 20
_LOOK_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Seating:
    seats: SeatStore
    sessions: SessionRepository
    clock: Clock
    random: Random
    _looked: dict[str, datetime] = field(default_factory=dict, repr=False)

    def number_for(self, organization: Organization) -> int | None:
        """A seat that was free a moment ago, whichever: those who come at once should not want the same.

        None where there is no limit. Raises RateLimited.
        """
        most = organization.max_sessions
        if most is None:
            return None
        taken = self.seats.taken(organization.id)
        free = free_numbers(taken, most) or self._freed(organization.id, taken, most)
        if not free:
            raise RateLimited(
                "concurrent_session_limit_exceeded",
                f"at most {most} sessions of the organization may run at once",
                retry_after_s=_COME_BACK_S,
            )
        return self.random.choice(free)

    def _freed(self, organization_id: str, taken: Sequence[Seat], most: int) -> list[int]:
        """Look at some of the seats, now and then, for one that nobody sits on.

        A session and its seat are written together, so there is none; a table that was restored, or mended by hand,
        could have one. Which are looked at is chance, so that none stays for ever.
        """
        now = self.clock.now()
        if now - self._looked.get(organization_id, datetime.min.replace(tzinfo=now.tzinfo)) < _LOOK_EVERY:
            return []
        self._looked[organization_id] = now
        empty = [seat for seat in self._some(taken) if not self._is_held(seat)]
        for seat in empty:
            _log.warning("a seat was held by nobody", extra={"organization": organization_id, "seat": seat.number})
            self.seats.give_up(seat)
        return free_numbers([seat for seat in taken if seat not in empty], most)

    def _some(self, taken: Sequence[Seat]) -> list[Seat]:
        return self.random.sample(taken, min(_LOOKED_AT, len(taken)))

    def _is_held(self, seat: Seat) -> bool:
        session = self.sessions.find(seat.tenant, seat.session_id)
        return session is not None and not session.is_closed
