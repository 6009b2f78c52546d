"""Many events to twenty endpoints of the deployed stack, of which some fail, each in its own way.

Two days of retries in a minute: the test says that the time has come, the deployed sweep and functions do the rest. An
endpoint that hangs is left out, since every attempt at it takes its thirty seconds; `test_thousand_events` has it, and
so has `test_webhooks`.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections import Counter
from functools import partial
from http.server import BaseHTTPRequestHandler

from core.domain.access import Tenant
from core.domain.attempts import Outcome
from core.domain.deliveries import SCHEDULE, DeliveryStatus
from local.stack import Stack
from tests.integration.webhooks import Answer, Behind, Served, customers, says, sweep, until

EVENTS, HEALTHY = 15, 16
BOUND_S = 110.0
FAILING = {
    "/500": Outcome.HTTP_STATUS,
    "/302": Outcome.REDIRECTED,
    "/resets": Outcome.CONNECTION_FAILED,
    "/tls": Outcome.TLS_FAILED,
}


def resets(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def answers(path: str) -> Answer:
    if path == "/302":
        return says(302, Location="/elsewhere")
    return {"/500": says(500), "/resets": resets}.get(path, says(200))


def test_each_healthy_endpoint_gets_all_and_each_failing_one_its_eight_attempts(stack: Stack) -> None:
    began = time.monotonic()
    behind = Behind(stack.outputs, Tenant("org_storm", livemode=False))
    with customers(answers) as served:
        plain, secure = served.url, served.url.replace("http:", "https:")
        healthy = {f"/{number}": behind.register(f"{plain}/{number}").id for number in range(HEALTHY)}
        failing = {path: behind.register((secure if path == "/tls" else plain) + path).id for path in FAILING}
        events = {behind.happen(sequence=number).id for number in range(EVENTS)}
        for made in range(1, len(SCHEDULE)):
            until(partial(_have_all_made, behind, failing, made))
            for endpoint_id in failing.values():
                behind.pass_time(endpoint_id)
            sweep()
        deliveries = {path: behind.settled(each, EVENTS) for path, each in (healthy | failing).items()}
        behind.remove_all()
    took_s = time.monotonic() - began

    for path in healthy:
        assert served.event_ids(path).keys() == events
        assert {delivery.status for delivery in deliveries[path]} == {DeliveryStatus.SUCCEEDED}
    for path, outcome in FAILING.items():
        ended = {(each.status, each.attempts, each.log[-1].outcome) for each in deliveries[path]}
        assert ended == {(DeliveryStatus.FAILED, len(SCHEDULE), outcome)}
    assert not served.at("/elsewhere")
    print(
        f"\n{EVENTS} events to {HEALTHY + len(FAILING)} endpoints of the deployed stack in {took_s:.0f} s;"
        f" duplicates to the healthy: {_duplicates(served, healthy)};"
        f" requests to the failing: {Counter({path: len(served.at(path)) for path in FAILING})}"
    )
    assert took_s < BOUND_S


def _have_all_made(behind: Behind, failing: dict[str, str], made: int) -> bool:
    found = [each for endpoint_id in failing.values() for each in behind.delivered_to(endpoint_id)]
    return len(found) == EVENTS * len(failing) and all(each.attempts >= made for each in found)


def _duplicates(served: Served, healthy: dict[str, str]) -> int:
    got = [Counter(json.loads(body)["id"] for _, _, body in served.at(path)) for path in healthy]
    return sum(each.total() - len(each) for each in got)
