"""Bus → deliveries, as the function is invoked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.events import fan_out
from lambdas.runtime import webhook_wiring
from tests.builders import an_endpoint
from tests.fakes.rest import golden
from tests.fakes.webhook_world import WebhookWorld


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> WebhookWorld:
    world = WebhookWorld()
    world.registered(an_endpoint())
    monkeypatch.setattr(webhook_wiring, "fan_out", lambda: world.telling)
    return world


def record(number: int, body: str | None = None) -> dict[str, Any]:
    """As a rule's target queue holds it, and Lambda maps it."""
    told = golden("events/bus_event.json")
    told["detail"]["id"] = f"evt_{number}"
    return {"messageId": f"m{number}", "body": json.dumps(told) if body is None else body}


def test_events_become_deliveries(world: WebhookWorld) -> None:
    assert fan_out.handler({"Records": [record(1), record(2)]}, None) == {"batchItemFailures": []}

    assert sorted(delivery.event_id for delivery in world.deliveries.all()) == ["evt_1", "evt_2"]


@pytest.mark.parametrize("body", ["", "{}", '{"detail": {"id": "evt_3"}}'])
def test_what_is_no_event_of_ours_ends_among_the_failed_and_holds_nothing_up(world: WebhookWorld, body: str) -> None:
    answer = fan_out.handler({"Records": [record(1, body), record(2)]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert world.only().event_id == "evt_2"


def test_an_event_that_could_not_be_handed_over_comes_again(world: WebhookWorld) -> None:
    world.queue.refuses = True

    assert fan_out.handler({"Records": [record(1)]}, None) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}

    world.queue.refuses = False
    assert fan_out.handler({"Records": [record(1)]}, None) == {"batchItemFailures": []}
    assert len(world.queue.take()) == 1
