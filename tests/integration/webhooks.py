"""Webhooks behind the stack's back: endpoints of tenants made for one test, and customers that count."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

import boto3

from core.adapters import clients
from core.adapters.dynamodb import table
from core.adapters.dynamodb.deliveries import DynamoDeliveries
from core.adapters.dynamodb.endpoints import DynamoEndpoints
from core.adapters.dynamodb.kept_events import DynamoEvents
from core.adapters.system import RandomIds, SystemClock
from core.domain import ids
from core.domain.access import Tenant
from core.domain.deliveries import Delivery, DeliveryStatus
from core.domain.events import Event, EventType
from core.domain.paging import Page
from core.domain.webhooks import Endpoint
from local.deploy import Outputs
from tests.integration.store import function_named

PATIENCE_S = 120.0
_LOOK_S = 0.1
MADE_UP = "sess_x"
"""The session of events that tests make up."""


@dataclass
class Served:
    """What customers got, by path: `(arrived at, headers, body)` in order."""

    url: str = ""
    requests: list[tuple[str, float, dict[str, str], bytes]] = field(default_factory=list)

    def at(self, path: str) -> list[tuple[float, dict[str, str], bytes]]:
        return [(at, headers, body) for got, at, headers, body in list(self.requests) if got == path]

    def event_ids(self, path: str) -> Counter[str]:
        return Counter(json.loads(body)["id"] for _, _, body in self.at(path))


T = TypeVar("T")
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def customers(answers: Callable[[str], Answer] | None = None) -> Iterator[Served]:
    """One server on loopback for many customers, a path each. `answers` says how a path answers, a 200 by default."""
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            served.requests.append((self.path, time.time(), dict(self.headers.items()), body))
            (answers(self.path) if answers else says(200))(self)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield served
        finally:
            server.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is none of the test's business."""


def says(status: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")

    return answer


@dataclass(frozen=True)
class Behind:
    """The deployed tables through the product's own adapters."""

    outputs: Outputs
    tenant: Tenant

    @property
    def endpoints(self) -> DynamoEndpoints:
        out = self.outputs
        return DynamoEndpoints(clients.dynamodb(), out.deliveries_table, out.access_table, out.outbox_table, _CLOCK)

    @property
    def events(self) -> DynamoEvents:
        return DynamoEvents(clients.dynamodb(), self.outputs.outbox_table, self.outputs.access_table, _CLOCK)

    @property
    def deliveries(self) -> DynamoDeliveries:
        return DynamoDeliveries(clients.dynamodb(), self.outputs.deliveries_table, _CLOCK)

    def register(self, url: str, **more: Any) -> Endpoint:
        endpoint = Endpoint(RandomIds(_CLOCK).new(ids.ENDPOINT), self.tenant, url, _CLOCK.now(), **more)
        return self.endpoints.create(endpoint, 1000)

    def happen(self, kind: EventType = EventType.ANALYSIS_COMPLETE, **more: Any) -> Event:
        """Into the outbox, from where the deployed stack takes it."""
        number = more.pop("sequence", 1)
        event = Event(RandomIds(_CLOCK).new(ids.EVENT), kind, self.tenant, MADE_UP, number, _CLOCK.now(), {}, **more)
        assert self.events.add(event)
        return event

    def remove_all(self) -> None:
        """What is still on its way ends with its next attempt, and keeps nobody busy after the test."""
        for endpoint in self.endpoints.of_tenant(self.tenant):
            self.endpoints.remove(self.tenant, endpoint.id)

    def delivered_to(self, endpoint_id: str) -> list[Delivery]:
        return self.deliveries.of_target(self.tenant, endpoint_id, Page(limit=1000))

    def settled(self, endpoint_id: str, count: int, patience_s: float = PATIENCE_S) -> list[Delivery]:
        """Its deliveries, once there are so many and none is on its way."""

        def found() -> list[Delivery] | None:
            deliveries = self.delivered_to(endpoint_id)
            pending = [delivery for delivery in deliveries if delivery.status is DeliveryStatus.PENDING]
            return deliveries if len(deliveries) == count and not pending else None

        return until(found, patience_s) or []

    def pass_time(self, endpoint_id: str) -> int:
        """As if the next attempts of all that is pending were due, and the minute over. How many there were."""
        pending = [each for each in self.delivered_to(endpoint_id) if each.status is DeliveryStatus.PENDING]
        for delivery in pending:
            self._make_due(delivery)
        return len(pending)

    def _make_due(self, delivery: Delivery) -> None:
        with contextlib.suppress(clients.dynamodb().exceptions.ConditionalCheckFailedException):
            clients.dynamodb().update_item(
                TableName=self.outputs.deliveries_table,
                Key={
                    "pk": {"S": table.delivery_pk(delivery.tenant, delivery.id)},
                    "sk": {"S": table.to_sk(delivery.target.id)},
                },
                UpdateExpression="SET due_at = :past",
                ConditionExpression="#status = :pending AND attempts = :attempts",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":past": {"S": table.sortable(_CLOCK.now() - timedelta(seconds=1))},
                    ":pending": {"S": "pending"},
                    ":attempts": {"N": str(delivery.attempts)},
                },
            )


def sweep() -> None:
    """The deployed function, as the schedule would call it."""
    name = function_named("lambdas.scheduled.sweep.handler")["FunctionName"]
    answer = boto3.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


def until(look: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(_LOOK_S)
    return found


_CLOCK = SystemClock()
