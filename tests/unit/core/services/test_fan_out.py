"""Who gets an event."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.attempts import Outcome, Result
from core.domain.deliveries import DeliveryStatus, Target
from core.errors import Unavailable
from tests.builders import ACME_TEST, OTHER, an_endpoint, an_event
from tests.fakes.webhook_world import WebhookWorld


@pytest.fixture
def world() -> WebhookWorld:
    return WebhookWorld()


def test_an_event_becomes_one_delivery_for_each_endpoint_of_its_tenant_that_wants_it(world: WebhookWorld) -> None:
    for endpoint in (
        an_endpoint("wh_1"),
        an_endpoint("wh_2", events=("session.*",)),
        an_endpoint("wh_3", events=("recording.*",)),
        an_endpoint("wh_4", enabled=False),
        an_endpoint("wh_5", OTHER),
        an_endpoint("wh_6", ACME_TEST),
    ):
        world.registered(endpoint)

    assert world.fan_out.tell(an_event()) == 2
    assert {delivery.target.id for delivery in world.deliveries.all()} == {"wh_1", "wh_2"}
    assert {handed.target_id for handed in world.queue.take()} == {"wh_1", "wh_2"}


def test_told_twice_it_hands_over_again_and_makes_nothing_new(world: WebhookWorld) -> None:
    world.registered(an_endpoint())

    for _ in range(2):
        world.fan_out.tell(an_event())

    assert len(world.deliveries.all()) == 1
    assert len(world.queue.take()) == 2


def test_a_queue_that_does_not_answer_leaves_the_record_and_the_event_to_be_told_again(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    world.queue.refuses = True

    with pytest.raises(Unavailable):
        world.fan_out.tell(an_event())

    assert world.only().status is DeliveryStatus.PENDING


def test_a_sessions_own_url_is_told_and_nobody_else(world: WebhookWorld) -> None:
    world.registered(an_endpoint())

    world.fan_out.tell(replace(an_event(), webhook_url="https://calls.example.com/"))

    assert world.only().target.url == "https://calls.example.com/"
    assert world.only().target.id.startswith("url_")


def test_telling_again_is_a_first_time_where_there_was_none(world: WebhookWorld) -> None:
    again = world.fan_out.tell_again(an_event(), Target("wh_1"))
    world.fan_out.start([again])

    assert again == world.only()
    assert len(world.queue.take()) == 1


def test_telling_again_begins_the_schedule_anew_unless_it_is_on_its_way(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    world.events.add(an_event())
    world.fan_out.tell(an_event())
    assert world.fan_out.tell_again(an_event(), Target("wh_1")).attempts == 0
    world.work()

    again = world.fan_out.tell_again(an_event(), Target("wh_1"))
    world.fan_out.start([again])
    world.work()

    assert (again.status, again.round_start) == (DeliveryStatus.PENDING, 1)
    assert (world.only().status, world.only().attempts) == (DeliveryStatus.SUCCEEDED, 2)


@pytest.mark.parametrize(("outcome", "posts"), [(Outcome.SUCCEEDED, 1), (Outcome.GONE, 2)])
def test_telling_those_again_that_failed_leaves_what_arrived(world: WebhookWorld, outcome: Outcome, posts: int) -> None:
    endpoint = world.registered(an_endpoint())
    world.events.add(an_event())
    world.customers.answers[endpoint.url] = lambda: Result(outcome, 200)
    world.fan_out.tell(an_event())
    world.work()
    held = world.endpoints.find(endpoint.tenant, "wh_1")
    assert held is not None
    world.endpoints.replace(replace(held, enabled=True))

    world.fan_out.start([world.fan_out.tell_again(an_event(), Target("wh_1"), only_failed=True)])
    world.work()

    assert len(world.customers.posted) == posts


def test_the_same_one_asks_once_however_often_it_asks(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    world.events.add(an_event())

    for asked_by, posts in (("a", 1), ("a", 1), ("b", 2), ("b", 2), ("a", 3)):
        world.fan_out.start([world.fan_out.tell_again(an_event(), Target("wh_1"), asked_by=asked_by)])
        world.work()
        assert len(world.customers.posted) == posts
