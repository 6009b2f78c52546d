"""EventStore: the outbox, read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.events import Event, EventType
from core.domain.views import session_object
from core.errors import IdempotencyKeyTaken
from core.ports import Commit
from tests.builders import ACME, ACME_TEST, OTHER, a_record, a_session, an_event
from tests.contract.stores.webhook_kinds import WebhookStores
from tests.fakes.clocks import START

KEPT = timedelta(days=7)


def told(webhooks: WebhookStores, *names: str) -> list[Event]:
    events = [an_event(f"evt_{name}") for name in names]
    for event in events:
        assert webhooks.events.add(event)
    return events


def test_an_event_of_a_session_is_found_by_its_tenant_only(webhooks: WebhookStores) -> None:
    shown = session_object(a_session(metadata={"text": "Grüße"}), START)
    event = replace(an_event(data=shown), webhook_url="https://hooks.example.com/")
    webhooks.sessions.commit(Commit(a_session(), None, None, events=(event,)))

    assert webhooks.events.find(ACME, "evt_1") == event
    for stranger in (OTHER, ACME_TEST):
        assert webhooks.events.find(stranger, "evt_1") is None


def test_an_event_is_told_once(webhooks: WebhookStores) -> None:
    (event,) = told(webhooks, "1")

    assert not webhooks.events.add(replace(event, data={}))
    assert webhooks.events.find(ACME, "evt_1") == event


def test_an_event_is_kept_for_seven_days(webhooks: WebhookStores) -> None:
    (event,) = told(webhooks, "1")

    webhooks.clock.at += KEPT - timedelta(seconds=1)
    assert webhooks.events.find(ACME, "evt_1") == event
    webhooks.clock.advance(1)
    assert webhooks.events.find(ACME, "evt_1") is None


def test_a_taken_key_tells_nothing(webhooks: WebhookStores) -> None:
    webhooks.events.add(an_event("evt_1"), a_record())

    with pytest.raises(IdempotencyKeyTaken):
        webhooks.events.add(an_event("evt_2"), a_record())

    assert webhooks.events.find(ACME, "evt_2") is None


def test_events_between_two_ids_come_oldest_first(webhooks: WebhookStores) -> None:
    events = told(webhooks, "A3", "A1", "A2", "B1", "A9")
    webhooks.events.add(replace(events[0], tenant=OTHER, id="evt_A4"))
    webhooks.events.add(an_event("evt_A5", EventType.RECORDING_EXTENDED))

    def between(first: str, last: str, limit: int = 10) -> list[str]:
        return [event.id for event in webhooks.events.between(ACME, f"evt_{first}", f"evt_{last}", limit)]

    assert between("A1", "A9") == ["evt_A1", "evt_A2", "evt_A3", "evt_A9"]
    assert between("A10", "A9", 2) == ["evt_A2", "evt_A3"]
    assert between("C", "D") == []
    assert webhooks.events.count_between(ACME, "evt_A1", "evt_A9", 100) == 4
    assert webhooks.events.count_between(ACME, "evt_A1", "evt_A9", 3) == 3
