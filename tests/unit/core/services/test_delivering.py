"""An attempt and what follows from it, on a clock that nobody waits for."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stripe

from core.domain.attempts import Outcome, Result
from core.domain.breakers import FAILURES_TO_OPEN
from core.domain.deliveries import JITTER, OVERDUE_AFTER, SCHEDULE, Delivery, DeliveryStatus, Handoff, handoff
from core.domain.events import Event, EventType, envelope
from core.domain.webhooks import SESSION_URLS, DisabledReason, Signing, signing_secret
from core.errors import Unavailable
from core.services.delivering import CLAIM_LASTS, Done
from tests.builders import ACME, ACME_TEST, an_endpoint, an_event
from tests.fakes.clocks import START, FakeClock
from tests.fakes.webhook_world import SIGNING_KEY, WebhookWorld

URL = an_endpoint().url
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
FAILED = Result(Outcome.HTTP_STATUS, 500, "no", 12)


@pytest.fixture
def world() -> WebhookWorld:
    return WebhookWorld()


def happened(world: WebhookWorld, number: int = 1, **more: object) -> Event:
    event = replace(an_event(f"evt_{number:026d}"), created_at=world.clock.now(), **more)  # type: ignore[arg-type]
    world.events.add(event)
    world.fan_out.tell(event)
    return event


def answer(world: WebhookWorld, result: Result = FAILED, url: str = URL) -> None:
    world.customers.answers[url] = lambda: result


def test_an_event_arrives_whole_signed_and_named(world: WebhookWorld) -> None:
    world.clock.at = datetime.now(UTC)  # the signature's own library looks at the clock of the wall
    world.registered(an_endpoint())
    event = happened(world, data={"text": "Grüße"})

    world.work()

    (posted,) = world.customers.posted
    secret = signing_secret(SIGNING_KEY, ACME, "wh_1", 1)
    stripe.WebhookSignature.verify_header(posted.body.decode(), posted.headers["Kallglot-Signature"], secret, 60)
    assert json.loads(posted.body) == envelope(event)
    assert (posted.url, posted.local) == (URL, False)
    assert posted.headers["Kallglot-Webhook-Id"] == world.only().id
    assert (world.only().status, world.only().attempts, world.only().answer) == (DeliveryStatus.SUCCEEDED, 1, "ok")
    assert world.done == {Done.SUCCEEDED: 1}


def test_a_failing_endpoint_is_asked_eight_times_on_the_documented_schedule(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    answer(world)
    happened(world)

    world.pass_time()

    times = [posted.at for posted in world.customers.posted]
    assert times[0] == START
    for gap, planned in zip(
        (later - earlier for earlier, later in itertools.pairwise(times)), SCHEDULE[1:], strict=True
    ):
        assert planned <= gap <= planned * (1 + JITTER) + MINUTE
    assert [posted.headers["Kallglot-Retry-Count"] for posted in world.customers.posted] == list("01234567")
    assert {posted.headers["Kallglot-Original-Timestamp"] for posted in world.customers.posted} == {"1774522800"}
    assert len({posted.headers["Kallglot-Signature"] for posted in world.customers.posted}) == 8
    assert (world.only().status, world.only().attempts) == (DeliveryStatus.FAILED, 8)
    assert world.queue.next_at() is None


def test_an_endpoint_that_recovers_gets_what_it_missed(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    answers = iter([FAILED, Result(Outcome.TIMEOUT), Result(Outcome.REDIRECTED, 302)])
    world.customers.answers[URL] = lambda: next(answers, Result(Outcome.SUCCEEDED, 204))
    happened(world)

    world.pass_time()

    assert (world.only().status, world.only().attempts) == (DeliveryStatus.SUCCEEDED, 4)
    assert [attempt.outcome for attempt in world.only().log] == [
        Outcome.HTTP_STATUS,
        Outcome.TIMEOUT,
        Outcome.REDIRECTED,
        Outcome.SUCCEEDED,
    ]


def test_a_retry_after_is_waited_for(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    answers = iter([replace(FAILED, status=429, retry_after="1800")])
    world.customers.answers[URL] = lambda: next(answers, Result(Outcome.SUCCEEDED, 200))
    happened(world)

    world.pass_time()

    first, second = [posted.at for posted in world.customers.posted]
    assert timedelta(minutes=30) <= second - first <= timedelta(minutes=37)


@pytest.mark.parametrize("failing", [False, True])
def test_messages_that_come_several_times_make_no_attempt_more(failing: bool) -> None:
    world = WebhookWorld(duplicates=2)
    world.registered(an_endpoint())
    if failing:
        answer(world)
    happened(world)

    world.pass_time()

    assert len(world.customers.posted) == world.only().attempts == (8 if failing else 1)
    assert world.done[Done.DUPLICATE] > 0


def test_an_event_that_is_told_twice_is_delivered_once_and_no_retry_comes_early(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    answer(world)
    event = happened(world)
    world.work()

    world.fan_out.tell(event)
    world.work()

    assert len(world.customers.posted) == 1


def test_an_attempt_that_never_reached_the_queue_is_found_by_the_sweep(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    happened(world)
    world.queue.lose()

    world.pass_time(START + OVERDUE_AFTER - MINUTE)
    assert world.customers.posted == []
    world.pass_time()

    assert world.only().status is DeliveryStatus.SUCCEEDED


def test_a_queue_that_takes_no_retry_costs_the_overdue_time_and_no_attempt(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    answer(world)
    happened(world)
    (handed,) = world.queue.take()
    world.queue.refuses = True

    assert world.delivering.attempt(handed) is Done.FAILED
    world.queue.refuses = False
    world.pass_time(START + 20 * MINUTE)

    assert world.only().attempts == 2
    assert len(world.customers.posted) == 2


def test_whoever_dies_with_a_claim_leaves_it_to_the_next_copy(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    happened(world)
    (handed,) = world.queue.take()
    world.deliveries.claim(handed, "dead", world.clock.now(), world.clock.now() + CLAIM_LASTS)

    assert world.delivering.attempt(handed) is Done.DUPLICATE
    world.clock.at += CLAIM_LASTS + timedelta(seconds=1)
    assert world.delivering.attempt(handed) is Done.SUCCEEDED


def test_an_answer_that_comes_after_the_claim_was_lost_is_not_written_down(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    happened(world)
    (handed,) = world.queue.take()

    def slow() -> Result:
        world.clock.at += CLAIM_LASTS + timedelta(seconds=1)
        world.customers.answers.clear()
        assert world.delivering.attempt(handed) is Done.SUCCEEDED
        return FAILED

    world.customers.answers[URL] = slow

    assert world.delivering.attempt(handed) is Done.LOST
    assert (world.only().status, world.only().attempts) == (DeliveryStatus.SUCCEEDED, 1)


def test_a_fault_of_ours_gives_the_place_back_and_says_nothing_of_the_endpoint(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    happened(world)
    (handed,) = world.queue.take()

    def broken() -> Result:
        raise Unavailable("dependency_unavailable", "no")

    world.customers.answers[URL] = broken
    with pytest.raises(Unavailable):
        world.delivering.attempt(handed)

    assert world.health._targets[ACME, "wh_1"].in_flight == 0
    assert world.health._targets[ACME, "wh_1"].health.failures == 0


def test_a_410_disables_the_endpoint_tells_of_it_and_is_not_retried(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    world.registered(an_endpoint("wh_2", url="https://other.example.com/"))
    answer(world, Result(Outcome.GONE, 410))
    happened(world)

    world.pass_time()

    gone = world.endpoints.find(ACME, "wh_1")
    assert gone is not None
    assert (gone.enabled, gone.disabled_reason, gone.disabled_at) == (False, DisabledReason.GONE, START)
    told = world.happened.events[-1]
    assert (told.type, told.tenant, told.session_id) == (EventType.WEBHOOK_DISABLED, ACME, "")
    assert (told.data["id"], told.data["status"], told.data["disabled_reason"]) == ("wh_1", "disabled", "gone")
    assert Counter(posted.url for posted in world.customers.posted) == {URL: 1, "https://other.example.com/": 1}
    assert world.fan_out.tell(told) == 1


def test_a_410_is_said_once_however_many_get_it_at_once(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    answer(world, Result(Outcome.GONE, 410))
    for number in range(5):
        happened(world, number)

    world.pass_time()

    assert [event.type for event in world.happened.events].count(EventType.WEBHOOK_DISABLED) == 1
    outcomes = sorted(delivery.log[-1].outcome for delivery in world.deliveries.all())
    assert outcomes == [Outcome.ENDPOINT_DISABLED] * 4 + [Outcome.GONE]


def test_five_days_of_failures_disable_the_endpoint(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    answer(world)
    for day in range(7):
        happened(world, day)
        world.pass_time(START + (day + 1) * DAY)

    endpoint = world.endpoints.find(ACME, "wh_1")
    assert endpoint is not None
    assert endpoint.disabled_reason is DisabledReason.FAILING
    assert endpoint.disabled_at is not None
    assert 5 * DAY <= endpoint.disabled_at - START <= 6 * DAY
    assert [event.type for event in world.happened.events].count(EventType.WEBHOOK_DISABLED) == 1
    world.pass_time()
    assert all(delivery.status is DeliveryStatus.FAILED for delivery in world.deliveries.all())


def test_one_success_in_five_days_keeps_the_endpoint(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    for day in range(9):
        answer(world, Result(Outcome.SUCCEEDED, 200) if day == 3 else FAILED)
        happened(world, day)
        world.pass_time(START + (day + 1) * DAY)
        if day == 7:
            endpoint = world.endpoints.find(ACME, "wh_1")
            assert endpoint is not None and endpoint.enabled


def test_an_open_breaker_counts_attempts_without_asking_and_the_last_one_asks(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    answer(world)
    for number in range(100):
        happened(world, number)

    world.pass_time()

    outcomes = Counter(attempt.outcome for delivery in world.deliveries.all() for attempt in delivery.log)
    assert all(delivery.attempts == 8 for delivery in world.deliveries.all())
    assert all(delivery.log[-1].outcome is Outcome.HTTP_STATUS for delivery in world.deliveries.all())
    assert outcomes[Outcome.HTTP_STATUS] == len(world.customers.posted)
    assert sum(outcomes.values()) == 800
    first_minute = [posted for posted in world.customers.posted if posted.at < START + MINUTE]
    assert len(first_minute) == FAILURES_TO_OPEN


def test_a_breaker_closes_with_the_first_success_and_everything_arrives(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    answer(world)
    for number in range(100):
        happened(world, number)
    world.pass_time(START + 30 * timedelta(seconds=1))
    world.customers.answers.clear()

    world.pass_time()

    assert {delivery.status for delivery in world.deliveries.all()} == {DeliveryStatus.SUCCEEDED}
    ended = max(delivery.finished_at for delivery in world.deliveries.all() if delivery.finished_at)
    assert ended - START <= timedelta(minutes=9)


def test_there_are_never_more_requests_to_a_target_than_it_has_places() -> None:
    world = WebhookWorld(most_at_once=2)
    world.registered(an_endpoint())
    world.registered(an_endpoint("wh_2", url="https://other.example.com/"))
    for number in range(3):
        happened(world, number)
    mine = [handed for handed in world.queue.take() if handed.target_id == "wh_1"]
    inside: list[Done] = []

    def meanwhile() -> Result:
        if mine:
            inside.append(world.delivering.attempt(mine.pop()))
        return Result(Outcome.SUCCEEDED, 200)

    world.customers.answers[URL] = meanwhile
    world.delivering.attempt(mine.pop())

    assert inside == [Done.NO_ROOM, Done.SUCCEEDED]


def test_who_finds_no_room_comes_again_later_and_in_the_end_leaves_it_to_the_sweep(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    happened(world)
    for _ in range(world.most_at_once):
        world.health.enter(ACME, "wh_1", world.clock.now(), world.most_at_once, forced=False)
    world.health._targets[ACME, "wh_1"].busy_until = START + DAY

    world.pass_time(START + OVERDUE_AFTER - MINUTE)
    assert world.queue.next_at() is None
    assert world.customers.posted == []
    waited = world.done[Done.NO_ROOM]
    world.health.forget(ACME, "wh_1")
    world.pass_time()

    assert 40 <= waited <= 60
    assert world.only().status is DeliveryStatus.SUCCEEDED


def test_a_disabled_or_deleted_endpoint_gets_nothing_that_was_on_its_way(world: WebhookWorld) -> None:
    disabled = world.registered(an_endpoint())
    world.registered(an_endpoint("wh_2", url="https://other.example.com/"))
    happened(world)
    world.endpoints.replace(replace(disabled, enabled=False))
    world.endpoints.remove(ACME, "wh_2")

    world.pass_time()

    assert world.customers.posted == []
    assert {delivery.log[-1].outcome for delivery in world.deliveries.all()} == {Outcome.ENDPOINT_DISABLED}
    assert world.fan_out.tell(an_event("evt_2")) == 0


def test_a_test_reaches_also_a_disabled_endpoint(world: WebhookWorld) -> None:
    world.registered(an_endpoint(enabled=False, events=("session.ended",)))
    happened(world, type=EventType.WEBHOOK_TEST, session_id="", sequence=0, data={"id": "wh_1"})

    world.pass_time()

    assert world.only().status is DeliveryStatus.SUCCEEDED


def test_an_event_that_is_kept_no_longer_ends_its_delivery(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    happened(world)
    world.clock.at += 8 * DAY

    world.pass_time()

    assert (world.only().status, world.only().log[-1].outcome) == (DeliveryStatus.FAILED, Outcome.EVENT_EXPIRED)


def test_a_sessions_own_url_gets_its_events_signed_with_the_tenants_secret(world: WebhookWorld) -> None:
    world.clock.at = datetime.now(UTC)
    world.registered(an_endpoint())
    world.endpoints.rotate_session_signing(ACME, Signing().rotated(world.clock.now(), DAY))
    own = "https://calls.example.com/hook?call=1"
    happened(world, webhook_url=own)

    world.work()

    (posted,) = world.customers.posted
    assert posted.url == own
    for generation in (1, 2):
        secret = signing_secret(SIGNING_KEY, ACME, SESSION_URLS, generation)
        stripe.WebhookSignature.verify_header(posted.body.decode(), posted.headers["Kallglot-Signature"], secret, 60)


@pytest.mark.parametrize(
    ("local", "tenant", "expected"), [(True, ACME_TEST, True), (True, ACME, False), (False, ACME_TEST, False)]
)
def test_loopback_is_for_test_keys_of_a_local_deployment(local: bool, tenant: object, expected: bool) -> None:
    world = WebhookWorld(local=local)
    world.registered(an_endpoint(tenant=tenant))  # type: ignore[arg-type]
    happened(world, tenant=tenant)

    world.work()

    assert world.customers.posted[0].local is expected


def test_a_url_that_was_changed_is_asked_from_then_on(world: WebhookWorld) -> None:
    endpoint = world.registered(an_endpoint())
    answer(world)
    happened(world)
    world.work()
    world.endpoints.replace(replace(endpoint, url="https://new.example.com/"))

    world.pass_time()

    assert [posted.url for posted in world.customers.posted] == [URL, "https://new.example.com/"]


def test_a_finished_delivery_can_be_sent_again(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    answer(world)
    happened(world)
    world.pass_time()
    world.customers.answers.clear()

    again = world.fan_out.again(world.only())
    world.fan_out.start([again])
    world.pass_time()

    assert (world.only().status, world.only().attempts) == (DeliveryStatus.SUCCEEDED, 9)
    assert world.customers.posted[-1].headers["Kallglot-Retry-Count"] == "8"


def test_a_late_copy_of_an_earlier_round_makes_no_attempt(world: WebhookWorld) -> None:
    world.registered(an_endpoint())
    happened(world)
    first: Handoff = handoff(world.only())
    world.pass_time()
    world.fan_out.again(world.only())

    assert world.delivering.attempt(first) is Done.DUPLICATE


def test_with_five_of_twenty_endpoints_failing_all_ends_in_time_and_nothing_is_lost() -> None:
    """One duplicate of every message, five of twenty endpoints failing: the short form of the issue's own test."""
    world = WebhookWorld(FakeClock(), duplicates=1)
    urls = [f"https://hooks-{number}.example.com/" for number in range(20)]
    for number, url in enumerate(urls):
        world.registered(an_endpoint(f"wh_{number:02d}", url=url))
    broken = (
        FAILED,
        Result(Outcome.TIMEOUT),
        Result(Outcome.CONNECTION_FAILED),
        Result(Outcome.TLS_FAILED),
        Result(Outcome.REDIRECTED, 302),
    )
    for url, result in zip(urls, broken, strict=False):
        answer(world, result, url)
    for number in range(50):
        happened(world, number)

    world.pass_time()

    by_url = Counter(posted.url for posted in world.customers.posted)
    assert all(by_url[url] == 50 for url in urls[5:])
    failed = [delivery for delivery in world.deliveries.all() if delivery.target.id < "wh_05"]
    assert {(delivery.status, delivery.attempts) for delivery in failed} == {(DeliveryStatus.FAILED, 8)}
    assert max(_age(delivery) for delivery in failed) <= sum(SCHEDULE, timedelta()) * (1 + JITTER) + 10 * MINUTE


def _age(delivery: Delivery) -> timedelta:
    assert delivery.finished_at is not None
    return delivery.finished_at - delivery.created_at
