"""Two who meet at one delivery, or at one event, on tables that let only one of them win."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from core.adapters import clients
from core.adapters.delivery_queue import SqsDeliveryQueue
from core.adapters.dynamodb.health import DynamoHealth
from core.adapters.events import SOURCE
from core.adapters.system import RandomIds, SystemClock
from core.domain.access import Tenant
from core.domain.attempts import Outcome, Result
from core.domain.deliveries import DeliveryStatus, Target, begun, begun_again, handoff
from core.domain.events import Event, envelope
from core.services.delivering import CLAIM_LASTS, Delivering, Done, Stores
from local.stack import Stack
from tests.integration.store import TENANT
from tests.integration.test_repair import repair
from tests.integration.webhooks import Behind, customers, says

ROUNDS = 20
AT_ONCE = 4
# Two functions may have to start first.
PATIENCE_S = 25
CLOCK = SystemClock()


class Counting:
    """A WebhookCaller that answers 200, and counts."""

    def __init__(self) -> None:
        self.posted: Counter[str] = Counter()
        self._lock = threading.Lock()

    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, local: bool) -> Result:
        with self._lock:
            self.posted[headers["Kallglot-Webhook-Id"]] += 1
        return Result(Outcome.SUCCEEDED, 200)


@pytest.fixture
def behind(stack: Stack) -> Iterator[Behind]:
    behind = Behind(stack.outputs, Tenant("org_races", livemode=False))
    yield behind
    behind.remove_all()


def a_function(behind: Behind, stack: Stack, caller: Counting) -> Delivering:
    """What the deployed function is made of, but for the way out."""
    health = DynamoHealth(clients.dynamodb(), stack.outputs.deliveries_table, CLAIM_LASTS)
    stores = Stores(behind.endpoints, behind.deliveries, health, behind.events)
    queue = SqsDeliveryQueue(clients.sqs(), stack.outputs.handoffs_queue_url)
    return Delivering(stores, queue, caller, CLOCK, RandomIds(CLOCK), lambda: 0.5, lambda: b"key", 10, local=True)


def together(*work: Callable[[], object]) -> list[object]:
    """At the same moment, a thread each."""
    barrier = threading.Barrier(len(work))

    def one(each: Callable[[], object]) -> object:
        barrier.wait()
        return each()

    with ThreadPoolExecutor(len(work)) as threads:
        return list(threads.map(one, work))


def test_delivery_functions_that_meet_one_delivery_make_one_request(behind: Behind, stack: Stack) -> None:
    caller = Counting()
    functions = [a_function(behind, stack, caller) for _ in range(AT_ONCE)]
    endpoint = behind.register("http://127.0.0.1:9/never", events=("recording.*",))  # the deployed fan-out leaves it
    event = behind.happen()
    done: Counter[object] = Counter()
    for number in range(ROUNDS):
        target = Target(endpoint.id)
        made = begun(event, target, CLOCK.now())
        if number == 0:
            assert behind.deliveries.begin(made, None)
        else:
            held = behind.deliveries.find(behind.tenant, made.id)
            assert held is not None
            made = begun_again(held, CLOCK.now())
            assert behind.deliveries.begin_again(made, None)
        handed = handoff(made)
        done.update(together(*[partial(each.attempt, handed) for each in functions]))

    stored = behind.deliveries.find(behind.tenant, made.id)
    assert stored is not None
    assert (stored.status, stored.attempts) == (DeliveryStatus.SUCCEEDED, ROUNDS)
    assert caller.posted == {made.id: ROUNDS}
    assert done == {Done.SUCCEEDED: ROUNDS, Done.DUPLICATE: ROUNDS * (AT_ONCE - 1)}


def test_those_who_begin_one_delivery_at_once_begin_it_once(behind: Behind) -> None:
    made = begun(behind.happen(), Target("wh_nobody"), CLOCK.now())
    begin = behind.deliveries.begin
    assert Counter(together(*[lambda: begin(made, None)] * AT_ONCE)) == {True: 1, False: AT_ONCE - 1}


@pytest.mark.asyncio(loop_scope="session")
async def test_two_replays_of_one_event_that_meet_send_it_once_more(stack: Stack, http: httpx.AsyncClient) -> None:
    """Through the deployed stack: REST functions at the same time, the queue, and the delivery functions. The request
    that follows is answered when all have asked: until then the delivery is on its way."""
    behind, asked, came = Behind(stack.outputs, TENANT), threading.Event(), Counter[str]()

    def waits(handler: BaseHTTPRequestHandler) -> None:
        came["requests"] += 1
        if came["requests"] > 1:
            asked.wait(PATIENCE_S)
        says(200)(handler)

    with customers(lambda _path: waits) as served:
        endpoint = await asyncio.to_thread(behind.register, served.url + "/replayed", events=("analysis.complete",))
        try:
            event = behind.happen()
            await asyncio.to_thread(behind.settled, endpoint.id, 1)
            keys = [{"Idempotency-Key": f"{event.id}-{number}"} for number in range(2)]
            path = f"/events/{event.id}/replay"
            asking = (http.post(path, headers=each, timeout=PATIENCE_S) for each in keys)
            answers = await asyncio.gather(*asking)
            asked.set()
            (delivery,) = await asyncio.to_thread(behind.settled, endpoint.id, 1)
        finally:
            behind.endpoints.remove(TENANT, endpoint.id)

    assert [answer.status_code for answer in answers] == [202, 202]
    assert {each["id"] for answer in answers for each in answer.json()["data"]} == {delivery.id}
    assert delivery.attempts == 2
    assert served.event_ids("/replayed") == {event.id: 2}


@pytest.mark.asyncio(loop_scope="session")
async def test_those_who_create_and_delete_endpoints_at_once_come_through(http: httpx.AsyncClient) -> None:
    """They meet at the count of the tenant's endpoints."""
    made = await asyncio.gather(
        *(http.post("/webhook_endpoints", json={"url": "http://127.0.0.1:9/"}, timeout=PATIENCE_S) for _ in range(3))
    )
    ids = {answer.json()["id"] for answer in made}
    gone = await asyncio.gather(*(http.delete(f"/webhook_endpoints/{each}", timeout=PATIENCE_S) for each in ids))

    assert {answer.status_code for answer in made} == {201} and len(ids) == 3
    assert {answer.status_code for answer in gone} == {200}
    listed = (await http.get("/webhook_endpoints")).json()["data"]
    assert not ids & {each["id"] for each in listed}


@pytest.mark.asyncio(loop_scope="session")
async def test_an_event_that_the_fan_out_gave_up_is_told_by_the_hourly_repair(stack: Stack, behind: Behind) -> None:
    """As EventBridge leaves it among the failed, with the queue it was for. An endpoint that came later shows it."""
    with customers() as served:
        first = await asyncio.to_thread(behind.register, served.url + "/first")
        event = behind.happen()
        await asyncio.to_thread(behind.settled, first.id, 1)
        later = await asyncio.to_thread(behind.register, served.url + "/later")
        given_up(event)

        told = await repair()
        await asyncio.to_thread(behind.settled, later.id, 1)

    assert told["calls"]["again"] == 1
    assert served.event_ids("/later") == served.event_ids("/first") == {event.id: 1}


def given_up(event: Event) -> None:
    sqs = clients.sqs()
    urls = sqs.list_queues()["QueueUrls"]
    failed, told = ([url for url in urls if f"webhooks-{name}" in url] for name in ("Failed", "Told"))
    arn = sqs.get_queue_attributes(QueueUrl=told[0], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    body = {
        "source": SOURCE,
        "detail-type": event.type.value,
        "detail": {**envelope(event), "tenant": str(event.tenant)},
    }
    target = {"TARGET_ARN": {"DataType": "String", "StringValue": arn}}
    sqs.send_message(QueueUrl=failed[0], MessageBody=json.dumps(body), MessageAttributes=target)  # type: ignore[arg-type]
