"""/v1/webhook_endpoints and /v1/webhook_secret: bodies, statuses, secrets, and who is let through."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.domain.access import Scope
from core.domain.webhooks import MOST_ENDPOINTS, SESSION_URLS, signing_secret
from core.errors import WriteConflict
from tests.builders import ACME, ACME_TEST
from tests.fakes.rest import Answer, RestWorld
from tests.fakes.webhook_world import SIGNING_KEY
from tests.hostile import HOSTILE_ADDRESSES, HOSTILE_URLS

URL = "https://hooks.example.com/kallglot"
PATH = "/v1/webhook_endpoints"
CALLER = {"org": "org_acme", "livemode": "true", "scopes": " ".join(Scope), "key_id": "key_1"}
STRANGER = CALLER | {"org": "org_other"}
TESTER = CALLER | {"livemode": "false"}


@pytest.fixture
def world() -> RestWorld:
    return RestWorld()


def ask(
    world: RestWorld, method: str, path: str, body: Any = None, caller: dict[str, str] = CALLER, **headers: str
) -> Answer:
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return world.ask(method, path, None if body is None else json.dumps(body), headers=sent, authorizer=caller)


def created(world: RestWorld, **more: Any) -> dict[str, Any]:
    answer = ask(world, "POST", PATH, {"url": URL} | more)
    assert answer.status == 201
    body: dict[str, Any] = answer.body
    return body


def test_an_endpoint_is_made_shown_without_its_secret_listed_changed_and_deleted(world: RestWorld) -> None:
    made = created(world, events=["session.*", "recording.ready"], description="ours")
    secret = made.pop("secret")
    assert secret == signing_secret(SIGNING_KEY, ACME, made["id"], 1)
    assert (made["url"], made["events"], made["status"]) == (URL, ["session.*", "recording.ready"], "enabled")
    assert ask(world, "GET", f"{PATH}/{made['id']}").body == made
    assert ask(world, "GET", PATH).body["data"] == [made]

    changed = ask(world, "PATCH", f"{PATH}/{made['id']}", {"events": ["*"], "status": "disabled", "description": ""})
    assert changed.body == made | {"events": ["*"], "status": "disabled", "description": None}

    assert ask(world, "DELETE", f"{PATH}/{made['id']}").body["deleted"] is True
    for method in ("GET", "DELETE"):
        assert ask(world, method, f"{PATH}/{made['id']}").error["code"] == "webhook_endpoint_not_found"
    assert ask(world, "GET", PATH).body["data"] == []


def test_the_newest_come_first_and_page_by_page(world: RestWorld) -> None:
    ids = []
    for _ in range(3):
        ids.append(created(world)["id"])
        world.clock.advance(1)

    first = world.ask("GET", PATH, query={"limit": "2"}, authorizer=CALLER).body
    assert ([each["id"] for each in first["data"]], first["has_more"]) == ([ids[2], ids[1]], True)
    second = world.ask("GET", PATH, query={"starting_after": ids[1]}, authorizer=CALLER).body
    assert ([each["id"] for each in second["data"]], second["has_more"]) == ([ids[0]], False)


@pytest.mark.parametrize("url", [url for url in HOSTILE_URLS if url])
def test_a_hostile_url_is_refused_at_registration_and_at_a_change(world: RestWorld, url: str) -> None:
    made = created(world)

    for answer in (
        ask(world, "POST", PATH, {"url": url}),
        ask(world, "PATCH", f"{PATH}/{made['id']}", {"url": url}),
    ):
        assert (answer.status, answer.error["param"]) == (422, "url")
        assert url not in answer.error["message"]
    assert [each["url"] for each in ask(world, "GET", PATH).body["data"]] == [URL]


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_a_name_that_leads_inside_is_refused_at_registration(world: RestWorld, address: str) -> None:
    world.webhooks.names.leads_to["hooks.example.com"] = ["93.184.215.14", address]

    answer = ask(world, "POST", PATH, {"url": URL})

    assert (answer.status, answer.error["param"]) == (422, "url")
    assert address not in answer.error["message"]


@pytest.mark.parametrize("leads_to", [[], None])
def test_a_name_that_leads_nowhere_or_is_not_found_in_time_is_refused(
    world: RestWorld, leads_to: list[str] | None
) -> None:
    world.webhooks.names.leads_to["hooks.example.com"] = leads_to

    assert ask(world, "POST", PATH, {"url": URL}).status == 422


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": URL, "events": []},
        {"url": URL, "events": ["session.unknown"]},
        {"url": URL, "events": ["internal.*"]},
        {"url": URL, "events": ["internal.webhook_replay"]},
        {"url": URL, "description": "x" * 256},
        {"url": "https://hooks.example.com/" + "x" * 2048},
        {"url": URL, "secret": "mine"},
    ],
)
def test_a_body_that_makes_no_sense_is_refused(world: RestWorld, body: dict[str, Any]) -> None:
    assert ask(world, "POST", PATH, body).status == 422


def busy(world: RestWorld, monkeypatch: pytest.MonkeyPatch, name: str, times: int) -> None:
    """Somebody else is writing there, so many times in a row."""
    write, left = getattr(world.webhooks.endpoints, name), [None] * times

    def refuse(*given: Any) -> Any:
        if left:
            left.pop()
            raise WriteConflict("busy")
        return write(*given)

    monkeypatch.setattr(world.webhooks.endpoints, name, refuse)


def test_those_who_create_or_delete_at_once_come_through(world: RestWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    busy(world, monkeypatch, "create", 4)
    made = created(world)
    busy(world, monkeypatch, "remove", 4)
    assert ask(world, "DELETE", f"{PATH}/{made['id']}").status == 200


@pytest.mark.parametrize("name", ["create", "remove"])
def test_who_never_comes_through_is_told_to_come_again(
    world: RestWorld, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    made = created(world)
    busy(world, monkeypatch, name, 100)
    answer = ask(world, *(("POST", PATH, {"url": URL}) if name == "create" else ("DELETE", f"{PATH}/{made['id']}")))
    assert (answer.status, answer.error["code"]) == (409, "webhook_endpoint_busy")
    assert answer.headers["Retry-After"] == ["1"]


def test_there_are_only_so_many(world: RestWorld) -> None:
    for _ in range(MOST_ENDPOINTS):
        created(world)

    assert ask(world, "POST", PATH, {"url": URL}).error["code"] == "endpoint_limit_reached"


@pytest.mark.parametrize("caller", [STRANGER, TESTER])
@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"status": "disabled"}),
        ("DELETE", "", None),
        ("POST", "/test", None),
        ("POST", "/rotate_secret", None),
        ("GET", "/deliveries", None),
        ("POST", "/replay", {"from": "2026-03-26T10:00:00Z"}),
    ],
)
def test_anothers_endpoint_is_not_there(
    world: RestWorld, caller: dict[str, str], method: str, suffix: str, body: Any
) -> None:
    made = created(world)

    answer = ask(world, method, f"{PATH}/{made['id']}{suffix}", body, caller)

    assert (answer.status, answer.error["code"]) == (404, "webhook_endpoint_not_found")
    assert ask(world, "GET", f"{PATH}/{made['id']}").body["status"] == "enabled"


def test_whoever_may_not_manage_webhooks_is_refused(world: RestWorld) -> None:
    caller = CALLER | {"scopes": " ".join(scope for scope in Scope if scope is not Scope.WEBHOOKS_MANAGE)}

    for method, path in (("GET", PATH), ("POST", f"{PATH}/wh_1/test"), ("GET", "/v1/webhook_secret")):
        assert ask(world, method, path, caller=caller).error["code"] == "insufficient_permissions"


def test_a_repeat_creates_nothing_and_shows_the_secret_again_although_it_is_stored_nowhere(world: RestWorld) -> None:
    first, again = (ask(world, "POST", PATH, {"url": URL}, Idempotency_Key="k") for _ in range(2))

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == ["true"]
    assert len(ask(world, "GET", PATH).body["data"]) == 1
    assert "whsec_" not in repr(vars(world.sessions))


def test_a_rotation_shows_another_secret_and_until_when_the_first_one_signs(world: RestWorld) -> None:
    made = created(world)

    rotated = ask(world, "POST", f"{PATH}/{made['id']}/rotate_secret", {"overlap_seconds": 3600.0}).body

    assert rotated["secret"] not in ("", made["secret"])
    assert (rotated["secret_generation"], rotated["previous_secret_until"]) == (2, "2026-03-26T12:00:00Z")
    world.clock.advance(3601)
    assert ask(world, "GET", f"{PATH}/{made['id']}").body["previous_secret_until"] is None


def test_a_repeated_rotation_rotates_once(world: RestWorld) -> None:
    made = created(world)
    path = f"{PATH}/{made['id']}/rotate_secret"

    first, again = (ask(world, "POST", path, Idempotency_Key="k") for _ in range(2))

    assert again.body == first.body
    assert ask(world, "GET", f"{PATH}/{made['id']}").body["secret_generation"] == 2


def test_the_secret_of_session_urls_is_shown_by_a_rotation_only(world: RestWorld) -> None:
    assert "secret" not in ask(world, "GET", "/v1/webhook_secret").body

    rotated = ask(world, "POST", "/v1/webhook_secret/rotate", {"overlap_seconds": 0}).body

    assert rotated["secret"] == signing_secret(SIGNING_KEY, ACME, SESSION_URLS, 2)
    assert ask(world, "GET", "/v1/webhook_secret", caller=TESTER).body["secret_generation"] == 1
    shown = ask(world, "POST", "/v1/webhook_secret/rotate", caller=TESTER).body["secret"]
    assert shown == signing_secret(SIGNING_KEY, ACME_TEST, SESSION_URLS, 2)


def test_a_test_reaches_the_endpoint_even_if_it_asks_for_something_else(world: RestWorld) -> None:
    made = created(world, events=["recording.*"])
    created(world, url="https://other.example.com/")

    answer = ask(world, "POST", f"{PATH}/{made['id']}/test", Idempotency_Key="k")
    again = ask(world, "POST", f"{PATH}/{made['id']}/test", Idempotency_Key="k")
    world.webhooks.relay()
    world.webhooks.pass_time()

    assert (answer.status, answer.body["type"], again.body) == (202, "webhook.test", answer.body)
    (posted,) = world.webhooks.customers.posted
    assert (posted.url, json.loads(posted.body)["id"]) == (URL, answer.body["id"])
