"""HealthStore: places at a target, and its breaker."""

from __future__ import annotations

from datetime import timedelta

from core.domain.breakers import Health
from core.webhook_ports import Entry
from tests.builders import ACME, OTHER
from tests.contract.stores.webhook_kinds import LONGEST, WebhookStores
from tests.fakes.clocks import START

MOST = 3
SECOND = timedelta(seconds=1)


def enter(webhooks: WebhookStores, *, forced: bool = False, target: str = "wh_1") -> Entry:
    return webhooks.health.enter(ACME, target, webhooks.clock.now(), MOST, forced=forced)


def leave(webhooks: WebhookStores, succeeded: bool | None) -> Health:
    return webhooks.health.leave(ACME, "wh_1", webhooks.clock.now(), succeeded)


def fail(webhooks: WebhookStores, times: int = 1) -> Health:
    for _ in range(times):
        enter(webhooks, forced=True)
        health = leave(webhooks, False)
    return health


def test_there_are_so_many_places_and_each_is_given_back(webhooks: WebhookStores) -> None:
    assert [enter(webhooks) for _ in range(4)] == [Entry.ENTERED] * 3 + [Entry.FULL]

    leave(webhooks, None)

    assert [enter(webhooks) for _ in range(2)] == [Entry.ENTERED, Entry.FULL]
    assert enter(webhooks, forced=True) is Entry.FULL


def test_targets_and_tenants_have_places_of_their_own(webhooks: WebhookStores) -> None:
    for _ in range(MOST):
        enter(webhooks)

    assert enter(webhooks, target="wh_2") is Entry.ENTERED
    assert webhooks.health.enter(OTHER, "wh_1", START, MOST, forced=False) is Entry.ENTERED


def test_places_of_those_who_died_are_free_when_they_must_have_ended(webhooks: WebhookStores) -> None:
    for _ in range(MOST):
        enter(webhooks)
        webhooks.clock.advance(1)
    webhooks.clock.at = START + 2 * SECOND + LONGEST - SECOND
    assert enter(webhooks) is Entry.FULL

    webhooks.clock.advance(1)

    assert [enter(webhooks) for _ in range(4)] == [Entry.ENTERED] * 3 + [Entry.FULL]


def test_whoever_comes_back_after_all_takes_no_place_away(webhooks: WebhookStores) -> None:
    enter(webhooks)
    leave(webhooks, True)

    assert leave(webhooks, False) == Health(1, START)
    assert [enter(webhooks) for _ in range(4)] == [Entry.ENTERED] * 3 + [Entry.FULL]


def test_failures_in_a_row_are_counted_from_the_first(webhooks: WebhookStores) -> None:
    fail(webhooks)
    webhooks.clock.advance(60)

    assert fail(webhooks) == Health(2, START)


def test_a_success_begins_anew_and_nobody_asked_says_nothing(webhooks: WebhookStores) -> None:
    fail(webhooks, 2)
    enter(webhooks)
    assert leave(webhooks, None) == Health(2, START)
    enter(webhooks)

    assert leave(webhooks, True) == Health()


def test_an_open_breaker_lets_nobody_in_but_the_forced(webhooks: WebhookStores) -> None:
    failed = fail(webhooks, 2)
    webhooks.health.open(ACME, "wh_1", failed.failures, START + 60 * SECOND)

    assert enter(webhooks) is Entry.OPEN
    assert enter(webhooks, target="wh_2") is Entry.ENTERED
    assert [enter(webhooks, forced=True) for _ in range(4)] == [Entry.ENTERED] * 3 + [Entry.FULL]


def test_after_its_time_a_breaker_lets_one_in_at_a_time_until_one_succeeds(webhooks: WebhookStores) -> None:
    failed = fail(webhooks, 2)
    webhooks.health.open(ACME, "wh_1", failed.failures, START + 60 * SECOND)
    webhooks.clock.advance(60)

    assert [enter(webhooks) for _ in range(2)] == [Entry.ENTERED, Entry.FULL]
    again = leave(webhooks, False)
    assert again == Health(3, START, START + 60 * SECOND)
    webhooks.health.open(ACME, "wh_1", again.failures, webhooks.clock.now() + 60 * SECOND)
    assert enter(webhooks) is Entry.OPEN
    webhooks.clock.advance(60)
    enter(webhooks)
    assert leave(webhooks, True) == Health()

    assert [enter(webhooks) for _ in range(4)] == [Entry.ENTERED] * 3 + [Entry.FULL]


def test_a_breaker_is_not_opened_over_a_success(webhooks: WebhookStores) -> None:
    failed = fail(webhooks, 2)
    enter(webhooks)
    leave(webhooks, True)

    webhooks.health.open(ACME, "wh_1", failed.failures, START + 60 * SECOND)

    assert enter(webhooks) is Entry.ENTERED


def test_what_is_forgotten_has_never_failed(webhooks: WebhookStores) -> None:
    failed = fail(webhooks, 2)
    webhooks.health.open(ACME, "wh_1", failed.failures, START + 60 * SECOND)

    webhooks.health.forget(ACME, "wh_1")

    assert enter(webhooks) is Entry.ENTERED
    assert leave(webhooks, False) == Health(1, START)
