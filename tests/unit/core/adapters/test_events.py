"""Events as entries of the bus."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from core.adapters.events import MAX_BYTES, EventBridgePublisher
from core.errors import Unavailable
from tests.builders import an_event


class Bus:
    def __init__(self, failing: int = 0) -> None:
        self.failing = failing
        self.calls: list[list[dict[str, Any]]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.calls.append(Entries)
        return {"FailedEntryCount": self.failing, "Entries": []}


def publisher(bus: Bus) -> EventBridgePublisher:
    return EventBridgePublisher(cast(Any, bus), "kallglot-events")


def test_an_event_carries_its_envelope_and_the_tenant() -> None:
    bus = Bus()

    publisher(bus).publish([an_event(data={"status": "active", "name": "Grüße"})])

    [[entry]] = bus.calls
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == (
        "kallglot",
        "session.started",
        "kallglot-events",
    )
    assert json.loads(entry["Detail"]) == {
        "id": "evt_1",
        "type": "session.started",
        "api_version": "v1",
        "created_at": "2026-03-26T11:00:00Z",
        "session_id": "sess_1",
        "sequence": 1,
        "data": {"status": "active", "name": "Grüße"},
        "tenant": "org_acme:live",
    }


def test_a_call_carries_ten_at_most() -> None:
    bus = Bus()

    publisher(bus).publish([an_event(f"evt_{number:02d}") for number in range(23)])

    assert [len(call) for call in bus.calls] == [10, 10, 3]
    assert [json.loads(entry["Detail"])["id"] for call in bus.calls for entry in call][::11] == [
        "evt_00",
        "evt_11",
        "evt_22",
    ]


def test_a_call_stays_below_the_limit_of_its_size() -> None:
    bus = Bus()

    publisher(bus).publish([an_event(data={"text": "ü" * 50_000}) for _ in range(5)])

    assert [len(call) for call in bus.calls] == [2, 2, 1]
    assert all(sum(len(entry["Detail"].encode()) for entry in call) < MAX_BYTES for call in bus.calls)


def test_an_entry_the_bus_did_not_take_is_not_passed_over() -> None:
    with pytest.raises(Unavailable):
        publisher(Bus(failing=1)).publish([an_event()])


def test_nothing_to_tell_calls_nobody() -> None:
    bus = Bus()

    publisher(bus).publish([])

    assert bus.calls == []
