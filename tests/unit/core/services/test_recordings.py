"""Looking at recordings, listening to them, deleting them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from core.domain.access import Tenant
from core.domain.recordings import (
    Format,
    Recorded,
    RecordingStatus,
    begun,
    chunk_key,
    file_key,
    finished,
)
from core.domain.sessions import Recording, Session, Timeouts
from core.errors import Conflict, NotFound
from core.ports import Commit
from core.services.changes import Changes
from core.services.recordings import LINK_LIFETIME, RecordingService
from tests.builders import ACME, ACME_TEST, OTHER, a_session
from tests.fakes.clocks import START, FakeClock, SequenceIds
from tests.fakes.stores import MemoryRecordings, MemorySessions


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    objects: MemoryRecordings = field(default_factory=MemoryRecordings)

    def __post_init__(self) -> None:
        self.sessions = MemorySessions(self.clock)
        self.service = RecordingService(Changes(self.sessions, self.clock, SequenceIds(), Timeouts()), self.objects)

    def recording(self, session: Session | None = None) -> Recorded:
        """Begun, with its first chunk stored."""
        session = session or a_session(recording=Recording(True, id="rec_1"), started_at=START)
        recorded = begun(session)
        assert recorded is not None
        self.sessions.commit(Commit(session, None, None, recorded=recorded))
        self.objects.put_chunk(chunk_key(session, 0), b"pcm")
        return recorded

    def finish(self, recorded: Recorded, *forms: Format) -> Recorded:
        """No forms: it has failed."""
        done = finished(recorded, 8000 if forms else 0, dict.fromkeys(forms, 7), 1, timedelta(days=30))
        session = self.sessions.find(recorded.tenant, recorded.session_id)
        assert session is not None
        self.sessions.commit(Commit(session, session.version, None, recorded=done))
        for form in forms:
            self.objects.put_chunk(file_key(done, form), b"audio")
        return done

    def ready(self) -> Recorded:
        return self.finish(self.recording(), *Format)


@pytest.fixture
def world() -> World:
    return World()


def test_before_the_first_audio_a_session_has_no_recording(world: World) -> None:
    session = world.sessions.commit(Commit(a_session(recording=Recording(True)), None, None))

    assert world.service.of_session(ACME, session.id).items == ()


def test_a_recording_is_processing_until_its_files_are_made(world: World) -> None:
    recorded = world.recording()

    [shown] = world.service.of_session(ACME, "sess_1").items

    assert shown == world.service.get(ACME, recorded.id)
    assert (shown["status"], shown["size"], shown["download_url"]) == ("processing", None, None)


def test_a_recording_without_an_item_of_its_own_is_shown_from_its_session(world: World) -> None:
    session = a_session(recording=Recording(True, id="rec_1"), started_at=START)
    world.sessions.commit(Commit(session, None, None))

    assert [shown["status"] for shown in world.service.of_session(ACME, "sess_1").items] == ["processing"]


def test_a_ready_recording_comes_with_a_link_to_its_wav(world: World) -> None:
    done = world.ready()

    shown = world.service.get(ACME, "rec_1")

    assert (shown["status"], shown["format"], shown["size"], shown["duration"]) == ("ready", "wav", 7, 1.0)
    assert shown["download_url"] == world.service.audio(ACME, "rec_1", Format.WAV)
    assert shown["download_url"] == world.objects.link(file_key(done, Format.WAV), "rec_1.wav", LINK_LIFETIME)
    assert shown["expires_at"] == "2026-04-25T11:00:00Z"


def test_the_mp3_has_a_link_of_its_own(world: World) -> None:
    done = world.ready()

    link = world.service.audio(ACME, "rec_1", Format.MP3)

    assert link == world.objects.link(file_key(done, Format.MP3), "rec_1.mp3", LINK_LIFETIME)
    assert timedelta(minutes=1) <= LINK_LIFETIME <= timedelta(minutes=15)


def test_what_is_not_finished_cannot_be_heard_or_deleted_yet(world: World) -> None:
    world.recording()

    for ask in (lambda: world.service.audio(ACME, "rec_1", Format.WAV), lambda: world.service.delete(ACME, "rec_1")):
        with pytest.raises(Conflict) as refused:
            ask()
        assert (refused.value.code, refused.value.retry_after_s) == ("recording_not_finished", 2)
    assert len(world.objects.objects) == 1


def test_of_a_failed_recording_there_is_nothing_to_hear(world: World) -> None:
    world.finish(world.recording())

    assert world.service.get(ACME, "rec_1")["status"] == "failed"
    with pytest.raises(NotFound, match="nothing was recorded"):
        world.service.audio(ACME, "rec_1", Format.WAV)


Ask = Callable[[RecordingService, Tenant], Any]
ASKS: list[Ask] = [
    lambda service, tenant: service.get(tenant, "rec_1"),
    lambda service, tenant: service.audio(tenant, "rec_1", Format.WAV),
    lambda service, tenant: service.delete(tenant, "rec_1"),
    lambda service, tenant: service.of_session(tenant, "sess_1"),
]


@pytest.mark.parametrize("tenant", [OTHER, ACME_TEST], ids=str)
@pytest.mark.parametrize("ask", ASKS)
def test_for_others_it_is_not_there(world: World, ask: Ask, tenant: Tenant) -> None:
    world.ready()
    kept = dict(world.objects.objects)

    with pytest.raises(NotFound):
        ask(world.service, tenant)

    assert world.objects.objects == kept


@pytest.mark.parametrize("odd", ["", "sess_1", "rec_", "rec_1/../rec_2", "rec_" + "a" * 41, "rec_1\n"])
def test_what_is_no_id_is_not_looked_up(world: World, odd: str) -> None:
    world.ready()
    for ask in (world.service.get, world.service.delete):
        with pytest.raises(NotFound):
            ask(ACME, odd)


def test_an_expired_recording_is_not_there_although_its_item_may_be(world: World) -> None:
    world.ready()
    world.clock.advance(30 * 86_400)

    assert world.service.of_session(ACME, "sess_1").items == ()
    with pytest.raises(NotFound):
        world.service.get(ACME, "rec_1")
    with pytest.raises(NotFound):
        world.service.audio(ACME, "rec_1", Format.WAV)


def test_a_deleted_recording_leaves_no_sound_and_is_not_there(world: World) -> None:
    world.ready()
    other = a_session("sess_2", recording=Recording(True, id="rec_10"), started_at=START)
    world.finish(world.recording(other), *Format)

    world.service.delete(ACME, "rec_1")

    assert all("/sess_2/rec_10/" in key for key in world.objects.objects)
    assert len(world.objects.objects) == 3
    assert world.service.of_session(ACME, "sess_1").items == ()
    with pytest.raises(NotFound):
        world.service.get(ACME, "rec_1")
    held = world.sessions.recorded(ACME, "rec_1")
    assert held is not None
    assert held.status is RecordingStatus.DELETED


def test_a_failed_recording_can_be_deleted_with_its_chunks(world: World) -> None:
    world.finish(world.recording())

    world.service.delete(ACME, "rec_1")

    assert world.objects.objects == {}


def test_a_deletion_that_broke_off_is_finished_by_the_next(world: World) -> None:
    world.ready()

    class Away(MemoryRecordings):
        def remove(self, prefix: str) -> None:
            raise OSError("away")

    with pytest.raises(OSError, match="away"):
        RecordingService(world.service.changes, Away()).delete(ACME, "rec_1")
    assert len(world.objects.objects) == 3

    world.service.delete(ACME, "rec_1")

    assert world.objects.objects == {}


def test_deleting_tells_no_event(world: World) -> None:
    world.ready()

    world.service.delete(ACME, "rec_1")

    assert world.sessions.events == []
