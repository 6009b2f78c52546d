"""session.ended → recording, as the function is invoked: twice is once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.adapters.mp3 import Mp3Encoder
from core.domain.recordings import Chunk, Format, begun
from core.domain.sessions import Recording, Timeouts
from core.ports import Commit
from core.services.changes import Changes
from core.services.finalizing import Finalizer
from lambdas.events import finalize_recording
from lambdas.runtime import wiring
from tests.builders import ACME, a_session
from tests.fakes.clocks import START, FakeClock, SequenceIds
from tests.fakes.rest import golden
from tests.fakes.stores import MemoryRecordings, MemorySessions


def test_an_event_delivered_twice_makes_one_file_and_one_announcement(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, recordings = FakeClock(), MemoryRecordings()
    sessions = MemorySessions(clock)
    session = a_session(recording=Recording(True, id="rec_1"), started_at=START)
    recordings.put_chunk("chunk", bytes(32_000))
    chunk = Chunk(0, "chunk", 0.0, 1.0)
    sessions.commit(Commit(session, None, None, chunks=(chunk,), recorded=begun(session)))
    changes = Changes(sessions, clock, SequenceIds(), Timeouts())
    service = Finalizer(changes, recordings, Mp3Encoder, timedelta(days=1))
    monkeypatch.setattr(wiring, "finalizer", lambda: service)

    for _ in range(2):
        finalize_recording.handler(golden("events/bus_event.json"), None)

    done = sessions.recorded(ACME, "rec_1")
    assert done is not None
    assert done.sizes[Format.WAV] == 32_044
    assert 6_000 < done.sizes[Format.MP3] < 8_000
    assert len([key for key in recordings.objects if key.startswith("recordings/")]) == 2
    assert [event.type.value for event in sessions.events] == ["recording.ready"]
