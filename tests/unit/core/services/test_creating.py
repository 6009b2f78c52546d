"""Creating: one session for one key, and no more at once than the organization may have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.access import Tenant
from core.domain.organizations import Organization
from core.domain.seats import Seat
from core.domain.sessions import EndReason, Session, Timeouts
from core.errors import Conflict, IdempotencyKeyTaken, InvalidRequest, RateLimited, Unavailable
from core.ports import Commit
from core.services.changes import Changes
from core.services.creating import SessionCreation
from core.services.idempotency import Answer, RequestKey
from tests.builders import ACME, ACME_TEST, OTHER
from tests.fakes.seats import MemorySeats
from tests.fakes.sessions import ANY_NUMBER, CALL, World
from tests.fakes.stores import MemoryIdempotency, MemorySessions

TWO = Organization("org_acme", "Acme", max_sessions=2)
KEY = RequestKey("POST /v1/sessions", "key-1", "hash-1")


@pytest.fixture
def world() -> World:
    return World()


def test_a_created_session_tells_where_to_stream_and_is_announced(world: World) -> None:
    answer = world.creation.create(ACME, ANY_NUMBER, CALL)

    assert answer.status == 201
    assert answer.body["status"] == "created"
    assert answer.body["stream"]["url"] == f"wss://stream.example/v1/sessions/{answer.body['id']}/connect"
    assert answer.body["stream"]["expires_at"] == "2026-03-26T12:00:00Z"
    assert world.told() == ["session.created"]
    assert "stream" not in world.sessions.events[0].data


def test_the_same_key_gives_the_same_answer_and_one_session(world: World) -> None:
    key = RequestKey("POST /v1/sessions", "key-1", "hash-1")

    first = world.creation.create(ACME, ANY_NUMBER, CALL, key)
    world.clock.advance(7200)
    again = world.creation.create(ACME, ANY_NUMBER, CALL, key)

    assert again.body == first.body
    assert (first.replayed, again.replayed) == (False, True)
    assert world.told() == ["session.created"]


def test_a_key_belongs_to_one_body_one_tenant_and_one_day(world: World) -> None:
    world.creation.create(ACME, ANY_NUMBER, CALL, RequestKey("POST /v1/sessions", "key-1", "hash-1"))

    with pytest.raises(InvalidRequest) as refused:
        world.creation.create(ACME, ANY_NUMBER, CALL, RequestKey("POST /v1/sessions", "key-1", "hash-2"))
    assert refused.value.code == "idempotency_mismatch"
    assert not world.creation.create(
        OTHER, ANY_NUMBER, CALL, RequestKey("POST /v1/sessions", "key-1", "hash-1")
    ).replayed
    world.clock.advance(24 * 3600 + 1)
    assert not world.creation.create(
        ACME, ANY_NUMBER, CALL, RequestKey("POST /v1/sessions", "key-1", "hash-2")
    ).replayed


def test_the_loser_of_a_race_gets_the_winners_answer(world: World) -> None:
    key = RequestKey("POST /v1/sessions", "key-1", "hash-1")
    winner: list[Any] = []

    class SlowStore(MemoryIdempotency):
        """Sees no record at first: the winner commits between this look-up and our own commit."""

        def find(self, *where: Any) -> Any:
            if not winner:
                winner.append(world.creation.create(ACME, ANY_NUMBER, CALL, key))
                return None
            return super().find(*where)

    loser = replace(world.creation, idempotency=SlowStore(world.sessions)).create(ACME, ANY_NUMBER, CALL, key)

    assert loser.replayed
    assert loser.body == winner[0].body


def test_a_key_whose_first_request_has_no_answer_yet_is_a_conflict_to_retry(world: World) -> None:
    class Busy(MemorySessions):
        def commit(self, commit: Commit) -> Session:
            raise IdempotencyKeyTaken("key-1")

    changes = Changes(Busy(world.clock), world.clock, world.ids, Timeouts())
    creation = replace(world.creation, changes=changes)

    with pytest.raises(Conflict) as refused:
        creation.create(ACME, ANY_NUMBER, CALL, RequestKey("POST /v1/sessions", "key-1", "hash-1"))
    assert (refused.value.code, refused.value.retry_after_s) == ("idempotency_conflict", 1)


def seats(world: World, organization_id: str = "org_acme") -> list[Seat]:
    return MemorySeats(world.sessions).taken(organization_id)


def create(world: World, organization: Organization = TWO, **more: Any) -> str:
    return str(world.creation.create(ACME, organization, CALL, **more).body["id"])


def test_as_many_run_as_may_and_the_next_is_told_to_come_back(world: World) -> None:
    made = [create(world), create(world)]

    with pytest.raises(RateLimited) as refused:
        create(world)

    assert (refused.value.code, refused.value.retry_after_s) == ("concurrent_session_limit_exceeded", 10)
    assert {seat.session_id for seat in seats(world)} == set(made)
    assert world.told() == ["session.created"] * 2


def test_live_and_test_sessions_share_the_seats_and_organizations_do_not(world: World) -> None:
    world.creation.create(ACME, TWO, CALL)
    world.creation.create(ACME_TEST, TWO, CALL)

    with pytest.raises(RateLimited):
        world.creation.create(ACME_TEST, TWO, CALL)
    world.creation.create(OTHER, Organization("org_other", "Other", max_sessions=1), CALL)


def test_without_a_limit_nobody_looks_and_nobody_sits(world: World) -> None:
    create(world, ANY_NUMBER)

    assert world.seats.reads == 0
    assert seats(world) == []


def test_no_session_at_all_may_be_the_limit(world: World) -> None:
    with pytest.raises(RateLimited):
        create(world, replace(TWO, max_sessions=0))


@pytest.mark.parametrize("how", ["end", "owned", "expire", "worker"])
def test_whoever_closes_a_session_gives_its_seat_up_once(world: World, how: str) -> None:
    closed, other = create(world), create(world)
    if how in ("owned", "worker"):
        world.workers.beat("worker-1", world.clock.now())
        session = world.streams.attach(world.sessions.find(ACME, closed) or pytest.fail())
    if how in ("end", "owned"):
        world.service.end(ACME, closed, EndReason.COMPLETED)
    elif how == "worker":
        world.streams.flushed(world.streams.end(session, EndReason.COMPLETED))
    else:
        world.clock.advance(1801)
        assert world.service.expire(ACME, closed)

    assert {seat.session_id for seat in seats(world)} == {other}
    replacement = create(world)
    world.service.end(ACME, closed, EndReason.COMPLETED)
    assert {seat.session_id for seat in seats(world)} == {other, replacement}


def test_a_closing_session_sits_no_more_while_it_flushes(world: World) -> None:
    session = world.streams.attach(world.sessions.find(ACME, create(world)) or pytest.fail())
    world.streams.end(session, EndReason.COMPLETED)

    assert seats(world) == []


def test_a_repeat_is_answered_although_every_seat_is_taken(world: World) -> None:
    first = world.creation.create(ACME, TWO, CALL, KEY)
    create(world)

    again = world.creation.create(ACME, TWO, CALL, KEY)

    assert (again.body, again.replayed) == (first.body, True)


def test_who_loses_the_last_seat_to_the_same_key_gets_its_answer(world: World) -> None:
    winner: list[Answer] = []

    class SlowStore(MemoryIdempotency):
        def find(self, *where: Any) -> Any:
            if not winner:
                winner.append(world.creation.create(ACME, replace(TWO, max_sessions=1), CALL, KEY))
                return None
            return super().find(*where)

    slow = replace(world.creation, idempotency=SlowStore(world.sessions))

    assert slow.create(ACME, replace(TWO, max_sessions=1), CALL, KEY).body == winner[0].body
    assert len(seats(world)) == 1


class Late(MemorySeats):
    """Sees the seats as they were before anybody came."""

    def __init__(self, sessions: MemorySessions, times: int) -> None:
        super().__init__(sessions)
        self._times = times

    def taken(self, organization_id: str) -> list[Seat]:
        found = super().taken(organization_id)
        return [] if self.reads <= self._times else found


def late(world: World, times: int) -> SessionCreation:
    return replace(world.creation, seating=replace(world.creation.seating, seats=Late(world.sessions, times)))


def test_a_seat_that_somebody_else_was_faster_to_take_is_given_up_for_another(world: World) -> None:
    one = replace(TWO, max_sessions=1)
    create(world, one)
    with pytest.raises(RateLimited):
        late(world, 3).create(ACME, one, CALL)

    assert late(world, 3).create(ACME, TWO, CALL).status == 201
    assert sorted(seat.number for seat in seats(world)) == [0, 1]
    assert world.told() == ["session.created"] * 2


def test_who_never_gets_a_seat_that_looks_free_is_asked_to_come_again(world: World) -> None:
    one = replace(TWO, max_sessions=1)
    create(world, one)

    with pytest.raises(Unavailable):
        late(world, 1000).create(ACME, one, CALL)


def test_a_lower_limit_counts_those_who_sit_beyond_it(world: World) -> None:
    made = [create(world, ANY_NUMBER) for _ in range(3)]
    for number, session_id in enumerate(made, start=7):
        session = world.sessions.find(ACME, session_id) or pytest.fail()
        world.sessions.commit(Commit(replace(session, seat=number), session.version, None))
        world.sessions.seats["org_acme", number] = Seat(number, ACME, session_id)
    with pytest.raises(RateLimited):
        create(world)
    for session_id in made[:2]:
        world.service.end(ACME, session_id, EndReason.COMPLETED)

    create(world)
    with pytest.raises(RateLimited):
        create(world)


def test_a_seat_that_nobody_sits_on_is_found_when_it_is_wanted(world: World) -> None:
    """As after a restore: one names a session that was never there, one a session that has ended."""
    ended = create(world)
    world.service.end(ACME, ended, EndReason.COMPLETED)
    for number, session_id in enumerate((ended, "sess_never")):
        world.sessions.seats["org_acme", number] = Seat(number, ACME, session_id)

    made = create(world)

    assert {seat.session_id for seat in seats(world)} == {made}


def test_nobody_looks_for_such_seats_more_than_once_a_minute(world: World) -> None:
    create(world)
    create(world)
    looks: list[str] = []

    class Watched(MemorySessions):
        def find(self, tenant: Tenant, session_id: str) -> Session | None:
            looks.append(session_id)
            return world.sessions.find(tenant, session_id)

    seating = replace(world.creation.seating, sessions=Watched(world.clock))
    creation = replace(world.creation, seating=seating)

    for _ in range(5):
        with pytest.raises(RateLimited):
            creation.create(ACME, TWO, CALL)
    assert len(looks) == 2
    world.clock.advance(61)
    with pytest.raises(RateLimited):
        creation.create(ACME, TWO, CALL)
    assert len(looks) == 4


def test_a_session_whose_seat_is_another_ones_by_now_ends_and_leaves_it_alone(world: World) -> None:
    mine = create(world)
    (seat,) = seats(world)
    world.sessions.seats["org_acme", seat.number] = Seat(seat.number, ACME, "sess_other")

    assert world.service.end(ACME, mine, EndReason.COMPLETED).body["status"] == "ended"
    assert [each.session_id for each in seats(world)] == ["sess_other"]
