"""What a worker may do with a session, and what it may no longer do once another one owns it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.events import EventType
from core.domain.recordings import Chunk, RecordingStatus
from core.domain.rotation import fixed
from core.domain.sessions import EndReason, Recording, Role, Session, Status, Usage
from core.domain.transcripts import Translation, Turn
from core.errors import AuthenticationFailed, Conflict, FenceLost, NotFound, WriteConflict
from core.ports import Commit
from core.services.changes import Changes
from core.services.streams import (
    HeldElsewhere,
    Progress,
    ReconnectWindowOver,
    SessionEnded,
    StreamService,
    TakenElsewhere,
)
from tests.builders import ACME
from tests.fakes.clocks import START
from tests.fakes.sessions import TOKEN_KEY, World


@pytest.fixture
def world() -> World:
    return World()


def worker(world: World, name: str) -> StreamService:
    world.workers.beat(name, world.clock.now())
    return StreamService(world.changes, world.workers, fixed(TOKEN_KEY), name)


def a_turn(sequence: int = 1) -> Turn:
    return Turn(
        f"seg_{sequence}", sequence, Role.CUSTOMER, "de", "guten Tag", START, 1.0, 2.0, 0.9, Translation("en", "hi")
    )


def test_a_socket_with_the_sessions_token_is_let_in(world: World) -> None:
    created = world.created()

    assert world.streams.admit(created["id"], created["stream"]["token"]).id == created["id"]


def test_a_socket_with_another_sessions_token_is_not(world: World) -> None:
    first, second = world.created(), world.created()

    with pytest.raises(AuthenticationFailed):
        world.streams.admit(first["id"], second["stream"]["token"])
    with pytest.raises(NotFound):
        world.streams.admit("sess_unknown", first["stream"]["token"])


def test_an_expired_token_is_refused_but_a_live_stream_is_not_cut(world: World) -> None:
    session = world.connected()
    token = world.service.get(ACME, session.id)["stream"]["token"]
    world.clock.advance(3601)

    with pytest.raises(AuthenticationFailed):
        world.streams.admit(session.id, token)
    assert world.streams.first_audio(session).status is Status.ACTIVE


def test_connecting_claims_the_session_and_first_audio_starts_it(world: World) -> None:
    session = world.connected()

    assert (session.status, session.owner, session.epoch) == (Status.CONNECTING, "worker-1", 1)
    active = world.streams.first_audio(session)
    assert active.status is Status.ACTIVE
    assert world.streams.first_audio(active) is active
    assert world.told() == ["session.created", "session.started"]


def test_turns_are_stored_counted_and_told(world: World) -> None:
    session = world.streams.first_audio(world.connected())

    made = world.streams.progress(session, Progress(world.clock.now(), Usage(1.0, 0.5), (a_turn(1), a_turn(2))))

    assert (made.turn_count, made.word_count, made.usage.translation_s) == (2, 4, 0.5)
    assert [turn.sequence for turn in world.sessions.turns(ACME, session.id)] == [1, 2]
    assert world.told()[-2:] == ["transcript.segment", "transcript.segment"]
    assert world.sessions.events[-1].data["translation"] == {"language": "en", "text": "hi"}


def test_a_write_whose_answer_was_lost_is_repeated_without_counting_or_telling_twice(world: World) -> None:
    session = world.streams.first_audio(world.connected())
    world.streams.progress(session, Progress(turns=(a_turn(1),)))

    made = world.streams.progress(session, Progress(turns=(a_turn(1), a_turn(2))))

    assert (made.turn_count, made.word_count) == (2, 4)
    assert world.told().count("transcript.segment") == 2


def test_a_session_held_by_a_living_worker_is_not_taken(world: World) -> None:
    session = world.connected()

    with pytest.raises(HeldElsewhere) as held:
        worker(world, "worker-2").attach(session)
    assert held.value.owner == "worker-1"


def test_a_superseded_worker_takes_nothing_new_and_keeps_what_it_has(world: World) -> None:
    held = world.streams.first_audio(world.connected())
    world.clock.advance(16)
    dead = worker(world, "worker-2").attach(held)
    world.clock.advance(16)
    superseded = replace(worker(world, "worker-3"), successor=lambda: "worker-4")
    with pytest.raises(TakenElsewhere) as taken:
        superseded.attach(dead)
    assert (taken.value.owner, taken.value.code) == ("worker-4", "worker_superseded")
    own = worker(world, "worker-3").attach(dead)
    assert superseded.attach(superseded.leave(own)).epoch == own.epoch


def test_a_superseded_worker_relays_to_who_holds_the_session_before_it_looks_for_a_successor(world: World) -> None:
    held = world.connected()
    superseded = replace(worker(world, "worker-3"), successor=lambda: "worker-4")
    with pytest.raises(HeldElsewhere) as elsewhere:
        superseded.attach(held)
    assert elsewhere.value.owner == "worker-1"


def test_a_dead_workers_session_is_taken_over_and_the_zombie_can_write_nothing(world: World) -> None:
    zombie, held = world.streams, world.streams.first_audio(world.connected())
    world.clock.advance(16)

    taken = worker(world, "worker-2").attach(world.streams.refresh(held))

    assert (taken.owner, taken.epoch) == ("worker-2", 2)
    with pytest.raises(FenceLost):
        zombie.progress(held, Progress(turns=(a_turn(),)))
    with pytest.raises(FenceLost):
        zombie.leave(held)
    with pytest.raises(FenceLost):
        zombie.end(held, EndReason.COMPLETED)
    with pytest.raises(FenceLost):
        zombie.refresh(held)
    assert world.sessions.turns(ACME, held.id) == []


def test_a_worker_that_comes_back_under_a_newer_epoch_of_its_own_is_fenced_too(world: World) -> None:
    held = world.streams.first_audio(world.connected())
    world.clock.advance(16)
    worker(world, "worker-2").attach(held)
    world.clock.advance(16)
    world.workers.beat("worker-1", world.clock.now())
    world.streams.attach(held)

    with pytest.raises(FenceLost):
        world.streams.progress(held, Progress(turns=(a_turn(),)))
    with pytest.raises(FenceLost):
        world.streams.refresh(held)


def test_nobody_joins_a_session_that_has_ended(world: World) -> None:
    created = world.created()
    world.service.end(ACME, created["id"], EndReason.COMPLETED)

    with pytest.raises(SessionEnded):
        world.streams.admit(created["id"], created["stream"]["token"])


def test_a_stream_may_come_back_within_the_window_and_not_after(world: World) -> None:
    session = world.streams.leave(world.streams.first_audio(world.connected()))
    token = world.service.get(ACME, session.id)["stream"]["token"]

    world.clock.advance(299)
    assert world.streams.admit(session.id, token).status is Status.ACTIVE
    world.clock.advance(1)
    with pytest.raises(ReconnectWindowOver):
        world.streams.admit(session.id, token)


def test_a_session_that_ended_between_admission_and_attachment_is_not_attached(world: World) -> None:
    created = world.created()
    admitted = world.streams.admit(created["id"], created["stream"]["token"])
    world.service.end(ACME, created["id"], EndReason.COMPLETED)

    with pytest.raises(SessionEnded):
        world.streams.attach(admitted)


def test_the_flush_of_an_ended_call_ends_it_once(world: World) -> None:
    session = world.streams.end(world.streams.first_audio(world.connected()), EndReason.CUSTOMER_HANGUP)

    flushed = world.streams.flushed(world.streams.progress(session, Progress(turns=(a_turn(),))))

    assert flushed.status is Status.ENDED
    assert world.streams.flushed(flushed) is flushed
    assert world.told()[-2:] == ["session.ended", "transcript.ready"]


def test_a_decision_made_on_an_old_version_is_made_again(world: World) -> None:
    session = world.streams.first_audio(world.connected())
    world.streams.progress(session, Progress(usage=Usage(active_s=1.0)))

    made = world.streams.progress(session, Progress(turns=(a_turn(),)))

    assert (made.usage.active_s, made.turn_count) == (1.0, 1)


def test_a_session_that_changes_without_end_is_reported_busy(world: World) -> None:
    session = world.connected()

    class AlwaysChanged:
        def __getattr__(self, name: str) -> object:
            return getattr(world.sessions, name)

        def commit(self, commit: Commit) -> Session:
            raise WriteConflict(commit.session.id)

    busy = replace(world.streams, changes=replace(world.changes, sessions=AlwaysChanged()))  # type: ignore[arg-type]  # a proxy

    with pytest.raises(Conflict) as refused:
        busy.first_audio(session)
    assert refused.value.code == "session_busy"


def test_the_commit_of_a_session_knows_when_it_is_due(world: World) -> None:
    changes: Changes = world.changes
    session = world.connected()

    commit = changes.commit_of(session, session)

    assert commit.due_at is not None
    assert (commit.due_at - START).total_seconds() == 300


def test_checkpoints_move_the_time_it_is_due_once_a_minute_at_most(world: World) -> None:
    session = world.streams.first_audio(world.connected())
    due = set()
    for _ in range(30):
        world.clock.advance(10)
        session = world.streams.progress(session, Progress(world.clock.now(), Usage(1.0)))
        due.add(world.changes.commit_of(session, session).due_at)

    assert len(due) == 6
    assert max(at for at in due if at) == world.clock.now() + world.changes.timeouts.reconnect


def test_a_resumed_recording_goes_on_behind_its_last_chunk_even_if_one_is_missing(world: World) -> None:
    session = world.streams.first_audio(world.connected())
    assert world.streams.next_chunk(session) == 0

    world.streams.progress(session, Progress(chunks=(Chunk(0, "a", 0.0, 10.0), Chunk(2, "c", 20.0, 10.0))))

    assert world.streams.next_chunk(session) == 3


def a_recorded_call(world: World) -> Session:
    return world.streams.first_audio(world.connected(recording=Recording(True)))


def test_a_recording_is_there_from_the_first_audio_on(world: World) -> None:
    session = a_recorded_call(world)

    recorded = world.sessions.recorded(ACME, str(session.recording.id))

    assert recorded is not None
    assert (recorded.status, recorded.session_id) == (RecordingStatus.PROCESSING, session.id)


def test_chunks_that_come_after_a_forced_end_call_the_finalizer_and_no_customer(world: World) -> None:
    session = a_recorded_call(world)
    world.clock.advance(16)
    ended = world.service.end(ACME, session.id, EndReason.COMPLETED)
    before = [(event.type, event.sequence) for event in world.sessions.events]

    world.streams.progress(session, Progress(chunks=(Chunk(0, "c0", 0.0, 1.0),)))

    assert ended.body["status"] == "ended"
    told = world.sessions.events[-1]
    assert (told.type, told.session_id) == (EventType.RECORDING_EXTENDED, session.id)
    assert told.sequence == before[-1][1]
    assert len(world.sessions.events) == len(before) + 1


def test_chunks_of_a_call_that_runs_or_is_ending_call_nobody(world: World) -> None:
    session = a_recorded_call(world)
    session = world.streams.progress(session, Progress(chunks=(Chunk(0, "c0", 0.0, 1.0),)))
    session = world.streams.end(session, EndReason.COMPLETED)
    world.streams.progress(session, Progress(chunks=(Chunk(1, "c1", 1.0, 1.0),)))

    assert EventType.RECORDING_EXTENDED not in [event.type for event in world.sessions.events]
