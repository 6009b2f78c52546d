"""/v1/api_keys: bodies, statuses and the form of the answers."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.access import Scope
from tests.builders import ACME, an_api_key
from tests.fakes.rest import Answer, RestWorld

CALLER = {"org": "org_acme", "livemode": "true", "scopes": " ".join(Scope), "key_id": "key_1"}


@pytest.fixture
def world() -> RestWorld:
    world = RestWorld()
    world.keys.add(an_api_key(scopes=frozenset(Scope)))
    return world


def ask(world: RestWorld, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return world.ask(method, path, body, headers=sent, authorizer=CALLER)


def test_a_key_is_made_shown_listed_and_revoked(world: RestWorld) -> None:
    made = ask(world, "POST", "/v1/api_keys", '{"name": "reader", "scopes": ["sessions:read"]}')
    assert made.status == 201
    assert made.body["key"].startswith("sk_live_")
    shown = {name: value for name, value in made.body.items() if name != "key"}

    assert ask(world, "GET", f"/v1/api_keys/{made.body['id']}").body == shown
    listed = ask(world, "GET", "/v1/api_keys").body
    assert listed["data"][1] == shown
    assert (listed["object"], listed["has_more"], listed["url"]) == ("list", False, "/v1/api_keys")
    revoked = ask(world, "DELETE", f"/v1/api_keys/{made.body['id']}")
    assert (revoked.status, revoked.body["revoked_at"]) == (200, "2026-03-26T11:00:00Z")


def test_a_key_ends_when_it_is_asked_to(world: RestWorld) -> None:
    body = '{"name": "a", "expires_at": "2027-03-26T12:59:59+02:00"}'

    assert ask(world, "POST", "/v1/api_keys", body).body["expires_at"] == "2027-03-26T10:59:59Z"


def test_a_repeat_has_the_same_body_and_says_so(world: RestWorld) -> None:
    first = ask(world, "POST", "/v1/api_keys", '{"name": "a"}', Idempotency_Key="k")
    again = ask(world, "POST", "/v1/api_keys", '{ "name":"a" }', Idempotency_Key="k")

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == ["true"]


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        ('{"name": ""}', 422, "invalid_field_value", "name"),
        ('{"name": 1}', 422, "invalid_field_value", "name"),
        ('{"scopes": []}', 422, "invalid_field_value", "scopes"),
        ('{"scopes": ["sessions:everything"]}', 422, "invalid_field_value", "scopes.0"),
        ('{"scopes": "sessions:read"}', 422, "invalid_field_value", "scopes"),
        ('{"expires_at": "2026-03-26T10:59:59Z"}', 422, "invalid_field_value", "expires_at"),
        ('{"expires_at": "2027-03-26T10:59:59"}', 422, "invalid_field_value", "expires_at"),
        ('{"expires_at": "9999-12-31T23:59:59-14:00"}', 422, "invalid_field_value", "expires_at"),
        ('{"expires_at": 1900000000}', 422, "invalid_field_value", "expires_at"),
        ('{"livemode": false}', 422, "invalid_field_value", "livemode"),
        ("[]", 400, "invalid_json", None),
    ],
)
def test_a_body_that_cannot_be_taken_is_named(
    world: RestWorld, body: str, status: int, code: str, param: str | None
) -> None:
    refused = ask(world, "POST", "/v1/api_keys", body)

    assert (refused.status, refused.error["code"], refused.error["param"]) == (status, code, param)
    assert len(world.keys.keyring(ACME).keys) == 1


def test_a_scope_that_the_caller_lacks_is_403_and_named(world: RestWorld) -> None:
    caller = CALLER | {"scopes": "keys:manage sessions:read"}
    headers = {"Content-Type": "application/json"}
    refused = world.ask("POST", "/v1/api_keys", '{"scopes": ["sessions:write"]}', headers=headers, authorizer=caller)

    assert (refused.status, refused.error["code"]) == (403, "insufficient_permissions")
    assert refused.error["param"] == "scopes"


def test_the_last_managing_key_stays(world: RestWorld) -> None:
    refused = ask(world, "DELETE", "/v1/api_keys/key_1")

    assert (refused.status, refused.error["code"]) == (409, "last_managing_key")
    assert "Retry-After" not in refused.headers


@pytest.mark.parametrize("path", ["key_9", "sess_1", "nonsense"])
def test_a_key_that_is_not_there_is_404(world: RestWorld, path: str) -> None:
    answers: list[Any] = [ask(world, method, f"/v1/api_keys/{path}") for method in ("GET", "DELETE")]

    assert {(answer.status, answer.error["code"]) for answer in answers} == {(404, "api_key_not_found")}
