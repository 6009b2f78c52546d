"""Get, end, expire: given these commits, when this use case, then this state and these events."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.access import Tenant
from core.domain.rotation import fixed
from core.domain.sessions import EndReason, Status, Timeouts
from core.errors import InvalidRequest, NotFound
from core.services.idempotency import RequestKey
from core.services.sessions import SessionService
from core.services.streams import Progress, StreamService
from tests.builders import ACME, OTHER
from tests.fakes.sessions import TOKEN_KEY, World
from tests.fakes.stores import MemoryIdempotency


@pytest.fixture
def world() -> World:
    return World()


def test_two_ends_at_once_with_one_key_for_two_sessions_are_not_both_told_to_have_happened(world: World) -> None:
    one, other = world.created()["id"], world.created()["id"]
    route = "POST /v1/sessions/{id}/end"

    class SlowStore(MemoryIdempotency):
        """Sees no record at first: the other session is ended between this look-up and our own commit."""

        looked = False

        def find(self, *where: Any) -> Any:
            if self.looked:
                return super().find(*where)
            self.looked = True
            world.service.end(ACME, other, EndReason.COMPLETED, RequestKey(route, "key-1", "hash-other"))
            return None

    service = SessionService(
        world.changes, SlowStore(world.sessions), world.workers, world.inbox, world.service.address, world.wait
    )

    with pytest.raises(InvalidRequest):
        service.end(ACME, one, EndReason.COMPLETED, RequestKey(route, "key-1", "hash-one"))


def test_a_repeated_end_that_the_first_one_overtakes_is_not_told_the_state_before_it(world: World) -> None:
    made = world.created()["id"]
    key = RequestKey("POST /v1/sessions/{id}/end", "key-1", "hash-1")

    class SlowStore(MemoryIdempotency):
        """The first request ends the session between our look at it and our look for its answer."""

        def find(self, *where: Any) -> Any:
            world.service.end(ACME, made, EndReason.COMPLETED, key)
            return super().find(*where)

    answer = replace(world.service, idempotency=SlowStore(world.sessions)).end(ACME, made, EndReason.COMPLETED, key)

    assert (answer.replayed, answer.body["status"]) == (True, "ended")


@pytest.mark.parametrize("session_id", ["sess_unknown", "sess_", "../etc", "x" * 500])
def test_what_is_not_there_is_not_found(world: World, session_id: str) -> None:
    with pytest.raises(NotFound):
        world.service.get(ACME, session_id)


def test_another_tenants_session_is_not_found(world: World) -> None:
    created = world.created()

    for tenant in (OTHER, Tenant("org_acme", False)):
        with pytest.raises(NotFound):
            world.service.get(tenant, created["id"])


def test_a_token_past_half_its_life_is_renewed_by_a_get(world: World) -> None:
    created = world.created()

    world.clock.advance(1799)
    assert world.service.get(ACME, created["id"])["stream"] == created["stream"]
    world.clock.advance(2)
    assert world.service.get(ACME, created["id"])["stream"]["token"] != created["stream"]["token"]


def test_ending_a_session_nobody_holds_ends_it_at_once(world: World) -> None:
    created = world.created()

    answer = world.service.end(ACME, created["id"], EndReason.COMPLETED)

    assert answer.body["status"] == "ended"
    assert answer.body["end_reason"] == "completed"
    assert "stream" not in answer.body
    assert world.waited_s == 0.0
    assert world.told() == ["session.created", "session.ended"]


def test_ending_twice_answers_with_the_first_end(world: World) -> None:
    created = world.created()
    first = world.service.end(ACME, created["id"], EndReason.AGENT_HANGUP)
    world.clock.advance(60)

    again = world.service.end(ACME, created["id"], EndReason.ERROR)

    assert again.body == first.body
    assert world.told().count("session.ended") == 1


def test_a_living_worker_is_told_to_end_and_given_time_to_flush(world: World) -> None:
    session = world.connected()

    def flush_on_second_look(seconds: float) -> None:
        world.wait(seconds)
        if world.waited_s > 0.15:
            world.streams.flushed(world.streams.refresh(session))

    service = SessionService(
        world.changes,
        MemoryIdempotency(world.sessions),
        world.workers,
        world.inbox,
        world.service.address,
        flush_on_second_look,
    )
    answer = service.end(ACME, session.id, EndReason.COMPLETED)

    assert answer.body["status"] == "ended"
    assert [command["type"] for _, command in world.inbox.sent] == ["end"]
    assert world.waited_s == pytest.approx(0.2)


def test_an_end_is_answered_within_five_seconds_when_the_worker_says_nothing(world: World) -> None:
    session = world.connected()

    answer = world.service.end(ACME, session.id, EndReason.COMPLETED)

    assert answer.body["status"] == "ended"
    assert world.waited_s <= 4.0
    assert world.told().count("session.ended") == 1


def test_a_dead_worker_is_not_waited_for(world: World) -> None:
    session = world.connected()
    world.clock.advance(16)

    assert world.service.end(ACME, session.id, EndReason.COMPLETED).body["status"] == "ended"
    assert world.waited_s == 0.0


def test_turns_that_were_late_are_kept_after_an_end_that_did_not_wait(world: World) -> None:
    session = world.connected()
    world.service.end(ACME, session.id, EndReason.COMPLETED)

    world.streams.progress(session, Progress(last_audio_at=world.clock.now()))

    stored = world.sessions.find(ACME, session.id)
    assert stored is not None
    assert stored.status is Status.ENDED


def test_an_end_repeated_with_its_key_is_a_replay(world: World) -> None:
    created = world.created()
    key = RequestKey("POST /v1/sessions/{id}/end", "end-1", "hash")

    first = world.service.end(ACME, created["id"], EndReason.COMPLETED, key)
    again = world.service.end(ACME, created["id"], EndReason.COMPLETED, key)

    assert (first.replayed, again.replayed) == (False, True)
    assert again.body == first.body
    with pytest.raises(InvalidRequest):
        world.service.end(ACME, created["id"], EndReason.ERROR, RequestKey(key.route, key.key, "other"))


@pytest.mark.parametrize(("after_s", "expired"), [(1799, False), (1800, True)])
def test_a_session_without_audio_expires_after_thirty_minutes(world: World, after_s: float, expired: bool) -> None:
    created = world.created()
    world.clock.advance(after_s)

    assert world.service.expire(ACME, created["id"]) is expired
    stored = world.sessions.find(ACME, created["id"])
    assert stored is not None
    assert stored.end_reason is (EndReason.TIMEOUT if expired else None)


def test_a_session_without_a_leg_expires_after_the_reconnect_window(world: World) -> None:
    session = world.streams.leave(world.streams.first_audio(world.connected()))
    world.clock.advance(301)

    assert world.service.expire(ACME, session.id)
    assert world.service.get(ACME, session.id)["end_reason"] == "timeout"


def test_a_session_whose_worker_died_ends_a_reconnect_window_after_its_last_heartbeat(world: World) -> None:
    session = world.streams.first_audio(world.connected())
    world.clock.advance(130)
    world.workers.beat("worker-1", world.clock.now())

    world.clock.advance(290)
    assert not world.service.expire(ACME, session.id)
    assert world.due() == []
    world.clock.advance(10)
    assert world.due() == [session.id]
    assert world.service.expire(ACME, session.id)
    assert world.service.get(ACME, session.id)["end_reason"] == "timeout"
    assert world.told()[-1] == "session.ended"


def test_a_session_whose_workers_heartbeat_is_gone_ends_a_window_after_the_last_write(world: World) -> None:
    session = world.streams.first_audio(world.connected())
    world.clock.advance(100)
    world.streams.progress(session, Progress(last_audio_at=world.clock.now()))
    world.workers.forget("worker-1")

    world.clock.advance(299)
    assert not world.service.expire(ACME, session.id)
    world.clock.advance(1)
    assert world.service.expire(ACME, session.id)


def test_a_leg_that_has_not_spoken_is_kept_while_its_worker_lives(world: World) -> None:
    session = world.connected()
    looks = 0
    for _ in range(29):
        world.clock.advance(60)
        world.workers.beat("worker-1", world.clock.now())
        for due in world.due():
            looks += 1
            assert not world.service.expire(ACME, due)

    assert world.service.get(ACME, session.id)["status"] == "connecting"
    assert looks == 5
    world.clock.advance(60)
    assert world.service.expire(ACME, session.id)


def test_a_living_workers_session_is_kept_by_a_window_shorter_than_its_heartbeats(world: World) -> None:
    session = world.connected()
    short = replace(world.changes, timeouts=Timeouts(reconnect=timedelta(seconds=2)))
    world.clock.advance(8)

    assert not replace(world.service, changes=short).expire(ACME, session.id)


def test_a_long_call_that_writes_its_checkpoints_is_never_looked_at(world: World) -> None:
    session = world.streams.first_audio(world.connected())

    for _ in range(360):
        world.clock.advance(10)
        session = world.streams.progress(session, Progress(last_audio_at=world.clock.now()))
        assert world.due() == []


def test_a_call_on_hold_ends_by_the_idle_rule_and_not_before(world: World) -> None:
    session = world.streams.first_audio(world.connected())
    for _ in range(179):
        world.clock.advance(10)
        world.workers.beat("worker-1", world.clock.now())
        session = world.streams.progress(session, Progress())
        assert not world.service.expire(ACME, session.id)

    world.clock.advance(10)
    assert world.service.expire(ACME, session.id)


def test_a_worker_that_was_only_paused_goes_on_with_its_session(world: World) -> None:
    session = world.streams.first_audio(world.connected())
    world.clock.advance(100)
    world.workers.beat("worker-1", world.clock.now())
    world.clock.advance(220)
    assert not world.service.expire(ACME, session.id)

    world.workers.beat("worker-1", world.clock.now())
    world.streams.progress(session, Progress(last_audio_at=world.clock.now()))
    world.clock.advance(120)

    assert not world.service.expire(ACME, session.id)
    assert world.service.get(ACME, session.id)["status"] == "active"


def test_a_session_taken_over_from_a_dead_worker_is_not_ended_for_the_dead_ones_sake(world: World) -> None:
    session = world.streams.first_audio(world.connected())
    world.clock.advance(280)
    world.workers.beat("worker-2", world.clock.now())
    StreamService(world.changes, world.workers, fixed(TOKEN_KEY), "worker-2").attach(session)
    world.clock.advance(30)

    assert not world.service.expire(ACME, session.id)
    assert world.due() == []


def test_a_living_worker_does_not_hold_a_session_that_every_leg_has_left(world: World) -> None:
    session = world.streams.leave(world.streams.first_audio(world.connected()))
    world.clock.advance(300)
    world.workers.beat("worker-1", world.clock.now())

    assert world.service.expire(ACME, session.id)


def test_a_session_stuck_in_ending_is_closed_by_the_sweep(world: World) -> None:
    session = world.streams.end(world.connected(), EndReason.COMPLETED)
    world.clock.advance(61)

    assert world.service.expire(ACME, session.id)
    assert world.service.get(ACME, session.id)["end_reason"] == "completed"


def test_expiring_what_is_gone_is_no_work(world: World) -> None:
    assert not world.service.expire(ACME, "sess_unknown")


def test_the_events_of_a_session_are_numbered_without_gaps(world: World) -> None:
    session = world.streams.first_audio(world.connected())
    world.clock.advance(1)
    world.service.end(ACME, session.id, EndReason.COMPLETED)

    assert [event.sequence for event in world.sessions.events] == [1, 2, 3]
    assert world.clock.now() - world.sessions.events[0].created_at >= timedelta(seconds=1)
