"""Webhooks, deployed: from a change of a session over stream, bus and queue to a customer's server."""

from __future__ import annotations

import asyncio
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import httpx
import pytest
import stripe

from core.adapters import clients
from core.adapters.delivery_queue import SqsDeliveryQueue
from core.adapters.dynamodb.outbox import kept_of
from core.adapters.secrets import CachedSecrets
from core.domain.access import Tenant
from core.domain.attempts import Outcome
from core.domain.deliveries import DeliveryStatus, Handoff
from core.domain.events import EventType
from core.domain.webhooks import SESSION_URLS, DisabledReason, signing_secret
from local.stack import Stack
from tests.fakes import conformance
from tests.integration.store import TENANT
from tests.integration.test_rest import SESSION
from tests.integration.webhooks import MADE_UP, Answer, Behind, Served, customers, says, sweep, until

HEALTHY = 20
ROUNDS = 5
# Of the emulated deployment: a tenth of its functions at a time, and never fewer than two.
PLACES = 2
# More batches of its messages than there are functions at a time: without a limit they would hold them all.
BACKLOG = 40


@pytest.fixture
def behind(stack: Stack, request: pytest.FixtureRequest) -> Iterator[Behind]:
    """A tenant of its own for each test: others get none of its events."""
    behind = Behind(stack.outputs, Tenant(f"org_{request.node.name[-40:]}", livemode=False))
    yield behind
    behind.remove_all()


def secret_of(stack: Stack, tenant: Tenant, owner: str) -> str:
    key = CachedSecrets(clients.secrets_manager()).read(stack.outputs.webhook_key_secret_arn)
    return signing_secret(key, tenant, owner, 1)


@pytest.mark.asyncio(loop_scope="session")
async def test_what_happens_to_a_session_reaches_an_endpoint_signed(stack: Stack, http: httpx.AsyncClient) -> None:
    behind = Behind(stack.outputs, TENANT)
    with customers() as served:
        endpoint = behind.register(served.url + "/hook", events=("session.created", "session.ended"))
        try:
            session = (await http.post("/sessions", json=SESSION)).json()
            await http.post(f"/sessions/{session['id']}/end")
            await asyncio.to_thread(until, lambda: len(_of(served, session["id"])) == 2)
        finally:
            behind.endpoints.remove(TENANT, endpoint.id)

    bodies = {json.loads(body)["type"]: (headers, body) for headers, body in _of(served, session["id"])}
    assert bodies.keys() == {"session.created", "session.ended"}
    for headers, body in bodies.values():
        secret = secret_of(stack, TENANT, endpoint.id)
        assert stripe.WebhookSignature.verify_header(body.decode(), headers["Kallglot-Signature"], secret, 300)
        assert headers["Kallglot-Retry-Count"] == "0"
    assert [json.loads(body)["sequence"] for _, body in bodies.values()] == [1, 2]


def test_whatever_was_told_is_what_the_document_shows(stack: Stack) -> None:
    """Every event that the deployed functions and the worker have stored until now, those of other files among them."""
    pages = clients.dynamodb().get_paginator("scan").paginate(TableName=stack.outputs.outbox_table)
    stored = [kept_of(item).event for page in pages for item in page["Items"]]
    told = [event for event in stored if event and event.tenant == TENANT and event.session_id != MADE_UP]
    for event in told:
        conformance.check_event(event)

    kinds = Counter(event.type.value for event in told if not event.type.is_internal)
    print(f"told: {dict(kinds)}")
    assert {"session.created", "session.ended"} <= kinds.keys()


def test_a_sessions_own_url_is_told_and_signed_with_the_tenants_secret(stack: Stack, behind: Behind) -> None:
    with customers() as served:
        behind.register(served.url + "/endpoint")
        event = behind.happen(EventType.TRANSCRIPT_READY, webhook_url=served.url + "/call")
        ((_, headers, body),) = until(lambda: served.at("/call"))

    secret = secret_of(stack, behind.tenant, SESSION_URLS)
    assert stripe.WebhookSignature.verify_header(body.decode(), headers["Kallglot-Signature"], secret, 300)
    assert json.loads(body)["id"] == event.id
    assert served.at("/endpoint") == []


def test_a_message_that_comes_several_times_is_one_attempt(stack: Stack, behind: Behind) -> None:
    queue = SqsDeliveryQueue(clients.sqs(), stack.outputs.handoffs_queue_url)
    with customers() as served:
        endpoint = behind.register(served.url + "/hook")
        event = behind.happen()
        (delivery,) = behind.settled(endpoint.id, 1)
        queue.send([Handoff(behind.tenant, delivery.id, endpoint.id, attempt) for attempt in (1, 1, 1, 2, 2)])
        again = behind.happen()
        behind.settled(endpoint.id, 2)

    assert served.event_ids("/hook") == {event.id: 1, again.id: 1}


def test_a_410_disables_an_endpoint_and_the_others_are_told(behind: Behind) -> None:
    with customers(lambda path: says(410 if path == "/gone" else 200)) as served:
        gone = behind.register(served.url + "/gone", events=("analysis.*",))
        behind.register(served.url + "/other", events=("webhook.*",))
        behind.happen()
        ((_, _, body),) = until(lambda: served.at("/other"))

    told = json.loads(body)
    assert (told["type"], told["session_id"], told["data"]["id"]) == ("webhook.disabled", None, gone.id)
    stored = behind.endpoints.find(behind.tenant, gone.id)
    assert stored is not None
    assert (stored.enabled, stored.disabled_reason) == (False, DisabledReason.GONE)


def test_a_failing_endpoint_ends_with_the_documented_attempts_and_another_recovers(behind: Behind) -> None:
    """The attempts of two days in seconds: the tests say that the time has come, the deployed sweep does the rest."""
    served_at: list[str] = []

    def answers(path: str) -> Answer:
        served_at.append(path)
        recovered = path == "/recovers" and served_at.count(path) > 4
        return says(200) if recovered else says(500)

    with customers(answers) as served:
        endpoints = {path: behind.register(served.url + path) for path in ("/broken", "/recovers")}
        behind.happen()
        for made in range(1, 8):
            until(_has_made(behind, endpoints["/broken"].id, made))
            for endpoint in endpoints.values():
                behind.pass_time(endpoint.id)
            sweep()
        (broken,) = behind.settled(endpoints["/broken"].id, 1)
        (recovered,) = behind.settled(endpoints["/recovers"].id, 1)

    assert (broken.status, broken.attempts, len(served.at("/broken"))) == (DeliveryStatus.FAILED, 8, 8)
    assert (recovered.status, recovered.attempts, len(served.at("/recovers"))) == (DeliveryStatus.SUCCEEDED, 5, 5)
    assert [headers["Kallglot-Retry-Count"] for _, headers, _ in served.at("/broken")] == list("01234567")


def test_a_target_that_is_not_public_is_refused_at_delivery(stack: Stack) -> None:
    """A live tenant: what a laptop allows its test keys is allowed to nobody else."""
    behind = Behind(stack.outputs, Tenant("org_refused_live", livemode=True))
    with customers() as served:
        endpoint = behind.register(served.url + "/hook")
        behind.happen()
        (delivery,) = until(lambda: [each for each in behind.delivered_to(endpoint.id) if each.attempts])
        behind.remove_all()

    assert delivery.log[0].outcome is Outcome.TARGET_REFUSED
    assert served.requests == []


def test_an_endpoint_that_hangs_delays_nobody_else(stack: Stack, behind: Behind) -> None:
    """One hanging endpoint with a backlog, and twenty healthy ones. MiniStack's queue is not fair, so this shows what
    the limit of places per target does by itself."""
    released = threading.Event()

    def hangs(_handler: BaseHTTPRequestHandler) -> None:
        released.wait(60)

    def answers(path: str) -> Answer:
        return hangs if path.endswith("/hangs") else says(200)

    with customers(answers) as served:
        other = Behind(stack.outputs, Tenant("org_alone", livemode=False))
        alone = _median_delay_s(other, served, "/alone")
        other.remove_all()
        hanging = behind.register(served.url + "/beside/hangs")
        for _ in range(BACKLOG):
            behind.happen()
        until(lambda: len(behind.delivered_to(hanging.id)) == BACKLOG and served.at("/beside/hangs"))
        beside = _median_delay_s(behind, served, "/beside")
        hung = len(served.at("/beside/hangs"))
        released.set()

    print(f"median delay: {alone:.2f} s alone, {beside:.2f} s beside {hung} requests that hang")
    assert hung == PLACES
    assert beside - alone < 1.0


def _median_delay_s(behind: Behind, served: Served, prefix: str) -> float:
    """From the event to its arrival, at each of the healthy."""
    for number in range(HEALTHY):
        behind.register(f"{served.url}{prefix}/{number}")
    happened: dict[str, float] = {}
    for _ in range(ROUNDS):
        before = time.time()
        happened[behind.happen().id] = before
        until(lambda: _arrived(served, prefix) >= HEALTHY * len(happened))
    arrivals = [
        (at, json.loads(body)["id"]) for number in range(HEALTHY) for at, _, body in served.at(f"{prefix}/{number}")
    ]
    return statistics.median(at - happened[event_id] for at, event_id in arrivals)


def _arrived(served: Served, prefix: str) -> int:
    return sum(len(served.at(f"{prefix}/{number}")) for number in range(HEALTHY))


def _has_made(behind: Behind, endpoint_id: str, attempts: int) -> Callable[[], bool]:
    return lambda: sum(delivery.attempts for delivery in behind.delivered_to(endpoint_id)) == attempts


def _of(served: Served, session_id: str) -> list[tuple[dict[str, str], bytes]]:
    found = [(headers, body) for _, headers, body in served.at("/hook")]
    return [(headers, body) for headers, body in found if json.loads(body)["session_id"] == session_id]
