"""EndpointStore."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.events import EventType
from core.domain.webhooks import DisabledReason, Signing, given_up
from core.errors import IdempotencyKeyTaken, WriteConflict
from core.webhook_ports import NoRoom
from tests.builders import ACME, ACME_TEST, OTHER, a_record, an_endpoint, an_event
from tests.contract.stores.webhook_kinds import WebhookStores
from tests.fakes.clocks import START

HOUR = timedelta(hours=1)


def test_an_endpoint_is_found_as_it_was_created_and_by_its_tenant_only(webhooks: WebhookStores) -> None:
    endpoint = an_endpoint(
        events=("session.*", "recording.ready"),
        description="Grüße",
        signing=Signing(3, START, START + HOUR),
        disabled_reason=DisabledReason.GONE,
        disabled_at=START,
        enabled=False,
    )

    stored = webhooks.endpoints.create(endpoint, 16)

    assert stored == replace(endpoint, version=1)
    assert webhooks.endpoints.find(ACME, "wh_1") == stored
    for stranger in (OTHER, ACME_TEST):
        assert webhooks.endpoints.find(stranger, "wh_1") is None
        assert webhooks.endpoints.of_tenant(stranger) == []


def test_all_of_a_tenant_come_oldest_first(webhooks: WebhookStores) -> None:
    for name in ("wh_2", "wh_1", "wh_3"):
        webhooks.endpoints.create(an_endpoint(name), 16)
    webhooks.endpoints.create(an_endpoint("wh_0", OTHER), 16)
    webhooks.endpoints.rotate_session_signing(ACME, Signing().rotated(START, HOUR))

    assert [endpoint.id for endpoint in webhooks.endpoints.of_tenant(ACME)] == ["wh_1", "wh_2", "wh_3"]


def test_a_tenant_has_room_for_so_many_and_for_another_when_one_is_removed(webhooks: WebhookStores) -> None:
    for number in range(2):
        webhooks.endpoints.create(an_endpoint(f"wh_{number}"), 2)
    with pytest.raises(NoRoom):
        webhooks.endpoints.create(an_endpoint("wh_2"), 2)
    webhooks.endpoints.create(an_endpoint("wh_2", OTHER), 2)

    assert webhooks.endpoints.remove(ACME, "wh_0")
    assert not webhooks.endpoints.remove(ACME, "wh_0")
    webhooks.endpoints.create(an_endpoint("wh_2"), 2)

    with pytest.raises(NoRoom):
        webhooks.endpoints.create(an_endpoint("wh_3"), 2)
    assert [endpoint.id for endpoint in webhooks.endpoints.of_tenant(ACME)] == ["wh_1", "wh_2"]


def test_a_taken_key_creates_nothing(webhooks: WebhookStores) -> None:
    webhooks.endpoints.create(an_endpoint("wh_1"), 16, a_record())

    with pytest.raises(IdempotencyKeyTaken):
        webhooks.endpoints.create(an_endpoint("wh_2"), 16, a_record())

    assert [endpoint.id for endpoint in webhooks.endpoints.of_tenant(ACME)] == ["wh_1"]


def test_a_change_is_stored_over_the_version_it_was_made_from(webhooks: WebhookStores) -> None:
    first = webhooks.endpoints.create(an_endpoint(), 16)

    second = webhooks.endpoints.replace(replace(first, url="https://other.example.com/"))

    assert second.version == 2
    with pytest.raises(WriteConflict):
        webhooks.endpoints.replace(replace(first, enabled=False))
    assert webhooks.endpoints.find(ACME, "wh_1") == second


def test_an_endpoint_that_is_gone_is_not_brought_back(webhooks: WebhookStores) -> None:
    endpoint = webhooks.endpoints.create(an_endpoint(), 16)
    webhooks.endpoints.remove(ACME, "wh_1")

    with pytest.raises(WriteConflict):
        webhooks.endpoints.replace(endpoint)

    assert webhooks.endpoints.find(ACME, "wh_1") is None


def test_what_tells_of_a_change_is_stored_with_it_or_not_at_all(webhooks: WebhookStores) -> None:
    endpoint = webhooks.endpoints.create(an_endpoint(), 16)
    disabled = given_up(endpoint, DisabledReason.GONE, START)
    told = an_event("evt_2", EventType.WEBHOOK_DISABLED)

    webhooks.endpoints.replace(disabled, told, a_record())
    for event, record in ((an_event("evt_3"), a_record("other")), (an_event("evt_4"), a_record())):
        with pytest.raises((WriteConflict, IdempotencyKeyTaken)):
            webhooks.endpoints.replace(disabled, event, record)

    assert webhooks.events.find(ACME, "evt_2") == told
    assert webhooks.events.find(ACME, "evt_3") is None
    assert webhooks.events.find(ACME, "evt_4") is None
    assert webhooks.idempotency.find(ACME, "POST /v1/sessions", "other") is None


def test_the_secret_of_session_urls_goes_from_generation_to_generation(webhooks: WebhookStores) -> None:
    first = webhooks.endpoints.session_signing(ACME)
    second = first.rotated(START, HOUR)
    third = second.rotated(START, HOUR)

    webhooks.endpoints.rotate_session_signing(ACME, second, a_record())
    with pytest.raises(WriteConflict):
        webhooks.endpoints.rotate_session_signing(ACME, second)
    with pytest.raises(IdempotencyKeyTaken):
        webhooks.endpoints.rotate_session_signing(ACME, third, a_record())
    assert webhooks.endpoints.session_signing(ACME) == second
    webhooks.endpoints.rotate_session_signing(ACME, third)

    assert first == Signing()
    assert webhooks.endpoints.session_signing(ACME) == third
    assert webhooks.endpoints.session_signing(OTHER) == Signing()
