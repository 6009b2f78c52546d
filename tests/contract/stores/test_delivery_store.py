"""DeliveryStore."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.domain.attempts import Outcome, Result
from core.domain.deliveries import Delivery, DeliveryStatus, Target, attempted, begun, begun_again, handoff
from core.domain.paging import Page
from core.ports import DUE_SHARDS
from core.webhook_ports import DeliveryKey
from tests.builders import ACME, ACME_TEST, OTHER, an_event
from tests.contract.stores.webhook_kinds import WebhookStores
from tests.fakes.clocks import START

MINUTE = timedelta(minutes=1)
FAILED = Result(Outcome.HTTP_STATUS, 500, "nö", 12)


def a_delivery(number: int = 1, target: str = "wh_1") -> Delivery:
    return begun(an_event(f"evt_01KMN0XK{number:02d}ABCDEFGHJKMNPQRS"), Target(target), START)


def begin(webhooks: WebhookStores, delivery: Delivery | None = None, due_at: datetime | None = None) -> Delivery:
    made = delivery or a_delivery()
    assert webhooks.deliveries.begin(made, due_at)
    return made


def key_of(delivery: Delivery) -> DeliveryKey:
    return DeliveryKey(delivery.tenant, delivery.id, delivery.target.id)


def due(webhooks: WebhookStores, limit: int = 100) -> list[DeliveryKey]:
    now = webhooks.clock.now()
    return [key for shard in range(DUE_SHARDS) for key in webhooks.deliveries.due(shard, now, limit)]


def made(webhooks: WebhookStores, delivery: Delivery, result: Result = FAILED) -> Delivery:
    """After an attempt that was claimed and finished."""
    held = webhooks.deliveries.claim(handoff(delivery), "mine", START, START + MINUTE)
    assert held == delivery
    after = attempted(delivery, result, START, 0.0)
    assert webhooks.deliveries.finish(after, "mine", None)
    return after


def test_a_delivery_is_found_as_it_was_stored_and_by_its_tenant_only(webhooks: WebhookStores) -> None:
    delivery = attempted(begun(an_event(), Target("url_1", "https://h.example.com/ü"), START), FAILED, START, 0.5)

    begin(webhooks, delivery)

    assert webhooks.deliveries.find(ACME, delivery.id) == delivery
    for stranger in (OTHER, ACME_TEST):
        assert webhooks.deliveries.find(stranger, delivery.id) is None


def test_there_is_one_delivery_for_an_event_and_a_target(webhooks: WebhookStores) -> None:
    delivery = begin(webhooks)

    assert not webhooks.deliveries.begin(replace(delivery, attempts=3), None)
    assert webhooks.deliveries.find(ACME, delivery.id) == delivery


def test_an_attempt_is_claimed_once(webhooks: WebhookStores) -> None:
    delivery = begin(webhooks)

    first = webhooks.deliveries.claim(handoff(delivery), "one", START, START + MINUTE)
    second = webhooks.deliveries.claim(handoff(delivery), "two", START, START + MINUTE)

    assert (first, second) == (delivery, None)


def test_a_claim_of_somebody_who_died_passes_on_and_he_writes_nothing_more(webhooks: WebhookStores) -> None:
    delivery = begin(webhooks)
    webhooks.deliveries.claim(handoff(delivery), "dead", START, START + MINUTE)

    later = START + MINUTE + timedelta(microseconds=1)
    assert webhooks.deliveries.claim(handoff(delivery), "heir", later, later + MINUTE) == delivery

    after = attempted(delivery, FAILED, later, 0.0)
    assert not webhooks.deliveries.finish(after, "dead", None)
    assert webhooks.deliveries.find(ACME, delivery.id) == delivery
    assert webhooks.deliveries.finish(after, "heir", None)
    assert webhooks.deliveries.find(ACME, delivery.id) == after


def test_an_attempt_that_was_made_or_is_not_next_cannot_be_claimed(webhooks: WebhookStores) -> None:
    delivery = begin(webhooks)
    after = made(webhooks, delivery)

    for late in (handoff(delivery), replace(handoff(after), attempt=3)):
        assert webhooks.deliveries.claim(late, "again", START + MINUTE, START + 2 * MINUTE) is None
    assert webhooks.deliveries.claim(handoff(after), "next", START + MINUTE, START + 2 * MINUTE) == after


def test_what_has_ended_or_is_not_there_cannot_be_claimed(webhooks: WebhookStores) -> None:
    ended = made(webhooks, begin(webhooks), Result(Outcome.SUCCEEDED, 200))

    for nothing in (handoff(ended), handoff(a_delivery(9)), replace(handoff(ended), tenant=OTHER)):
        assert webhooks.deliveries.claim(nothing, "token", START + MINUTE, START + MINUTE) is None


def test_only_what_has_ended_is_begun_again_and_only_as_it_was_read(webhooks: WebhookStores) -> None:
    delivery = begin(webhooks)
    assert not webhooks.deliveries.begin_again(delivery, None)
    ended = made(webhooks, delivery, Result(Outcome.GONE, 410))

    again = begun_again(ended, START + MINUTE)

    assert not webhooks.deliveries.begin_again(replace(again, attempts=0), START)
    assert webhooks.deliveries.begin_again(again, START)
    assert not webhooks.deliveries.begin_again(again, START)
    assert webhooks.deliveries.find(ACME, delivery.id) == again
    assert again.status is DeliveryStatus.PENDING
    assert not webhooks.deliveries.begin_again(a_delivery(9), None)


def test_a_delivery_is_due_from_its_time_on_and_longest_overdue_first(webhooks: WebhookStores) -> None:
    deliveries = [begin(webhooks, a_delivery(number), START - number * MINUTE) for number in range(40)]
    begin(webhooks, a_delivery(50), START + MINUTE)
    begin(webhooks, a_delivery(51))

    assert {key.delivery_id for key in due(webhooks)} == {delivery.id for delivery in deliveries}
    for shard in range(DUE_SHARDS):
        found = [key.delivery_id for key in webhooks.deliveries.due(shard, START, 2)]
        assert len(found) <= 2
        assert found == sorted(found, reverse=True)
    webhooks.clock.advance(60)
    assert key_of(a_delivery(50)) in due(webhooks)


def test_whoever_postpones_a_due_delivery_takes_it(webhooks: WebhookStores) -> None:
    delivery = begin(webhooks, due_at=START)

    assert webhooks.deliveries.postpone(key_of(delivery), START, START + MINUTE) == delivery
    assert webhooks.deliveries.postpone(key_of(delivery), START, START + MINUTE) is None
    assert due(webhooks) == []
    webhooks.clock.advance(60)
    assert due(webhooks) == [key_of(delivery)]


def test_what_has_ended_is_neither_due_nor_postponed(webhooks: WebhookStores) -> None:
    delivery = begin(webhooks, due_at=START)
    made(webhooks, delivery, Result(Outcome.SUCCEEDED, 200))

    assert due(webhooks) == []
    assert webhooks.deliveries.postpone(key_of(delivery), START, START + MINUTE) is None


def test_a_claim_leaves_the_due_time_and_postponing_the_claim(webhooks: WebhookStores) -> None:
    delivery = begin(webhooks, due_at=START)
    webhooks.deliveries.claim(handoff(delivery), "mine", START, START + MINUTE)

    assert due(webhooks) == [key_of(delivery)]
    webhooks.deliveries.postpone(key_of(delivery), START, START + MINUTE)

    assert webhooks.deliveries.claim(handoff(delivery), "other", START, START + MINUTE) is None
    assert webhooks.deliveries.finish(attempted(delivery, FAILED, START, 0.0), "mine", None)


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_the_deliveries_of_a_target_come_newest_first_page_by_page(webhooks: WebhookStores, limit: int) -> None:
    ids = [begin(webhooks, a_delivery(number)).id for number in (3, 1, 2, 5, 4)]
    begin(webhooks, a_delivery(6, "wh_2"))
    newest_first = sorted(ids, reverse=True)

    def page(**cursor: str) -> list[str]:
        return [delivery.id for delivery in webhooks.deliveries.of_target(ACME, "wh_1", Page(limit, **cursor))]

    assert page() == newest_first[: limit + 1]
    for place, cursor in enumerate(newest_first):
        assert page(starting_after=cursor) == newest_first[place + 1 :][: limit + 1]
        assert page(ending_before=cursor) == newest_first[:place][::-1][: limit + 1]
    assert webhooks.deliveries.of_target(OTHER, "wh_1", Page()) == []
    assert webhooks.deliveries.of_target(ACME_TEST, "wh_1", Page()) == []
