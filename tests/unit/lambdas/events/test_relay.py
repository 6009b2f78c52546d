"""Outbox stream → bus."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from core.adapters.dynamodb.outbox import kept_of
from core.adapters.dynamodb.transactions import Part, Tables, actions
from core.ports import Commit
from core.services.events import EventRelay
from lambdas.events.relay import relay
from lambdas.runtime.wiring import Relay
from tests.builders import a_session, an_event
from tests.fakes.clocks import START
from tests.fakes.outbox import MemoryOutbox
from tests.fakes.rest import golden
from tests.fakes.watchers import FakeBus

EVENTS = [an_event(f"evt_{number:02d}", data={"text": "Grüße"}) for number in range(25)]


def records(name: str = "INSERT") -> list[dict[str, Any]]:
    """As the stream delivers what a commit of these events wrote."""
    commit = Commit(a_session(), 1, None, events=tuple(EVENTS))
    written = [
        action.request["Put"]["Item"]
        for action in actions(commit, Tables("s", "a", "o"), START)
        if action.part is Part.EVENT
    ]
    made = []
    for number, image in enumerate(written):
        record = copy.deepcopy(golden("events/outbox_record.json"))
        record["eventName"] = name
        record["dynamodb"] |= {"NewImage": image, "SequenceNumber": str(1000 + number)}
        made.append(record)
    return made


def services(bus: FakeBus) -> Relay:
    return Relay(EventRelay(bus, MemoryOutbox()), kept_of)


def test_what_a_commit_wrote_reaches_the_bus_unchanged_and_in_order() -> None:
    bus = FakeBus()

    assert relay(services(bus), records()) == {"batchItemFailures": []}
    assert bus.taken == EVENTS


@pytest.mark.parametrize(("refuses", "first"), [("evt_00", "1000"), ("evt_13", "1010")])
def test_the_stream_goes_on_from_the_first_event_not_safely_on_the_bus(refuses: str, first: str) -> None:
    answer = relay(services(FakeBus(refuses)), records())

    assert answer == {"batchItemFailures": [{"itemIdentifier": first}]}


def test_a_record_nobody_can_read_is_passed_over_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    bus = FakeBus()
    broken = records()
    broken[3]["dynamodb"]["NewImage"] = {"pk": {"S": "evt_x"}, "data": {"S": '{"secret": 1}'}}

    answer = relay(services(bus), broken)

    assert answer == {"batchItemFailures": []}
    assert bus.taken == EVENTS[:3] + EVENTS[4:]
    said = capsys.readouterr().out
    assert "unreadable" in said and "evt_x" in said
    assert "secret" not in said


def test_an_event_that_leaves_the_table_by_time_is_not_told_again() -> None:
    bus = FakeBus()
    removed = records("REMOVE")
    for record in removed:
        del record["dynamodb"]["NewImage"]

    assert relay(services(bus), removed) == {"batchItemFailures": []}
    assert bus.taken == []
