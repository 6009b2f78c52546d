"""session.ended → recording, as the function is invoked: twice is once."""

from __future__ import annotations

import pytest

from core.domain.recordings import Chunk, file_key
from core.domain.sessions import Recording, Timeouts
from core.ports import Commit
from core.services.changes import Changes
from core.services.recordings import RecordingService
from lambdas.events import finalize_recording
from lambdas.runtime import wiring
from tests.builders import a_session
from tests.fakes.clocks import START, FakeClock, SequenceIds
from tests.fakes.rest import golden
from tests.fakes.stores import MemoryRecordings, MemorySessions


def test_an_event_delivered_twice_makes_one_file_and_one_announcement(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, recordings = FakeClock(), MemoryRecordings()
    sessions = MemorySessions(clock)
    session = a_session(recording=Recording(True, id="rec_1"), started_at=START)
    recordings.put_chunk("chunk", bytes(32_000))
    sessions.commit(Commit(session, None, None, chunks=(Chunk(0, "chunk", 0.0, 1.0),)))
    service = RecordingService(Changes(sessions, clock, SequenceIds(), Timeouts()), recordings)
    monkeypatch.setattr(wiring, "recordings", lambda: service)

    for _ in range(2):
        finalize_recording.handler(golden("events/bus_event.json"), None)

    assert len(recordings.objects[file_key(session)]) == 32_044
    assert [event.type.value for event in sessions.events] == ["recording.ready"]
