"""A recording whose files never came is asked for again, by whatever is left: its session."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from core.domain.events import EventType
from core.domain.recordings import Chunk, RecordingStatus, begun
from core.domain.rotation import fixed
from core.domain.sessions import EndReason, Recording, Session, Status, Timeouts
from core.ports import DUE_SHARDS, Commit
from core.services.changes import Changes
from core.services.finalizing import Finalizer
from core.services.sessions import SessionService, StreamAddress
from tests.builders import ACME, a_session
from tests.fakes.clocks import START, FakeClock, SequenceIds
from tests.fakes.stores import MemoryIdempotency, MemoryInbox, MemoryRecordings, MemorySessions, MemoryWorkers
from tests.unit.core.services.test_finalizing import Encoder, pcm

LATE = Timeouts().finalize.total_seconds()


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    recordings: MemoryRecordings = field(default_factory=MemoryRecordings)

    def __post_init__(self) -> None:
        self.sessions = MemorySessions(self.clock)
        self.changes = Changes(self.sessions, self.clock, SequenceIds(), Timeouts())
        self.finalizer = Finalizer(self.changes, self.recordings, Encoder, timedelta(days=30))
        self.service = SessionService(
            self.changes,
            MemoryIdempotency(self.sessions),
            MemoryWorkers(),
            MemoryInbox(),
            StreamAddress("", fixed(b"")),
            lambda _: None,
        )

    def ended(self, recording: Recording) -> Session:
        """As a worker leaves it: the last thing it wrote was the end."""
        session = a_session(
            status=Status.ENDING, recording=recording, started_at=START, ended_at=START, end_reason=EndReason.COMPLETED
        )
        self.recordings.put_chunk("chunk", pcm(1, 8000))
        stored = self.sessions.commit(
            Commit(session, None, START, chunks=(Chunk(0, "chunk", 0.0, 1.0),), recorded=begun(session))
        )
        done = self.changes.commit_of(stored, replace(stored, status=Status.ENDED), (EventType.SESSION_ENDED, None))
        return self.sessions.commit(done)

    def sweep(self) -> int:
        """How many sessions were due."""
        now = self.clock.now()
        due = [found for shard in range(DUE_SHARDS) for found in self.sessions.due(shard, now, 10)]
        for tenant, session_id in due:
            assert self.service.expire(tenant, session_id) is False
        return len(due)

    def asked(self) -> int:
        """How often the finalizer was called again."""
        return sum(event.type is EventType.RECORDING_EXTENDED for event in self.sessions.events)


@pytest.fixture
def world() -> World:
    return World()


def test_files_that_do_not_come_are_asked_for_again_later_each_time(world: World) -> None:
    world.ended(Recording(True, id="rec_1"))

    asked = []
    for _ in range(12):
        world.clock.advance(LATE)
        world.sweep()
        asked.append(world.asked())

    assert asked == [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4]


def test_who_is_asked_again_makes_them_and_then_nobody_asks_any_more(world: World) -> None:
    session = world.ended(Recording(True, id="rec_1"))
    world.clock.advance(LATE)
    world.sweep()
    [event] = [event for event in world.sessions.events if event.type is EventType.RECORDING_EXTENDED]

    made = world.finalizer.finalize(event.tenant, event.session_id)

    assert made is not None and made.status is RecordingStatus.READY
    assert world.sessions.events[-1].type is EventType.RECORDING_READY
    world.clock.advance(100 * LATE)
    assert (world.sweep(), world.asked()) == (0, 1)
    shown = world.sessions.find(ACME, session.id)
    assert shown is not None and shown.recording.duration_s == 1.0


def test_a_session_without_a_recording_is_left_alone(world: World) -> None:
    world.ended(Recording())
    world.clock.advance(100 * LATE)

    assert (world.sweep(), world.asked()) == (0, 0)


def test_two_sweeps_at_once_ask_once(world: World) -> None:
    session = world.ended(Recording(True, id="rec_1"))
    world.clock.advance(LATE)

    world.service.expire(session.tenant, session.id)
    world.service.expire(session.tenant, session.id)

    assert world.asked() == 1


def test_when_the_raw_pieces_are_gone_nobody_asks_any_more(world: World) -> None:
    world.ended(Recording(True, id="rec_1"))
    for _ in range(30):
        world.clock.advance(timedelta(days=1).total_seconds())
        world.sweep()

    assert 3 <= world.asked() <= 10
    assert world.sweep() == 0
