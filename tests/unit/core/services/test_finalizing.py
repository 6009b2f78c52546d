"""Chunks → one WAV and one MP3, once, and again when more of them came."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from core.domain.recordings import Chunk, Format, Recorded, begun, deleted, file_key
from core.domain.sessions import Channels, Recording, Session, Timeouts
from core.ports import Commit
from core.services.changes import Changes
from core.services.finalizing import Finalizer
from tests.builders import ACME, a_session
from tests.fakes.clocks import START, FakeClock, SequenceIds
from tests.fakes.stores import MemoryFile, MemoryRecordings, MemorySessions

KEPT = timedelta(days=30)


class Encoder:
    """Says how many channels it was made for, and what went in."""

    def __init__(self, channels: int) -> None:
        self.channels = channels

    def encode(self, pcm: bytes) -> bytes:
        return b"" if not pcm else f"{self.channels}:{len(pcm)};".encode()

    def finish(self) -> bytes:
        return b"end"


def pcm(value: int, frames: int, channels: int = 2) -> bytes:
    return value.to_bytes(2, "little", signed=True) * (frames * channels)


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    recordings: MemoryRecordings = field(default_factory=MemoryRecordings)

    def __post_init__(self) -> None:
        self.sessions = MemorySessions(self.clock)
        self.changes = Changes(self.sessions, self.clock, SequenceIds(), Timeouts())
        self.service = Finalizer(self.changes, self.recordings, Encoder, KEPT)

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
        return self.sessions.commit(Commit(session, None, None, chunks=tuple(made), recorded=begun(session)))

    def late(self, session: Session, index: int, offset_s: float, data: bytes) -> None:
        """A worker's last chunk."""
        self.recordings.put_chunk(f"chunk-{index}", data)
        chunk = Chunk(index, f"chunk-{index}", offset_s, len(data) / 4 / 8000)
        current = self.sessions.find(ACME, session.id)
        assert current is not None
        self.sessions.commit(Commit(current, current.version, None, chunks=(chunk,)))

    def samples(self, session: Session) -> wave.Wave_read:
        return wave.Wave_read(io.BytesIO(self.recordings.objects[file_key(self.kept(session), Format.WAV)]))

    def kept(self, session: Session) -> Recorded:
        found = self.sessions.recorded(ACME, str(session.recording.id))
        assert found is not None
        return found

    def files(self) -> list[str]:
        return sorted(key for key in self.recordings.objects if key.startswith("recordings/"))

    def told(self) -> list[str]:
        return [event.type.value for event in self.sessions.events]


@pytest.fixture
def world() -> World:
    return World()


def test_chunks_become_one_stereo_file(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)), (1.0, pcm(2, 4000)))

    done = world.service.finalize(ACME, session.id)

    assert done is not None
    assert done.duration_s == 1.5
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
        "download_url": None,
        "created_at": "2026-03-26T11:00:00Z",
        "expires_at": "2026-04-25T11:00:00Z",
    }


def test_the_same_event_twice_tells_once(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)))

    first = world.service.finalize(ACME, session.id)
    second = world.service.finalize(ACME, session.id)

    assert first is not None
    assert second is None
    assert world.told() == ["recording.ready"]


class Interrupted(MemoryRecordings):
    """Something happens while the files are being written."""

    def __init__(self, world: World, happens: Callable[[], object]) -> None:
        super().__init__()
        self.objects = world.recordings.objects
        self._happens: Callable[[], object] | None = happens

    @contextmanager
    def create_file(self, key: str, form: Format) -> Iterator[MemoryFile]:
        with super().create_file(key, form) as file:
            yield file
            happens, self._happens = self._happens, None
            if happens is not None:
                happens()


def interrupted(world: World, happens: Callable[[], object]) -> Finalizer:
    return Finalizer(world.changes, Interrupted(world, happens), Encoder, KEPT)


def test_two_finalizers_at_once_tell_once(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)))

    done = interrupted(world, lambda: world.service.finalize(ACME, session.id)).finalize(ACME, session.id)

    assert done is None
    assert world.told() == ["recording.ready"]
    assert world.files() == [file_key(world.kept(session), form) for form in (Format.MP3, Format.WAV)]


def test_both_files_hold_the_same_timeline(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)), (1.5, pcm(2, 8000)))

    done = world.service.finalize(ACME, session.id)

    assert done is not None
    mp3 = world.recordings.objects[file_key(done, Format.MP3)]
    assert mp3 == b"2:32000;2:16000;2:32000;end"
    assert done.sizes == {Format.WAV: 44 + 80_000, Format.MP3: len(mp3)}


def test_mono_is_encoded_as_mono(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000, 1)), channels=Channels.MONO)

    done = world.service.finalize(ACME, session.id)

    assert done is not None
    assert world.recordings.objects[file_key(done, Format.MP3)].startswith(b"1:16000;")


def test_chunks_that_came_after_the_end_make_new_files_and_the_old_ones_go(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)))
    first = world.service.finalize(ACME, session.id)
    world.late(session, 1, 1.0, pcm(2, 8000))

    second = world.service.finalize(ACME, session.id)

    assert first is not None
    assert second is not None
    assert (first.duration_s, second.duration_s) == (1.0, 2.0)
    assert world.told() == ["recording.ready", "recording.ready"]
    assert world.files() == [file_key(second, form) for form in (Format.MP3, Format.WAV)]
    found = world.sessions.find(ACME, session.id)
    assert found is not None
    assert found.recording.duration_s == 2.0


def test_a_recording_that_failed_for_want_of_chunks_becomes_ready_with_them(world: World) -> None:
    session = world.recorded()
    world.service.finalize(ACME, session.id)
    world.late(session, 0, 0.0, pcm(2, 8000))

    world.service.finalize(ACME, session.id)

    assert world.told() == ["recording.failed", "recording.ready"]


def test_who_saw_fewer_chunks_leaves_nothing_and_tells_nothing(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)))

    def more() -> None:
        world.late(session, 1, 1.0, pcm(2, 8000))
        world.service.finalize(ACME, session.id)

    assert interrupted(world, more).finalize(ACME, session.id) is None

    assert world.told() == ["recording.ready"]
    assert world.kept(session).duration_s == 2.0
    assert world.files() == [file_key(world.kept(session), form) for form in (Format.MP3, Format.WAV)]


def test_a_recording_deleted_meanwhile_stays_deleted(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)))

    def delete() -> None:
        current = world.sessions.find(ACME, session.id)
        assert current is not None
        world.sessions.commit(Commit(current, current.version, None, recorded=deleted(world.kept(session))))

    assert interrupted(world, delete).finalize(ACME, session.id) is None
    assert world.service.finalize(ACME, session.id) is None

    assert world.told() == []
    assert world.files() == []


def test_late_chunks_of_a_deleted_recording_are_deleted_too(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)))
    world.sessions.commit(Commit(session, session.version, None, recorded=deleted(world.kept(session))))
    late = "chunks/org_acme/live/sess_1/rec_1/000001-000001.pcm"
    world.recordings.put_chunk(late, pcm(1, 8))

    world.service.finalize(ACME, session.id)

    assert late not in world.recordings.objects


def test_a_failure_in_between_leaves_nothing_and_may_be_tried_again(world: World) -> None:
    session = world.recorded((0.0, pcm(1, 8000)))

    def fail() -> None:
        raise RuntimeError("the store went away")

    with pytest.raises(RuntimeError):
        interrupted(world, fail).finalize(ACME, session.id)
    assert world.told() == []

    assert world.service.finalize(ACME, session.id) is not None


def test_if_no_chunk_can_be_read_the_recording_has_failed(world: World) -> None:
    session = world.recorded((0.0, None), (1.0, None))

    done = world.service.finalize(ACME, session.id)

    assert done is not None
    assert (done.duration_s, world.told(), world.files()) == (0.0, ["recording.failed"], [])


def test_a_recording_without_a_single_chunk_has_failed(world: World) -> None:
    session = world.recorded()

    done = world.service.finalize(ACME, session.id)

    assert done is not None
    assert done.duration_s == 0.0
    assert world.told() == ["recording.failed"]
    assert world.recordings.objects == {}
    assert world.service.finalize(ACME, session.id) is None


@pytest.mark.parametrize("recording", [Recording(), Recording(True)])
def test_without_a_recording_there_is_nothing_to_do(world: World, recording: Recording) -> None:
    session = world.sessions.commit(Commit(replace(a_session(), recording=recording), None, None))

    assert world.service.finalize(ACME, session.id) is None
    assert world.told() == []


def test_a_session_that_is_not_there_is_nothing_to_do(world: World) -> None:
    assert world.service.finalize(ACME, "sess_9") is None
