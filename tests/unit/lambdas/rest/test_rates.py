"""Rate limits as a client sees them: on every answer with a key, and as a refusal."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.access import Scope
from tests.fakes.rest import RestWorld

CALLER = {"org": "org_acme", "livemode": "true", "scopes": " ".join(Scope), "key_id": "key_1"}
RATE = {"rate_limit": "200", "rate_remaining": "7", "rate_reset": "1774522801"}
HEADERS = {"X-RateLimit-Limit": ["200"], "X-RateLimit-Remaining": ["7"], "X-RateLimit-Reset": ["1774522801"]}


def rates(headers: Any) -> dict[str, list[str]]:
    return {name: value for name, value in headers.items() if name.startswith("X-RateLimit")}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/languages", 200),
        ("GET", "/v1/sessions/sess_1", 404),
        ("POST", "/v1/sessions", 415),
        ("GET", "/v1/sessions?", 404),
        ("PUT", "/v1/sessions", 405),
    ],
)
def test_every_answer_tells_where_its_key_stands(method: str, path: str, status: int) -> None:
    answer = RestWorld().ask(method, path, "x" if method == "POST" else None, authorizer=CALLER | RATE)

    assert answer.status == status
    if status != 404 or "sess_1" in path:
        assert rates(answer.headers) == HEADERS


def test_and_what_is_left_of_its_organizations_credits() -> None:
    told = {"credits_used": "30.500", "credits_remaining": "29.500"}
    answer = RestWorld().ask("GET", "/v1/languages", authorizer=CALLER | told)

    assert (answer.headers["X-API-Credits-Used"], answer.headers["X-API-Credits-Remaining"]) == (["30.500"], ["29.500"])
    without = RestWorld().ask("GET", "/v1/languages", authorizer=CALLER)
    assert not [name for name in without.headers if "Credits" in name]


def test_so_does_a_missing_scope_and_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    world = RestWorld()
    denied = world.ask("GET", "/v1/languages", authorizer=CALLER | RATE | {"scopes": "keys:manage"})
    assert (denied.status, rates(denied.headers)) == (403, HEADERS)

    monkeypatch.setattr("lambdas.rest.languages.language_list", lambda _engines: 1 / 0)
    failed = world.ask("GET", "/v1/languages", authorizer=CALLER | RATE)
    assert (failed.status, rates(failed.headers)) == (500, HEADERS)


def test_who_is_too_fast_is_told_when_to_come_back() -> None:
    world = RestWorld()
    answer = world.ask("GET", "/v1/languages", authorizer=CALLER | RATE | {"rate_remaining": "0", "retry_after": "3"})

    assert (answer.status, answer.error["type"], answer.error["code"]) == (
        429,
        "rate_limit_error",
        "rate_limit_exceeded",
    )
    assert (answer.headers["Retry-After"], answer.error["retry_after"]) == (["3"], 3)
    assert answer.headers["X-RateLimit-Remaining"] == ["0"]


def test_who_is_nobody_has_no_rate() -> None:
    answer = RestWorld().ask("GET", "/v1/languages", authorizer={"refusal": "revoked_api_key"})

    assert (answer.status, rates(answer.headers)) == (401, {})
