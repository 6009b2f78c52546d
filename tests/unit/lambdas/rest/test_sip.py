"""/v1/sip and /v1/sip_credentials: bodies, statuses, errors, and that no password is shown twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.domain.access import Scope
from core.domain.digest import Algorithm, ha1
from core.domain.sip import Sip, TrunkCredentials
from tests.builders import ACME
from tests.fakes.rest import Answer, RestWorld

SCOPES = " ".join(Scope)
CALLER = {"org": "org_acme", "livemode": "true", "scopes": SCOPES, "key_id": "key_1"}
TEST_CALLER = CALLER | {"livemode": "false"}
TRUNK = {"uri": "sip:trunk.example.com", "username": "us", "password": "secret-word"}
SECRET = "kallglot/trunks/org_acme/live"


@pytest.fixture
def world() -> RestWorld:
    return RestWorld()


def ask(
    world: RestWorld, method: str, path: str, body: Any = None, caller: dict[str, str] = CALLER, **headers: str
) -> Answer:
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return world.ask(method, path, None if body is None else json.dumps(body), headers=sent, authorizer=caller)


def settings(world: RestWorld) -> Sip:
    return world.sip.of(ACME)


def test_what_nobody_has_set(world: RestWorld) -> None:
    assert ask(world, "GET", "/v1/sip").body == {
        "object": "sip",
        "livemode": True,
        "uri": "sip:{session_id}@sip.example.com",
        "needs_password": False,
        "allowed_networks": [],
        "max_calls": None,
        "trunk": None,
    }


def test_what_is_left_out_stays_and_null_takes_away(world: RestWorld) -> None:
    networks = ["203.0.113.0/24", "203.0.113.0/24", "2001:DB8::1"]
    first = ask(world, "PATCH", "/v1/sip", {"allowed_networks": networks, "max_calls": 3}).body
    assert (first["allowed_networks"], first["max_calls"]) == (["203.0.113.0/24", "2001:db8::1/128"], 3)
    second = ask(world, "PATCH", "/v1/sip", {"max_calls": None}).body
    assert (second["allowed_networks"], second["max_calls"]) == (first["allowed_networks"], None)
    assert ask(world, "PATCH", "/v1/sip", {"allowed_networks": None}).body["allowed_networks"] == []
    assert ask(world, "GET", "/v1/sip", caller=TEST_CALLER).body["allowed_networks"] == []


def test_a_trunks_password_goes_into_a_secret_and_is_never_shown(world: RestWorld) -> None:
    made = ask(world, "PATCH", "/v1/sip", {"trunk": TRUNK | {"from_uri": "sip:us@example.com"}})
    assert made.body["trunk"] == {
        "uri": "sip:trunk.example.com",
        "transport": "udp",
        "username": "us",
        "from_uri": "sip:us@example.com",
    }
    assert world.trunk_secrets.held == {SECRET: TrunkCredentials("us", "secret-word")}
    assert "secret-word" not in made.text + ask(world, "GET", "/v1/sip").text + repr(settings(world))

    kept = {name: value for name, value in TRUNK.items() if name != "password"}
    assert ask(world, "PATCH", "/v1/sip", {"trunk": kept | {"from_uri": "sip:them@example.com"}}).status == 200
    trunk = settings(world).trunk
    assert trunk is not None and trunk.secret == SECRET
    assert ask(world, "PATCH", "/v1/sip", {"trunk": None}).body["trunk"] is None
    assert world.trunk_secrets.held == {}


@pytest.mark.parametrize("changed", [{"uri": "sip:elsewhere.example.com"}, {"username": "them"}, {"transport": "tcp"}])
def test_a_password_is_sent_nowhere_else_without_being_given_again(world: RestWorld, changed: dict[str, str]) -> None:
    ask(world, "PATCH", "/v1/sip", {"trunk": TRUNK})
    kept = {name: value for name, value in TRUNK.items() if name != "password"}
    refused = ask(world, "PATCH", "/v1/sip", {"trunk": kept | changed})
    assert (refused.status, refused.error["param"]) == (422, "trunk.password")
    assert ask(world, "PATCH", "/v1/sip", {"trunk": TRUNK | changed}).status == 200


def test_a_trunk_that_asks_for_nothing_any_more_leaves_no_secret(world: RestWorld) -> None:
    ask(world, "PATCH", "/v1/sip", {"trunk": TRUNK})
    ask(world, "PATCH", "/v1/sip", {"trunk": {"uri": TRUNK["uri"]}})
    assert world.trunk_secrets.held == {}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"allowed_networks": ["203.0.113.0/24", "203.0.113.1/24"]}, "allowed_networks.1"),
        ({"allowed_networks": ["pbx.example.com"]}, "allowed_networks.0"),
        ({"allowed_networks": [f"192.0.2.{n}" for n in range(51)]}, "allowed_networks"),
        ({"max_calls": 0}, "max_calls"),
        ({"max_calls": "3"}, "max_calls"),
        ({"trunk": {}}, "trunk.uri"),
        ({"trunk": {"uri": "sip:user@trunk.example.com"}}, "trunk.uri"),
        ({"trunk": {"uri": "http://trunk.example.com"}}, "trunk.uri"),
        ({"trunk": {"uri": "sip:trunk.example.com:65536"}}, "trunk.uri"),
        ({"trunk": {"uri": "sips:trunk.example.com", "transport": "udp"}}, "trunk.transport"),
        ({"trunk": {"uri": "sip:trunk.example.com", "transport": "sctp"}}, "trunk.transport"),
        ({"trunk": {"uri": "sip:trunk.example.com", "password": "x"}}, "trunk.username"),
        ({"trunk": TRUNK | {"username": 'a"b'}}, "trunk.username"),
        ({"trunk": TRUNK | {"password": "a\r\nb"}}, "trunk.password"),
        ({"trunk": TRUNK | {"from_uri": "us"}}, "trunk.from_uri"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(world: RestWorld, body: Any, param: str) -> None:
    refused = ask(world, "PATCH", "/v1/sip", body)
    assert (refused.status, refused.error["param"]) == (422, param)
    assert "secret-word" not in refused.text
    assert (settings(world).version, world.trunk_secrets.held) == (0, {})


@pytest.mark.parametrize(
    ("uri", "transport"),
    [("sips:pbx.example.com:5061", "tls"), ("sip:192.0.2.7:5080", "udp"), ("sip:[2001:db8::1]", "udp")],
)
def test_trunks(world: RestWorld, uri: str, transport: str) -> None:
    made = ask(world, "PATCH", "/v1/sip", {"trunk": {"uri": uri}}).body["trunk"]
    assert (made["uri"], made["transport"]) == (uri, transport)


def test_a_credential_is_made_shown_once_listed_and_deleted(world: RestWorld) -> None:
    made = ask(world, "POST", "/v1/sip_credentials", {"username": "pbx-1"})
    assert made.status == 201
    assert len(made.body["password"]) == 32
    shown = {name: value for name, value in made.body.items() if name != "password"}
    assert (shown["username"], shown["realm"], shown["rotated_at"]) == ("pbx-1", "kallglot", None)
    held = settings(world).credentials[shown["id"]]
    assert held.ha1s["SHA-256"] == ha1(Algorithm.SHA_256, "pbx-1", "kallglot", made.body["password"])
    assert made.body["password"] not in repr(settings(world))

    assert ask(world, "GET", f"/v1/sip_credentials/{shown['id']}").body == shown
    assert ask(world, "GET", "/v1/sip_credentials").body["data"] == [shown]
    assert ask(world, "GET", "/v1/sip").body["needs_password"] is True
    assert ask(world, "GET", "/v1/sip_credentials", caller=TEST_CALLER).body["data"] == []
    assert ask(world, "GET", f"/v1/sip_credentials/{shown['id']}", caller=TEST_CALLER).status == 404
    gone = ask(world, "DELETE", f"/v1/sip_credentials/{shown['id']}")
    assert gone.body == {"id": shown["id"], "object": "sip_credential", "deleted": True}
    assert ask(world, "DELETE", f"/v1/sip_credentials/{shown['id']}").status == 404


def test_without_a_name_it_is_the_id(world: RestWorld) -> None:
    made = ask(world, "POST", "/v1/sip_credentials")
    assert made.body["username"] == made.body["id"]


@pytest.mark.parametrize("username", ["", "a" * 65, "a b", "-a", "é", 'a"'])
def test_names_that_are_none(world: RestWorld, username: str) -> None:
    refused = ask(world, "POST", "/v1/sip_credentials", {"username": username})
    assert (refused.status, refused.error["param"]) == (422, "username")


def test_a_name_that_is_taken(world: RestWorld) -> None:
    ask(world, "POST", "/v1/sip_credentials", {"username": "pbx"})
    refused = ask(world, "POST", "/v1/sip_credentials", {"username": "pbx"})
    assert (refused.status, refused.error["code"], refused.error["param"]) == (409, "sip_username_taken", "username")


def test_a_repeat_tells_the_same_password(world: RestWorld) -> None:
    first = ask(world, "POST", "/v1/sip_credentials", {"username": "pbx"}, Idempotency_Key="k")
    again = ask(world, "POST", "/v1/sip_credentials", {"username": "pbx"}, Idempotency_Key="k")
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == ["true"]
    assert ask(world, "POST", "/v1/sip_credentials", {"username": "x"}, Idempotency_Key="k").status == 400

    path = f"/v1/sip_credentials/{first.body['id']}/rotate"
    rotated = ask(world, "POST", path, Idempotency_Key="r")
    assert ask(world, "POST", path, Idempotency_Key="r").body == rotated.body
    assert rotated.body["password"] != first.body["password"]
    assert len(settings(world).credentials) == 1


def test_a_rotated_password_leaves_the_one_before_it_for_a_day(world: RestWorld) -> None:
    made = ask(world, "POST", "/v1/sip_credentials", {"username": "pbx"}).body
    path = f"/v1/sip_credentials/{made['id']}"
    rotated = ask(world, "POST", f"{path}/rotate").body
    assert (rotated["rotated_at"], rotated["previous_password_until"]) == (
        "2026-03-26T11:00:00Z", "2026-03-27T11:00:00Z",
    )  # fmt: skip
    held = settings(world).credentials[made["id"]]
    wanted = [ha1(Algorithm.MD5, "pbx", "kallglot", each["password"]) for each in (rotated, made)]
    assert list(held.accepted(Algorithm.MD5, world.clock.now())) == wanted
    world.clock.advance(24 * 3600)
    assert ask(world, "GET", path).body["previous_password_until"] is None
    assert ask(world, "POST", "/v1/sip_credentials/sipc_none/rotate").status == 404


def test_pages_of_credentials(world: RestWorld) -> None:
    made = []
    for number in range(3):
        made.append(ask(world, "POST", "/v1/sip_credentials", {"username": f"pbx{number}"}).body["id"])
        world.clock.advance(1)

    def page(query: dict[str, str]) -> list[str]:
        answer = world.ask("GET", "/v1/sip_credentials", query=query, authorizer=CALLER)
        return [each["id"] for each in answer.body["data"]]

    assert page({"limit": "2"}) == [made[2], made[1]]
    assert page({"limit": "2", "starting_after": made[1]}) == [made[0]]
    assert page({"limit": "2", "ending_before": made[0]}) == [made[2], made[1]]
    unknown = world.ask("GET", "/v1/sip_credentials", query={"starting_after": "sipc_x"}, authorizer=CALLER)
    assert (unknown.status, unknown.error["param"]) == (404, "starting_after")
