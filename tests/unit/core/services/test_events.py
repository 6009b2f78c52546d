"""Relay."""

from __future__ import annotations

import pytest

from core.services.events import EventRelay
from tests.builders import an_event
from tests.fakes.watchers import FakeBus

EVENTS = [an_event(f"evt_{number:02d}") for number in range(25)]


def test_all_events_go_onto_the_bus_in_order() -> None:
    bus = FakeBus()

    assert EventRelay(bus).relay(EVENTS) == 25
    assert bus.taken == EVENTS


@pytest.mark.parametrize(("refuses", "done"), [("evt_00", 0), ("evt_09", 0), ("evt_10", 10), ("evt_24", 20)])
def test_the_relay_stops_at_the_first_group_the_bus_does_not_take(refuses: str, done: int) -> None:
    bus = FakeBus(refuses)

    assert EventRelay(bus).relay(EVENTS) == done
    assert not any(event.id > refuses for event in bus.taken)
