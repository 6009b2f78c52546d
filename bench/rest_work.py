"""A create and a get as API Gateway hands them over, and their CPU time; the same for ours and for the peer."""

from __future__ import annotations

import copy
import json
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.domain.access import Tenant
from lambdas.rest.requests import new_session
from lambdas.rest.schemas import CreateSession

BODY = {
    "mode": "bidirectional_translation",
    "source_language": "de",
    "target_language": "en",
    "provider": {"type": "twilio", "phone_number": "+14155551234"},
    "recording": {"enabled": True, "channels": "dual"},
    "metadata": {"order": "4729", "queue": "support"},
}
_ROUNDS, _REQUESTS = 7, 200
_EVENT = json.loads((Path(__file__).parents[1] / "tests" / "data" / "events" / "rest_request.json").read_text())
_TENANT = Tenant("org_acme", livemode=True)


def event(method: str, path: str, body: object = None) -> dict[str, Any]:
    text = None if body is None else json.dumps(body)
    return {**copy.deepcopy(_EVENT), "httpMethod": method, "path": path, "resource": path, "body": text}


def measured(handler: Callable[[dict[str, Any]], Mapping[str, Any]], services: Any) -> dict[str, float]:
    """CPU microseconds. `floor_us` is a create without any framework: event, model, service, JSON."""
    made = handler(event("POST", "/v1/sessions", BODY))
    assert made["statusCode"] == 201, made["body"]
    path = f"/v1/sessions/{json.loads(made['body'])['id']}"

    def create() -> None:
        assert handler(event("POST", "/v1/sessions", BODY))["statusCode"] == 201

    def get() -> None:
        assert handler(event("GET", path))["statusCode"] == 200

    return {"create_us": cpu_us(create), "get_us": cpu_us(get), "floor_us": cpu_us(lambda: _bare(services))}


def _bare(services: Any) -> None:
    asked = CreateSession.model_validate_json(event("POST", "/v1/sessions", BODY)["body"])
    organization = services.organizations.of(_TENANT)
    targets = services.webhooks.targets
    new = new_session(asked, _TENANT, organization.defaults, services.engines, services.routing, targets)
    json.dumps(services.creation.create(_TENANT, organization, new, None).body)


def cpu_us(request: Callable[[], None]) -> float:
    """Median over rounds of the mean CPU time of a request, making its event included."""
    rounds = []
    for _ in range(_ROUNDS):
        began = time.process_time_ns()
        for _ in range(_REQUESTS):
            request()
        rounds.append((time.process_time_ns() - began) / _REQUESTS / 1000)
    return statistics.median(rounds)
