"""What became of events, over REST: deliveries, one once more, an event once more, and a stretch of time."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from core.adapters.system import RandomIds
from core.domain.attempts import Outcome, Result
from core.domain.deliveries import SCHEDULE
from core.domain.events import EventType
from core.domain.replays import MOST_EVENTS, PAGE
from tests.fakes.clocks import FakeClock
from tests.fakes.rest import Answer, RestWorld
from tests.unit.lambdas.rest.test_webhook_endpoints import CALLER, PATH, STRANGER, TESTER, URL, ask, created

FAILED = Result(Outcome.HTTP_STATUS, 503, "busy", 7)
SINCE = "2026-03-26T10:00:00Z"


@pytest.fixture
def world() -> RestWorld:
    """With ids that carry their time, by which a stretch of time is found."""
    clock = FakeClock()
    return RestWorld(clock=clock, ids=RandomIds(clock))


def fails(world: RestWorld) -> None:
    world.webhooks.customers.answers[URL] = lambda: FAILED


def recovers(world: RestWorld) -> None:
    world.webhooks.customers.answers.clear()


def session(world: RestWorld, **more: Any) -> None:
    body = {"mode": "bidirectional_translation", "source_language": "en", "target_language": "es"} | more
    assert ask(world, "POST", "/v1/sessions", body).status == 201
    world.clock.advance(1)


def settle(world: RestWorld) -> None:
    world.webhooks.relay()
    world.webhooks.pass_time()
    world.webhooks.relay()
    world.webhooks.pass_time()


def deliveries(world: RestWorld, endpoint_id: str, **query: str) -> dict[str, Any]:
    answer = world.ask("GET", f"{PATH}/{endpoint_id}/deliveries", query=query, authorizer=CALLER)
    assert answer.status == 200
    body: dict[str, Any] = answer.body
    return body


def posts(world: RestWorld) -> Counter[str]:
    return Counter(json.loads(posted.body)["id"] for posted in world.webhooks.customers.posted)


def test_a_delivery_tells_its_status_its_attempts_and_what_was_answered(world: RestWorld) -> None:
    endpoint = created(world)
    fails(world)
    session(world)
    settle(world)

    (listed,) = deliveries(world, endpoint["id"])["data"]

    assert (listed["status"], listed["attempt_count"], listed["event_type"]) == ("failed", 8, "session.created")
    assert listed["response"] == {"status": 503, "excerpt": "busy"}
    assert [attempt["number"] for attempt in listed["attempts"]] == list(range(1, len(SCHEDULE) + 1))
    assert {(attempt["outcome"], attempt["response_status"]) for attempt in listed["attempts"]} == {
        ("http_status", 503)
    }
    assert ask(world, "GET", f"/v1/webhook_deliveries/{listed['id']}").body == listed


def test_deliveries_come_newest_first_page_by_page(world: RestWorld) -> None:
    endpoint = created(world)
    for _ in range(5):
        session(world)
    settle(world)

    first = deliveries(world, endpoint["id"], limit="3")
    second = deliveries(world, endpoint["id"], limit="3", starting_after=first["data"][-1]["id"])

    ids = [each["id"] for each in (*first["data"], *second["data"])]
    assert ids == sorted(ids, reverse=True) and len(set(ids)) == 5
    assert (first["has_more"], second["has_more"]) == (True, False)


def test_a_failed_delivery_is_sent_again_and_a_repeat_of_asking_sends_nothing_more(world: RestWorld) -> None:
    endpoint = created(world)
    fails(world)
    session(world)
    settle(world)
    recovers(world)
    (failed,) = deliveries(world, endpoint["id"])["data"]
    path = f"/v1/webhook_deliveries/{failed['id']}/retry"

    first = ask(world, "POST", path, Idempotency_Key="k")
    settle(world)
    again = ask(world, "POST", path, Idempotency_Key="k")
    settle(world)

    assert (first.status, first.body["status"]) == (202, "pending")
    assert (again.body["status"], again.headers["Idempotency-Replayed"]) == ("succeeded", ["true"])
    assert again.body["attempt_count"] == len(SCHEDULE) + 1


def test_what_is_on_its_way_is_not_sent_again(world: RestWorld) -> None:
    created(world)
    session(world)
    world.webhooks.relay()
    (pending,) = world.webhooks.deliveries.all()

    assert ask(world, "POST", f"/v1/webhook_deliveries/{pending.id}/retry").status == 202
    settle(world)

    assert posts(world).total() == 1


def test_a_disabled_endpoint_gets_nothing_again_and_an_old_event_is_gone(world: RestWorld) -> None:
    endpoint = created(world)
    session(world)
    settle(world)
    (sent,) = deliveries(world, endpoint["id"])["data"]
    retry = f"/v1/webhook_deliveries/{sent['id']}/retry"

    ask(world, "PATCH", f"{PATH}/{endpoint['id']}", {"status": "disabled"})
    assert ask(world, "POST", retry).error["code"] == "webhook_endpoint_disabled"
    assert _replay(world, endpoint["id"]).error["code"] == "webhook_endpoint_disabled"
    ask(world, "PATCH", f"{PATH}/{endpoint['id']}", {"status": "enabled"})
    world.clock.advance(7 * 86_400)
    assert ask(world, "POST", retry).error["code"] == "event_expired"
    assert ask(world, "GET", f"/v1/events/{sent['event_id']}").error["code"] == "event_not_found"


def test_an_event_is_shown_as_it_was_sent(world: RestWorld) -> None:
    created(world)
    session(world)
    settle(world)
    (posted,) = world.webhooks.customers.posted
    sent = json.loads(posted.body)

    assert ask(world, "GET", f"/v1/events/{sent['id']}").body == {"object": "event", **sent}


def test_an_event_is_told_again_to_all_who_want_it_now(world: RestWorld) -> None:
    created(world)
    session(world)
    settle(world)
    (event_id,) = posts(world)
    created(world, url="https://late.example.com/")
    created(world, url="https://other.example.com/", events=["recording.*"])

    answer = ask(world, "POST", f"/v1/events/{event_id}/replay")
    settle(world)

    assert (answer.status, len(answer.body["data"])) == (202, 2)
    by_url = Counter(posted.url for posted in world.webhooks.customers.posted)
    assert by_url == {URL: 2, "https://late.example.com/": 1}


def test_two_replays_of_one_event_that_meet_send_it_once(world: RestWorld) -> None:
    created(world)
    session(world)
    settle(world)
    (event_id,) = posts(world)

    for key in ("one", "two"):
        assert ask(world, "POST", f"/v1/events/{event_id}/replay", Idempotency_Key=key).status == 202
    settle(world)

    assert posts(world) == {event_id: 2}


def test_a_replay_goes_to_the_sessions_own_url(world: RestWorld) -> None:
    created(world)
    session(world, webhook_url="https://own.example.com/call")
    settle(world)
    (event_id,) = posts(world)

    answer = ask(world, "POST", f"/v1/events/{event_id}/replay")
    settle(world)

    (delivery,) = answer.body["data"]
    assert (delivery["endpoint_id"], delivery["url"]) == (None, "https://own.example.com/call")
    assert {posted.url for posted in world.webhooks.customers.posted} == {"https://own.example.com/call"}
    assert posts(world) == {event_id: 2}


def test_a_stretch_of_time_is_told_again_page_by_page_and_a_repeat_is_not(world: RestWorld) -> None:
    endpoint = created(world)
    for _ in range(2 * PAGE + 3):
        session(world)
    settle(world)

    first = _replay(world, endpoint["id"], Idempotency_Key="k")
    again = _replay(world, endpoint["id"], Idempotency_Key="k")
    settle(world)

    assert (first.status, first.body["event_count"], again.body) == (202, 2 * PAGE + 3, first.body)
    assert set(posts(world).values()) == {2}


def test_a_page_of_a_replay_that_comes_once_more_sends_nothing_once_more(world: RestWorld) -> None:
    endpoint = created(world)
    session(world)
    settle(world)
    _replay(world, endpoint["id"])
    settle(world)
    (page,) = [event for event in world.sessions.events if event.type is EventType.WEBHOOK_REPLAY]

    world.webhooks.telling.replays.page(page)
    settle(world)

    assert list(posts(world).values()) == [2]


def test_a_replay_may_be_narrowed_to_types_to_a_time_and_to_what_failed(world: RestWorld) -> None:
    endpoint = created(world)
    session(world)
    settle(world)
    fails(world)
    session(world)
    settle(world)
    recovers(world)
    before = posts(world)

    _replay(world, endpoint["id"], types=["recording.*"])
    _replay(world, endpoint["id"], to="2026-03-26T10:30:00Z")
    settle(world)
    assert posts(world) == before
    _replay(world, endpoint["id"], only_failed=True)
    settle(world)
    assert posts(world).total() - before.total() == 1


@pytest.mark.parametrize(
    "stretch",
    [
        {"from": "2026-03-19T10:59:59Z"},
        {"from": "2026-03-26T11:00:01Z"},
        {"from": SINCE, "to": SINCE},
        {"from": SINCE, "types": ["nothing.known"]},
        {"from": "yesterday"},
        {},
    ],
)
def test_a_stretch_that_is_none_is_refused(world: RestWorld, stretch: dict[str, Any]) -> None:
    endpoint = created(world)

    assert ask(world, "POST", f"{PATH}/{endpoint['id']}/replay", stretch).status == 422


def test_a_stretch_with_too_much_in_it_is_refused(world: RestWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = created(world)
    monkeypatch.setattr(world.webhooks.events, "count_between", lambda *_: MOST_EVENTS + 1)

    assert _replay(world, endpoint["id"]).error["param"] == "from"


@pytest.mark.parametrize("caller", [STRANGER, TESTER])
def test_anothers_deliveries_and_events_are_not_there(world: RestWorld, caller: dict[str, str]) -> None:
    endpoint = created(world)
    session(world)
    settle(world)
    (sent,) = deliveries(world, endpoint["id"])["data"]

    for method, path, code in (
        ("GET", f"/v1/webhook_deliveries/{sent['id']}", "webhook_delivery_not_found"),
        ("POST", f"/v1/webhook_deliveries/{sent['id']}/retry", "webhook_delivery_not_found"),
        ("GET", f"/v1/events/{sent['event_id']}", "event_not_found"),
        ("POST", f"/v1/events/{sent['event_id']}/replay", "event_not_found"),
    ):
        answer = ask(world, method, path, None, caller)
        assert (answer.status, answer.error["code"]) == (404, code)
    settle(world)
    assert posts(world).total() == 1


@pytest.mark.parametrize("made_up", ["x", "wh_del_", "evt_01", "wh_del_01KMN0XK80ABCDEFGHJKMNPQRU", "a#b"])
def test_an_id_that_nobody_made_is_not_there(world: RestWorld, made_up: str) -> None:
    assert ask(world, "GET", f"/v1/webhook_deliveries/{made_up}").status == 404
    assert ask(world, "GET", f"/v1/events/{made_up}").status == 404


def _replay(world: RestWorld, endpoint_id: str, **more: Any) -> Answer:
    headers = {name: more.pop(name) for name in ("Idempotency_Key",) if name in more}
    return ask(world, "POST", f"{PATH}/{endpoint_id}/replay", {"from": SINCE} | more, **headers)
