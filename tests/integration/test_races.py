"""Where two writers meet: threads through the real adapters, on a store that keeps transactions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from typing import TYPE_CHECKING, TypeVar

import boto3
import httpx
import pytest
from botocore.config import Config

from core.adapters import clients
from core.adapters.dynamodb.access import DynamoIdempotency, DynamoWorkers
from core.adapters.dynamodb.agents import DynamoAgents
from core.adapters.dynamodb.seats import DynamoSeats
from core.adapters.dynamodb.sessions import DynamoSessions
from core.adapters.dynamodb.transactions import Tables
from core.adapters.dynamodb.usage import DynamoUsage
from core.adapters.json_schemas import JsonSchemas
from core.adapters.sqs import SqsInbox
from core.adapters.system import RandomIds, SystemClock
from core.domain.access import Tenant
from core.domain.organizations import Organization
from core.domain.rotation import fixed
from core.domain.sessions import EndReason, Mode, Role, Session, Status, Timeouts
from core.domain.transcripts import Turn
from core.errors import Conflict, FenceLost, RateLimited
from core.services.admission import Seating
from core.services.agent_descriptions import AgentDescriptions
from core.services.changes import Changes
from core.services.creating import NewSession, SessionCreation
from core.services.credits import CreditService
from core.services.idempotency import Answer, RequestKey
from core.services.sessions import SessionService, StreamAddress
from core.services.streams import HeldElsewhere, Progress, SessionEnded, StreamService
from local.stack import Stack
from tests.integration.store import TENANT, Store, now

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

THREADS, MANY, IN_FLIGHT, TRIES = 16, 100, 4, 3
ANY_NUMBER = Organization(TENANT.organization_id, "Races")
CALL = NewSession(Mode.BIDIRECTIONAL_TRANSLATION, "en", "es")
TOKEN_KEY = b"only for this test"
T = TypeVar("T")


def patient() -> DynamoDBClient:
    """The emulator answers a hundred at once one after the other; a client of ours would have asked again by then."""
    config = Config(max_pool_connections=MANY, read_timeout=120, retries={"total_max_attempts": 1})
    client: DynamoDBClient = boto3.client("dynamodb", config=config)
    return client


class Race:
    """The services over the deployed tables, one set for all threads, as one container has."""

    def __init__(self, stack: Stack, store: Store) -> None:
        outputs, clock, dynamo = stack.outputs, SystemClock(), patient()
        self.store = store
        self.workers = DynamoWorkers(dynamo, outputs.access_table)
        tables = Tables(outputs.sessions_table, outputs.access_table, outputs.outbox_table)
        self.changes = Changes(DynamoSessions(dynamo, tables, clock), clock, RandomIds(clock), Timeouts())
        self.idempotency = DynamoIdempotency(dynamo, outputs.access_table, clock)
        self.seats = DynamoSeats(dynamo, outputs.sessions_table)
        address = StreamAddress("ws://localhost", fixed(TOKEN_KEY))
        self.creation = SessionCreation(
            self.changes,
            self.idempotency,
            Seating(self.seats, self.changes.sessions, clock, Random(1)),
            CreditService(DynamoUsage(dynamo, outputs.sessions_table), clock),
            address,
            AgentDescriptions(DynamoAgents(dynamo, tables, clock), JsonSchemas()),
        )
        self.sessions = SessionService(
            self.changes,
            self.idempotency,
            self.workers,
            SqsInbox(clients.sqs(1.0), "nobody-listens-"),
            address,
            lambda _seconds: None,
        )

    def worker(self, name: str) -> StreamService:
        self.workers.beat(name, now())
        return StreamService(self.changes, self.workers, fixed(TOKEN_KEY), name)

    def created(self) -> Session:
        return self.stored(str(self.creation.create(TENANT, ANY_NUMBER, CALL).body["id"]))

    def stored(self, session_id: str) -> Session:
        session = self.store.sessions.find(TENANT, session_id)
        assert session is not None
        return session


@pytest.fixture
def race(stack: Stack, store: Store) -> Race:
    return Race(stack, store)


def at_once(run: Callable[[int], T], threads: int = THREADS) -> list[T]:
    """Every thread waits for the last one, then all go."""
    gate = Barrier(threads)

    def one(number: int) -> T:
        gate.wait(timeout=30)
        return run(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


def stubbornly(write: Callable[[], object]) -> None:
    """`session_busy` means that another writer got through, so somebody makes progress every time."""
    for _ in range(THREADS):
        try:
            write()
            return
        except Conflict as refused:
            assert refused.code == "session_busy"
    raise AssertionError("refused more often than there are writers")


async def every_answer(
    http: httpx.AsyncClient, path: str, key: str, body: Mapping[str, object]
) -> list[httpx.Response]:
    """A hundred requests, IN_FLIGHT at a time, through the front door, the gateway, the authorizer and the function.

    The emulator starts two processes for every request that is under way: a hundred would be too many for a machine.
    """
    room = asyncio.Semaphore(IN_FLIGHT)

    async def ask() -> httpx.Response:
        """An answer that the gateway lost is asked for again, as clients do: that is what the key is for."""
        async with room:
            for _ in range(TRIES):
                answer = await http.post(path, json=body, headers={"Idempotency-Key": key}, timeout=60)
                if answer.status_code != 504:
                    break
            return answer

    return await asyncio.gather(*(ask() for _ in range(MANY)))


def told(answers: Sequence[httpx.Response], status: int, busy: set[str]) -> list[httpx.Response]:
    """Those that were answered; every other one says to come again."""
    for answer in answers:
        if answer.status_code != status:
            assert answer.status_code == 409, answer.text
            assert answer.json()["error"]["code"] in busy
            assert int(answer.headers["Retry-After"]) >= 1
    return [answer for answer in answers if answer.status_code == status]


@pytest.mark.asyncio(loop_scope="session")
async def test_a_hundred_requests_with_one_key_are_one_session_and_one_end(http: httpx.AsyncClient) -> None:
    """The first here: after the others a hundred finalizers start at once, and leave the gateway no time."""
    key = f"http-{now().isoformat()}"
    body = {"mode": "bidirectional_translation", "source_language": "en", "target_language": "es"}

    made = told(await every_answer(http, "/sessions", key, body), 201, {"idempotency_conflict"})
    assert sum("Idempotency-Replayed" not in answer.headers for answer in made) == 1
    assert {answer.text for answer in made} == {made[0].text}

    path, busy = f"/sessions/{made[0].json()['id']}/end", {"idempotency_conflict", "session_busy"}
    ended = told(await every_answer(http, path, key, {"reason": "agent_hangup"}), 200, busy)
    assert {answer.text for answer in ended} == {ended[0].text}
    assert ended[0].json()["end_reason"] == "agent_hangup"


def test_many_creates_with_one_key_make_one_session_and_one_answer(race: Race) -> None:
    key = RequestKey("POST /v1/sessions", f"race-{now().isoformat()}", "hash")

    def create(_: int) -> Answer | Conflict:
        try:
            return race.creation.create(TENANT, ANY_NUMBER, CALL, key)
        except Conflict as refused:
            return refused

    answers = at_once(create, MANY)
    made = [answer for answer in answers if isinstance(answer, Answer)]
    refused = [answer for answer in answers if isinstance(answer, Conflict)]

    assert len(made) + len(refused) == MANY
    assert sum(not answer.replayed for answer in made) == 1
    assert all(answer.body == made[0].body for answer in made)
    assert all((each.code, each.retry_after_s) == ("idempotency_conflict", 1) for each in refused)
    assert race.creation.create(TENANT, ANY_NUMBER, CALL, key).body == made[0].body


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


@pytest.mark.parametrize("most", [MANY, MANY - 30])
def test_many_creates_with_keys_of_their_own_fill_every_seat_and_no_more(race: Race, most: int) -> None:
    """Whoever finds the seat of its choice taken chooses again; who is refused, is refused because all are taken."""
    limited = Organization(f"org_seats_{most}_{now().timestamp():.0f}", "Seats", max_sessions=most)
    tenant = Tenant(limited.id, False)

    def create(number: int) -> str | None:
        try:
            key = RequestKey("POST /v1/sessions", f"seat-{number}", "hash")
            return str(race.creation.create(tenant, limited, CALL, key).body["id"])
        except RateLimited as refused:
            assert refused.code == "concurrent_session_limit_exceeded"
            return None

    made = [session_id for session_id in at_once(create, MANY) if session_id]

    seats = race.seats.taken(limited.id)
    assert len(made) == most
    assert {seat.session_id for seat in seats} == set(made)
    assert {seat.number for seat in seats} == set(range(most))

    def end(number: int) -> None:
        stubbornly(lambda: race.sessions.end(tenant, made[number % most], EndReason.COMPLETED))

    at_once(end, MANY)
    assert race.seats.taken(limited.id) == []


def test_many_ends_with_one_key_end_once_with_equal_answers(race: Race) -> None:
    session = race.created()
    key = RequestKey("POST /v1/sessions/{id}/end", f"end-{session.id}", "hash")

    def end(_: int) -> Answer | Conflict:
        try:
            return race.sessions.end(TENANT, session.id, EndReason.CUSTOMER_HANGUP, key)
        except Conflict as refused:
            return refused

    answers = at_once(end, MANY)
    told = [answer for answer in answers if isinstance(answer, Answer)]

    different = [answer.body for answer in told if answer.body != told[0].body]
    assert not different, (told[0].body, different[0])
    assert {each.code for each in answers if isinstance(each, Conflict)} <= {"session_busy", "idempotency_conflict"}
    assert told[0].body["end_reason"] == "customer_hangup"
    # Created, ended: an end that came twice would have been told twice.
    assert race.stored(session.id).event_sequence == 2
