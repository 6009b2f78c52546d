"""Where two writers meet: threads through the real adapters, on a store that keeps transactions."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest

from core.adapters import clients
from core.adapters.dynamodb.access import DynamoIdempotency, DynamoWorkers
from core.adapters.sqs import SqsInbox
from core.adapters.system import RandomIds, SystemClock
from core.domain.sessions import EndReason, Mode, Role, Session, Status, Timeouts
from core.domain.transcripts import Turn
from core.errors import Conflict, FenceLost
from core.services.changes import Changes
from core.services.idempotency import Answer, RequestKey
from core.services.sessions import NewSession, SessionService, StreamAddress
from core.services.streams import HeldElsewhere, Progress, SessionEnded, StreamService
from local.stack import Stack
from tests.integration.store import TENANT, Store, now

THREADS = 16
CALL = NewSession(Mode.BIDIRECTIONAL_TRANSLATION, "en", "es")
TOKEN_KEY = b"only for this test"
T = TypeVar("T")


class Race:
    """The services over the deployed tables, one set for all threads, as one container has."""

    def __init__(self, stack: Stack, store: Store) -> None:
        outputs, clock, dynamo = stack.outputs, SystemClock(), clients.dynamodb(connections=THREADS)
        self.store = store
        self.workers = DynamoWorkers(dynamo, outputs.access_table)
        self.changes = Changes(store.sessions, clock, RandomIds(clock), Timeouts())
        self.sessions = SessionService(
            self.changes,
            DynamoIdempotency(dynamo, outputs.access_table, clock),
            self.workers,
            SqsInbox(clients.sqs(1.0), "nobody-listens-"),
            StreamAddress("ws://localhost", lambda: TOKEN_KEY),
            lambda _seconds: None,
        )

    def worker(self, name: str) -> StreamService:
        self.workers.beat(name, now())
        return StreamService(self.changes, self.workers, lambda: TOKEN_KEY, name)

    def created(self) -> Session:
        return self.stored(str(self.sessions.create(TENANT, CALL).body["id"]))

    def stored(self, session_id: str) -> Session:
        session = self.store.sessions.find(TENANT, session_id)
        assert session is not None
        return session


@pytest.fixture
def race(stack: Stack, store: Store) -> Race:
    return Race(stack, store)


def at_once(run: Callable[[int], T]) -> list[T]:
    """Every thread waits for the last one, then all go."""
    gate = Barrier(THREADS)

    def one(number: int) -> T:
        gate.wait(timeout=30)
        return run(number)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(one, range(THREADS)))


def stubbornly(write: Callable[[], object]) -> None:
    """`session_busy` means that another writer got through, so somebody makes progress every time."""
    for _ in range(THREADS):
        try:
            write()
            return
        except Conflict as refused:
            assert refused.code == "session_busy"
    raise AssertionError("refused more often than there are writers")


def test_many_creates_with_one_key_make_one_session_and_one_answer(race: Race) -> None:
    key = RequestKey("POST /v1/sessions", f"race-{now().isoformat()}", "hash")

    def create(_: int) -> Answer | Conflict:
        try:
            return race.sessions.create(TENANT, CALL, key)
        except Conflict as refused:
            return refused

    answers = at_once(create)
    made = [answer for answer in answers if isinstance(answer, Answer)]
    refused = [answer for answer in answers if isinstance(answer, Conflict)]

    assert sum(not answer.replayed for answer in made) == 1
    assert all(answer.body == made[0].body for answer in made)
    assert all((each.code, each.retry_after_s) == ("idempotency_conflict", 1) for each in refused)
    assert race.sessions.create(TENANT, CALL, key).body == made[0].body


def test_many_workers_that_want_one_session_get_one_owner(race: Race) -> None:
    session = race.created()
    workers = [race.worker(f"race-{session.id}-{number}") for number in range(THREADS)]

    def attach(number: int) -> str | None:
        try:
            return workers[number].attach(session).owner
        except (HeldElsewhere, Conflict):
            return None

    owners = {owner for owner in at_once(attach) if owner}

    stored = race.stored(session.id)
    assert owners == {stored.owner}
    assert stored.epoch == 1


def test_turns_and_ends_that_meet_lose_nothing_and_end_once(race: Race) -> None:
    worker = race.worker("race-turns")
    session = worker.first_audio(worker.attach(race.created()))

    def write(number: int) -> None:
        if number % 4 == 0:
            stubbornly(lambda: race.sessions.end(TENANT, session.id, EndReason.COMPLETED))
        else:
            turn = Turn(f"seg_{number}", number, Role.CUSTOMER, "en", "hello", now(), 0.0, 1.0, 0.9)
            stubbornly(lambda: worker.progress(session, Progress(turns=(turn,))))

    at_once(write)

    stored = race.stored(session.id)
    turns = race.store.sessions.turns(TENANT, session.id)
    created_and_started, ended_and_maybe_a_transcript = 2, (1, 2)
    assert stored.status is Status.ENDED
    assert stored.turn_count == len(turns) == THREADS - THREADS // 4
    assert stored.event_sequence - created_and_started - len(turns) in ended_and_maybe_a_transcript


def test_a_fenced_worker_writes_nothing_however_often_it_tries(race: Race) -> None:
    zombie, session = race.worker("race-zombie"), race.created()
    held = zombie.first_audio(zombie.attach(session))
    race.workers.forget("race-zombie")
    race.worker("race-heir").attach(held)

    def write(_: int) -> bool:
        try:
            zombie.end(held, EndReason.ERROR)
        except FenceLost:
            return True
        return False

    assert all(at_once(write))
    assert race.stored(session.id).status is Status.ACTIVE


def test_joining_and_ending_at_once_leaves_an_ended_session(race: Race) -> None:
    session, worker = race.created(), race.worker("race-join")

    def act(number: int) -> str:
        if number % 2:
            return str(race.sessions.end(TENANT, session.id, EndReason.COMPLETED).body["status"])
        try:
            return str(worker.attach(session).status)
        except (SessionEnded, Conflict):
            return "refused"

    outcomes = at_once(act)

    assert race.stored(session.id).status is Status.ENDED
    assert outcomes.count("ended") >= 1
