"""A thousand events to twenty endpoints, five of which fail, each in its own way, for two days of a virtual clock.

Services and schedule are the product's, and so is what goes over the wire, to real servers on loopback. The tables and
the queue are the fakes that pass the same contract suite as the real ones; their messages come twice, and now and then
whoever makes an attempt dies before it is written down. What is cut after 30 s is cut after 50 ms here.
"""

from __future__ import annotations

import json
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
import trustme

from core.adapters.outgoing.caller import HttpCaller
from core.adapters.outgoing.resolver import SystemResolver
from core.domain.attempts import Outcome, Result
from core.domain.deliveries import JITTER, SCHEDULE, Delivery, DeliveryStatus, Handoff
from core.errors import Unavailable
from tests.builders import ACME_TEST, an_endpoint, an_event
from tests.fakes.customers import Customer, answering, customer, resetting, silent, status
from tests.fakes.webhook_stores import MemoryDeliveries
from tests.fakes.webhook_world import WebhookWorld

EVENTS, ENDPOINTS = 1000, 20
BOUND_S = 120.0
AT_ONCE = 16
DIES_EVERY = 97
HANGS_S, OTHERS_S = 0.05, 20.0
MINUTE = timedelta(minutes=1)
FAILING = ("500", "hangs", "resets", "tls", "302")
OUTCOMES = {
    "500": Outcome.HTTP_STATUS,
    "hangs": Outcome.TIMEOUT,
    "resets": Outcome.CONNECTION_FAILED,
    "tls": Outcome.TLS_FAILED,
    "302": Outcome.REDIRECTED,
}


class Mortal(MemoryDeliveries):
    """Whoever wants to write down what came of an attempt dies before it, now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.finished = self.died = 0

    def finish(self, delivery: Delivery, token: str, due_at: datetime | None) -> bool:
        self.finished += 1
        if self.finished % DIES_EVERY == 0:
            self.died += 1
            raise Unavailable("dependency_unavailable", "died")
        return super().finish(delivery, token, due_at)


@dataclass(frozen=True)
class Patience:
    """A WebhookCaller that leaves the one who hangs sooner than the others."""

    hanging: str
    soon: HttpCaller
    late: HttpCaller

    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, local: bool) -> Result:
        return (self.soon if url == self.hanging else self.late).post(url, headers, body, local=local)


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, Customer]]:
    certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(certificate)
    behaviours = {
        "500": answering(status("500 Internal Server Error")),
        "hangs": silent,
        "resets": resetting,
        "tls": answering(status("200 OK")),
        "302": answering(status("302 Found", "Location: http://127.0.0.1/")),
    } | {f"healthy-{number}": answering(status("200 OK")) for number in range(ENDPOINTS - len(FAILING))}
    with ExitStack() as opened:
        yield {
            name: opened.enter_context(customer(behave, certificate if name == "tls" else None))
            for name, behave in behaviours.items()
        }


def url_of(name: str, served: Customer) -> str:
    return served.url("https" if name == "tls" else "http", path=f"/{name}")


def a_world(served: Mapping[str, Customer], mortal: Mortal) -> WebhookWorld:
    world = WebhookWorld(duplicates=1, local=True)
    world.use_deliveries(mortal)
    resolver = SystemResolver()
    patience = Patience(
        url_of("hangs", served["hangs"]), HttpCaller(resolver, HANGS_S), HttpCaller(resolver, OTHERS_S, OTHERS_S)
    )
    world.delivering = replace(world.delivering, caller=patience)
    for name, each in served.items():
        world.registered(an_endpoint(f"wh_{name}", ACME_TEST, url=url_of(name, each)))
    return world


def attempt(world: WebhookWorld, handed: Handoff) -> None:
    """As the function's event source does: what failed stays in the queue and comes again."""
    try:
        world.delivering.attempt(handed)
    except Unavailable:
        world.queue.send([handed], 180)


def work(world: WebhookWorld, threads: Executor) -> None:
    while handed := world.queue.take():
        list(threads.map(lambda each: attempt(world, each), handed))


def live(world: WebhookWorld, threads: Executor, deadline: Callable[[], bool]) -> None:
    """Minute by minute of the virtual clock, those in which nothing is due left out."""
    work(world, threads)
    while (at := world.next_at()) is not None:
        assert not deadline(), "it took too long"
        world.clock.at = max(at, world.clock.at).replace(second=0, microsecond=0) + MINUTE
        world.due.run(world.clock.at + MINUTE)
        work(world, threads)


def test_each_healthy_endpoint_gets_all_and_each_failing_one_its_eight_attempts(served: dict[str, Customer]) -> None:
    began = time.monotonic()
    mortal = Mortal()
    world = a_world(served, mortal)
    events = [replace(an_event(f"evt_{number:026d}"), tenant=ACME_TEST) for number in range(EVENTS)]
    for event in events:
        world.events.add(event)
        world.fan_out.tell(event)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        live(world, threads, lambda: time.monotonic() - began > BOUND_S)
    took_s = time.monotonic() - began

    by_target = _by_target(world)
    assert {name: len(found) for name, found in by_target.items()} == dict.fromkeys(served, EVENTS), "one is lost"
    duplicates = 0
    for name in served.keys() - set(FAILING):
        got = Counter(json.loads(request.partition(b"\r\n\r\n")[2])["id"] for request in served[name].requests)
        assert got.keys() == {event.id for event in events}
        assert {delivery.status for delivery in by_target[name]} == {DeliveryStatus.SUCCEEDED}
        duplicates += got.total() - len(got)
    for name in FAILING:
        _check_failed(name, by_target[name])
    assert 0 < duplicates <= mortal.died, "only who died leaves a duplicate"
    _report(world, mortal.died, served, duplicates, took_s)


def _check_failed(name: str, deliveries: list[Delivery]) -> None:
    """Eight attempts each, the last of them made, and asked no more than a breaker lets through in between."""
    assert {(delivery.status, delivery.attempts) for delivery in deliveries} == {(DeliveryStatus.FAILED, len(SCHEDULE))}
    outcomes = Counter(attempt.outcome for delivery in deliveries for attempt in delivery.log)
    assert outcomes.keys() == {OUTCOMES[name], Outcome.CIRCUIT_OPEN}
    assert {delivery.log[-1].outcome for delivery in deliveries} == {OUTCOMES[name]}
    longest = sum(SCHEDULE, timedelta()) * (1 + JITTER) + 30 * MINUTE
    assert all(sum(SCHEDULE, timedelta()) <= _age(delivery) <= longest for delivery in deliveries)


def _age(delivery: Delivery) -> timedelta:
    assert delivery.finished_at is not None
    return delivery.finished_at - delivery.created_at


def _by_target(world: WebhookWorld) -> dict[str, list[Delivery]]:
    found: dict[str, list[Delivery]] = {}
    for delivery in world.deliveries.all():
        found.setdefault(delivery.target.id.removeprefix("wh_"), []).append(delivery)
    return found


def _report(world: WebhookWorld, died: int, served: Mapping[str, Customer], duplicates: int, took_s: float) -> None:
    healthy = sum(len(each.requests) for name, each in served.items() if name not in FAILING)
    asked = {name: served[name].connections for name in FAILING}
    print(
        f"\n{EVENTS} events to {ENDPOINTS} endpoints in {took_s:.0f} s: {healthy} requests to the healthy,"
        f" {duplicates} of them duplicates (whoever had made {died} attempts died before writing);"
        f" connections to the failing {asked}; virtual time {world.clock.at - _began(world)}"
    )


def _began(world: WebhookWorld) -> datetime:
    return min(delivery.created_at for delivery in world.deliveries.all())
