"""The sweep over deliveries: all that is due, and nothing twice."""

from __future__ import annotations

from datetime import timedelta

from core.domain.deliveries import OVERDUE_AFTER
from core.services.due_deliveries import PER_QUERY
from tests.builders import an_endpoint, an_event
from tests.fakes.webhook_world import WebhookWorld


def overdue(count: int) -> WebhookWorld:
    world = WebhookWorld()
    world.registered(an_endpoint())
    for number in range(count):
        world.fan_out.tell(an_event(f"evt_{number:026d}"))
    world.queue.lose()
    world.clock.at += OVERDUE_AFTER
    return world


def test_everything_that_is_due_is_handed_over_once() -> None:
    world = overdue(40)

    for expected in (40, 0):
        requeued = world.due.run(world.clock.now() + timedelta(seconds=40))
        assert (requeued.deliveries, requeued.finished) == (expected, True)

    assert len({handed.delivery_id for handed in world.queue.take()}) == 40


def test_more_than_one_query_finds_is_found_by_the_next() -> None:
    world = overdue(40 * PER_QUERY)

    assert world.due.run(world.clock.now() + timedelta(seconds=40)).deliveries == 40 * PER_QUERY


def test_what_is_not_due_is_left_alone() -> None:
    world = overdue(3)
    world.clock.advance(-1)

    assert world.due.run(world.clock.now() + timedelta(seconds=40)).deliveries == 0


def test_a_run_that_is_out_of_time_says_so() -> None:
    world = overdue(3)

    requeued = world.due.run(world.clock.now())

    assert (requeued.deliveries, requeued.finished) == (0, False)
