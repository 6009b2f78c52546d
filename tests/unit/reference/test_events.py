"""What customers are told of, against what the document shows them. `tests.fakes` checks every event of every unit test
so; here is that such a check notices, and what no session tells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.attempts import Outcome, Result
from core.domain.events import Event, EventType
from core.domain.transcripts import turn_object
from core.domain.views import session_object
from tests.builders import ACME, a_session, a_turn, an_endpoint
from tests.fakes import conformance
from tests.fakes.clocks import START
from tests.fakes.webhook_world import WebhookWorld

SESSION = session_object(a_session(), START)


def told(kind: EventType, data: dict[str, Any], **more: Any) -> Event:
    return replace(Event("evt_1", kind, ACME, "sess_1", 1, START, data), **more)


@pytest.mark.parametrize(
    "drifted",
    [
        SESSION | {"colour": "red"},
        {name: value for name, value in SESSION.items() if name != "metadata"},
        SESSION | {"status": "finished"},
        SESSION | {"created_at": 1774522800},
        SESSION | {"usage": None},
        {},
    ],
)
def test_a_shape_that_drifts_is_noticed(drifted: dict[str, Any]) -> None:
    conformance.check_event(told(EventType.SESSION_CREATED, SESSION))
    with pytest.raises(AssertionError, match=r"session\.created was told"):
        conformance.check_event(told(EventType.SESSION_CREATED, drifted))


@pytest.mark.parametrize(
    "odd", [{"session_id": ""}, {"sequence": 0}, {"id": "e1"}, {"type": EventType.TRANSCRIPT_SEGMENT}]
)
def test_an_envelope_that_drifts_is_noticed(odd: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        conformance.check_event(told(EventType.SESSION_CREATED, SESSION, **odd))


def test_an_object_of_another_kind_is_noticed() -> None:
    turn = turn_object(a_turn())
    conformance.check_event(told(EventType.TRANSCRIPT_SEGMENT, turn))
    for kind, data in ((EventType.TRANSCRIPT_SEGMENT, SESSION), (EventType.RECORDING_READY, turn)):
        with pytest.raises(AssertionError):
            conformance.check_event(told(kind, data))


def test_what_is_told_of_endpoints_is_what_is_shown() -> None:
    world = WebhookWorld()
    world.registered(an_endpoint(url="https://gone.example.com/"))
    world.registered(an_endpoint("wh_2", url="https://other.example.com/"))
    world.customers.answers["https://gone.example.com/"] = lambda: Result(Outcome.GONE, 410)
    world.services.endpoints.test(ACME, "wh_1")
    world.relay()
    world.pass_time()

    kinds = [event.type for event in world.happened.events]
    assert kinds == [EventType.WEBHOOK_TEST, EventType.WEBHOOK_DISABLED]
    for event in world.happened.events:
        conformance.check_event(event)
