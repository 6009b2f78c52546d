"""Chunks → one WAV."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field, replace

import pytest

from core.domain.recordings import Chunk, file_key
from core.domain.sessions import Channels, Recording, Session, Timeouts
from core.ports import Commit
from core.services.changes import Changes
from core.services.recordings import RecordingService
from tests.builders import ACME, a_session
from tests.fakes.clocks import START, FakeClock, SequenceIds
from tests.fakes.stores import MemoryRecordings, MemorySessions


def pcm(value: int, frames: int, channels: int = 2) -> bytes:
    return value.to_bytes(2, "little", signed=True) * (frames * channels)


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    recordings: MemoryRecordings = field(default_factory=MemoryRecordings)

    def __post_init__(self) -> None:
        self.sessions = MemorySessions(self.clock)
        self.service = RecordingService(Changes(self.sessions, self.clock, SequenceIds(), Timeouts()), self.recordings)

    def recorded(self, *chunks: tuple[float, bytes | None], channels: Channels = Channels.DUAL) -> Session:
        """A session whose chunks begin at these offsets; None for one that was never stored."""
        frame_bytes = 4 if channels is Channels.DUAL else 2
        made = []
        for index, (offset_s, data) in enumerate(chunks):
            duration_s = len(data) / frame_bytes / 8000 if data is not None else 1.0
            made.append(Chunk(index, f"chunk-{index}", offset_s, duration_s))
            if data is not None:
                self.recordings.put_chunk(f"chunk-{index}", data)
        recording = Recording(True, channels, "rec_1")
        session = a_session(recording=recording, started_at=START)
        return self.sessions.commit(Commit(session, None, None, chunks=tuple(made)))

    def samples(self, session: Session) -> wave.Wave_read:
        return wave.Wave_read(io.BytesIO(self.recordings.objects[file_key(session)]))

    def told(self) -> list[str]:
        return [event.type.value for event in self.sessions.events]


@pytest.fixture
def world() -> World:
    return World()


def test_chunks_become_one_stereo_file(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)), (1.0, pcm(2, 4000)))

    done = world.service.finalize(ACME, session.id)

    assert done is not None
    assert done.recording.duration_s == 1.5
    with world.samples(session) as wav:
        assert (wav.getnchannels(), wav.getframerate(), wav.getsampwidth()) == (2, 8000, 2)
        assert wav.readframes(wav.getnframes()) == pcm(1, 8000) + pcm(2, 4000)


def test_a_gap_is_silence(world: World) -> None:
    session = world.recorded((0.5, pcm(1, 8000, 1)), (31.5, pcm(2, 8, 1)), channels=Channels.MONO)

    world.service.finalize(ACME, session.id)

    with world.samples(session) as wav:
        assert wav.readframes(wav.getnframes()) == (
            pcm(0, 4000, 1) + pcm(1, 8000, 1) + pcm(0, 240_000, 1) + pcm(2, 8, 1)
        )


def test_what_overlaps_is_heard_once_and_the_earlier_chunk_wins(world: World) -> None:
    session = world.recorded((0.5, pcm(2, 8000)), (0.0, pcm(1, 8000)), (0.25, pcm(3, 800)))

    world.service.finalize(ACME, session.id)

    with world.samples(session) as wav:
        assert wav.readframes(wav.getnframes()) == pcm(1, 8000) + pcm(2, 4000)


def test_a_chunk_that_was_never_stored_is_silence_and_a_short_one_is_filled_up(world: World) -> None:
    session = world.recorded((0.0, None), (1.0, pcm(1, 8000)))
    world.recordings.objects["chunk-1"] = pcm(1, 100)

    world.service.finalize(ACME, session.id)

    with world.samples(session) as wav:
        assert wav.readframes(wav.getnframes()) == pcm(0, 8000) + pcm(1, 100) + pcm(0, 7900)


def test_the_recording_is_told_with_what_the_api_shows_of_it(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)))

    world.service.finalize(ACME, session.id)

    [event] = world.sessions.events
    assert event.type.value == "recording.ready"
    assert event.data == {
        "id": "rec_1",
        "object": "recording",
        "session_id": session.id,
        "channel": "mixed",
        "channels": 2,
        "duration": 1.0,
        "format": "wav",
        "size": 32044,
        "sample_rate": 8000,
        "bit_depth": 16,
        "status": "ready",
        "created_at": "2026-03-26T11:00:00Z",
    }


def test_the_same_event_twice_tells_once(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)))

    first = world.service.finalize(ACME, session.id)
    second = world.service.finalize(ACME, session.id)

    assert first is not None
    assert second is None
    assert world.told() == ["recording.ready"]


def test_two_finalizers_at_once_tell_once(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)))
    rival = RecordingService(world.service.changes, world.recordings)

    class RivalFirst(MemoryRecordings):
        def put_file(self, key: str, parts: object) -> int:
            rival.finalize(ACME, session.id)
            return 1

    RecordingService(world.service.changes, RivalFirst()).finalize(ACME, session.id)

    assert world.told() == ["recording.ready"]


def test_a_recording_without_a_single_chunk_has_failed(world: World) -> None:
    session = world.recorded()

    done = world.service.finalize(ACME, session.id)

    assert done is not None
    assert done.recording.duration_s == 0.0
    assert world.told() == ["recording.failed"]
    assert world.recordings.objects == {}
    assert world.service.finalize(ACME, session.id) is None


@pytest.mark.parametrize("recording", [Recording(), Recording(True), Recording(True, id="rec_1", duration_s=1.0)])
def test_without_a_recording_there_is_nothing_to_do(world: World, recording: Recording) -> None:
    session = world.sessions.commit(Commit(replace(a_session(), recording=recording), None, None))

    assert world.service.finalize(ACME, session.id) is None
    assert world.told() == []


def test_a_session_that_is_not_there_is_nothing_to_do(world: World) -> None:
    assert world.service.finalize(ACME, "sess_9") is None
