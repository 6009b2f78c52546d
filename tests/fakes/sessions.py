"""The session services on fakes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

from core.domain.organizations import Organization
from core.domain.rotation import fixed
from core.domain.sessions import Mode, Session, Timeouts
from core.ports import DUE_SHARDS
from core.services.changes import Changes
from core.services.creating import NewSession
from core.services.sessions import SessionService, StreamAddress
from core.services.streams import StreamService
from tests.builders import ACME
from tests.fakes.clocks import FakeClock, SequenceIds
from tests.fakes.seats import MemorySeats, a_creation
from tests.fakes.stores import MemoryIdempotency, MemoryInbox, MemorySessions, MemoryWorkers

ANY_NUMBER = Organization("org_acme", "Acme")
CALL = NewSession(Mode.BIDIRECTIONAL_TRANSLATION, "de", "en")
TOKEN_KEY = b"t" * 32


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    ids: SequenceIds = field(default_factory=SequenceIds)
    workers: MemoryWorkers = field(default_factory=MemoryWorkers)
    inbox: MemoryInbox = field(default_factory=MemoryInbox)
    waited_s: float = 0.0

    def __post_init__(self) -> None:
        self.sessions = MemorySessions(self.clock)
        self.changes = Changes(self.sessions, self.clock, self.ids, Timeouts())
        self.service = SessionService(
            self.changes,
            MemoryIdempotency(self.sessions),
            self.workers,
            self.inbox,
            StreamAddress("wss://stream.example", fixed(TOKEN_KEY)),
            self.wait,
        )
        self.creation = a_creation(self.changes, self.sessions, self.service.address)
        self.seats = cast(MemorySeats, self.creation.seating.seats)
        self.streams = StreamService(self.changes, self.workers, fixed(TOKEN_KEY), "worker-1")

    def wait(self, seconds: float) -> None:
        self.waited_s += seconds
        self.clock.advance(seconds)

    def created(self, **more: Any) -> dict[str, Any]:
        return dict(self.creation.create(ACME, ANY_NUMBER, replace(CALL, **more)).body)

    def connected(self, **more: Any) -> Session:
        created = self.created(**more)
        self.workers.beat("worker-1", self.clock.now())
        return self.streams.attach(self.streams.admit(created["id"], created["stream"]["token"]))

    def due(self) -> list[str]:
        """What the sweep would look at now."""
        now = self.clock.now()
        return [name for shard in range(DUE_SHARDS) for _, name in self.sessions.due(shard, now, 10)]

    def told(self) -> list[str]:
        return [event.type.value for event in self.sessions.events]
