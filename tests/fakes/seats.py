"""SeatStore in memory, and what creates sessions on it."""

from __future__ import annotations

from random import Random

from core.adapters.json_schemas import JsonSchemas
from core.domain.seats import Seat
from core.services.admission import Seating
from core.services.agent_descriptions import AgentDescriptions
from core.services.changes import Changes
from core.services.creating import SessionCreation
from core.services.credits import CreditService
from core.services.sessions import StreamAddress
from tests.fakes.agents import MemoryAgents
from tests.fakes.stores import MemoryIdempotency, MemorySessions, MemoryUsage


class MemorySeats:
    """The SeatStore side of `MemorySessions`."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._sessions = sessions
        self.reads = 0

    def taken(self, organization_id: str) -> list[Seat]:
        self.reads += 1
        return [seat for (owner, _), seat in sorted(self._sessions.seats.items()) if owner == organization_id]

    def give_up(self, seat: Seat) -> None:
        with self._sessions._lock:
            place = (seat.tenant.organization_id, seat.number)
            if self._sessions.seats.get(place) == seat:
                del self._sessions.seats[place]


def a_creation(
    changes: Changes, sessions: MemorySessions, address: StreamAddress, agents: MemoryAgents | None = None
) -> SessionCreation:
    seating = Seating(MemorySeats(sessions), sessions, changes.clock, Random(1))
    credits = CreditService(MemoryUsage(sessions), changes.clock)
    descriptions = AgentDescriptions(agents or MemoryAgents(sessions), JsonSchemas())
    return SessionCreation(changes, MemoryIdempotency(sessions), seating, credits, address, descriptions)
