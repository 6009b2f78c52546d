"""An event there and back over the bus."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from pydantic import ValidationError

from core.adapters.events import EventBridgePublisher
from core.domain.events import EventType
from lambdas.events.bus import event_of
from tests.builders import ACME, an_event
from tests.fakes.rest import golden


def test_an_event_is_read_as_eventbridge_delivers_it() -> None:
    event = event_of(golden("events/bus_event.json"))

    assert (event.id, event.type, event.tenant, event.session_id) == ("evt_1", EventType.SESSION_ENDED, ACME, "sess_1")
    assert event.data["end_reason"] == "completed"


@pytest.mark.parametrize("kind", list(EventType))
def test_what_is_published_is_what_is_read(kind: EventType) -> None:
    entries: list[dict[str, Any]] = []

    class Bus:
        def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:
            entries.extend(Entries)
            return {"FailedEntryCount": 0}

    event = an_event(kind=kind, data={"text": "Grüße", "n": 1.5, "none": None})

    EventBridgePublisher(cast(Any, Bus()), "bus").publish([event])

    assert event_of({"detail": json.loads(entries[0]["Detail"])}) == event


def test_what_is_not_ours_is_not_guessed_at() -> None:
    with pytest.raises(ValidationError):
        event_of({"detail": {"type": "session.ended"}})
