"""What every answer has in common."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest

from core.domain.access import Scope
from core.errors import Conflict, DependencyRefused, Unavailable
from core.services.sessions import SessionService
from core.services.transcripts import TranscriptService
from lambdas.rest.app import ROUTES, Application
from tests.fakes.rest import Answer, RestWorld, golden

SECRETS = ("sk_live_topsecret", "+4915112345678", "dear diary")


@pytest.fixture
def world() -> RestWorld:
    return RestWorld()


def failing(world: RestWorld, error: Exception) -> RestWorld:
    class Broken(TranscriptService):
        def get(self, *_: Any, **__: Any) -> Any:
            raise error

    services = replace(world.application._services, transcripts=Broken(world.sessions, world.clock))
    world.application = Application(services)
    return world


def transcript(world: RestWorld) -> Answer:
    return world.get("/v1/sessions/sess_1/transcript")


def test_every_answer_carries_its_request_id_and_every_error_the_same_one(world: RestWorld) -> None:
    first = world.get("/v1/languages")
    second = world.get("/v1/sessions/sess_nope")

    assert first.headers["X-Request-ID"] == ["req_0001"]
    assert second.headers["X-Request-ID"] == ["req_0002"]
    assert second.error["request_id"] == "req_0002"


def test_an_error_wears_the_envelope(world: RestWorld) -> None:
    answer = world.get("/v1/sessions/sess_nope")

    assert answer.status == 404
    assert answer.headers["Content-Type"] == ["application/json"]
    assert answer.body == {
        "error": {
            "type": "not_found_error",
            "code": "session_not_found",
            "message": "no such session",
            "param": None,
            "request_id": "req_0001",
            "doc_url": "https://api.example.com/v1/docs/errors#session_not_found",
            "retry_after": None,
        }
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "route_not_found"),
        ("GET", "/v1/session", 404, "route_not_found"),
        ("GET", "/v1/sessions/a/b/c", 404, "route_not_found"),
        ("DELETE", "/v1/sessions/sess_1", 405, "method_not_allowed"),
        ("PUT", "/v1/sessions", 405, "method_not_allowed"),
        ("GET", "/v1/sessions/sess_1/end", 405, "method_not_allowed"),
    ],
)
def test_an_unknown_route_or_method_is_said_in_the_envelope(
    world: RestWorld, method: str, path: str, status: int, code: str
) -> None:
    answer = world.ask(method, path)

    assert (answer.status, answer.error["code"]) == (status, code)


@pytest.mark.parametrize("odd", ["\x84", "%C2%84", "sess_\U000e7309", "a\nb", '"', "'", "é", " "])
def test_an_id_that_no_id_looks_like_names_nothing(world: RestWorld, odd: str) -> None:
    answer = world.get(f"/v1/sessions/{odd}")

    assert (answer.status, answer.error["code"]) == (404, "session_not_found")
    assert world.ask("GET", f"/v1/sessions/{odd}", authorizer={}).status == 401


def test_a_wrong_method_is_told_the_right_ones(world: RestWorld) -> None:
    assert world.ask("DELETE", "/v1/sessions/sess_1").headers["Allow"] == ["GET"]


@pytest.mark.parametrize(
    ("refusal", "status", "kind"),
    [
        ("invalid_api_key", 401, "authentication_error"),
        ("expired_api_key", 401, "authentication_error"),
        ("revoked_api_key", 401, "authentication_error"),
        ("organization_inactive", 403, "permission_error"),
    ],
)
def test_a_refused_key_is_answered_with_its_reason(world: RestWorld, refusal: str, status: int, kind: str) -> None:
    answer = world.ask("GET", "/v1/languages", authorizer={"refusal": refusal, "principalId": "refused"})

    assert (answer.status, answer.error["type"], answer.error["code"]) == (status, kind, refusal)


def test_nobody_passes_without_the_authorizers_word(world: RestWorld) -> None:
    answer = world.ask("GET", "/v1/languages", authorizer={})

    assert (answer.status, answer.error["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize("route", [route for route in ROUTES if route.scope], ids=lambda route: route.name)
def test_every_route_asks_for_its_scope(world: RestWorld, route: Any) -> None:
    others = " ".join(scope for scope in Scope if scope != route.scope)
    caller = {"org": "org_acme", "livemode": "true", "scopes": others, "key_id": "key_1"}

    answer = world.ask(route.method, route.path.replace("<session_id>", "sess_1"), authorizer=caller)

    assert (answer.status, answer.error["code"]) == (403, "insufficient_permissions")


def test_a_test_key_does_not_see_live_sessions(world: RestWorld) -> None:
    created = world.post("/v1/sessions", {"mode": "help_chat_voice", "source_language": "en", "target_language": "es"})
    caller = {"org": "org_acme", "livemode": "false", "scopes": "sessions:read", "key_id": "key_2"}

    answer = world.ask("GET", f"/v1/sessions/{created.body['id']}", authorizer=caller)

    assert answer.status == 404


def test_a_dependency_that_fails_is_503_and_says_when_to_come_back(world: RestWorld) -> None:
    error = Unavailable("dependency_unavailable", "GetItem got no answer", retry_after_s=1)

    answer = transcript(failing(world, error))

    assert (answer.status, answer.error["type"], answer.error["retry_after"]) == (503, "api_error", 1)
    assert answer.headers["Retry-After"] == ["1"]


def test_a_retryable_conflict_says_when_to_come_back(world: RestWorld) -> None:
    class Busy(SessionService):
        def end(self, *_: Any, **__: Any) -> Any:
            raise Conflict("session_busy", "changing", retry_after_s=2)

    made = world.application._services
    busy = Busy(**{field.name: getattr(made.sessions, field.name) for field in fields(made.sessions)})
    world.application = Application(replace(made, sessions=busy))
    answer = world.post("/v1/sessions/sess_1/end")

    assert (answer.status, answer.headers["Retry-After"]) == (409, ["2"])


@pytest.mark.parametrize("error", [ValueError(*SECRETS), DependencyRefused(*SECRETS), KeyError(*SECRETS)])
def test_a_bug_tells_nothing_of_itself_neither_to_the_client_nor_to_the_log(
    world: RestWorld, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = transcript(failing(world, error))

    assert (answer.status, answer.error["code"]) == (500, "internal_error")
    log = capsys.readouterr().out
    assert type(error).__name__ in log
    assert not any(secret in answer.text or secret in log for secret in SECRETS)


def test_the_log_names_ids_and_the_code_and_never_the_body_or_an_odd_path(
    world: RestWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world.post(
        "/v1/sessions", {"mode": "x", "metadata": {"number": "+4915112345678"}}, Authorization="Bearer sk_live_x"
    )
    world.get("/v1/sessions/sess_01HXYZ")
    world.get("/v1/sessions/+4915112345678")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    answered = [line for line in lines if line.get("message") == "answered"]
    assert [line.get("code") for line in answered] == ["invalid_mode", "session_not_found", "session_not_found"]
    assert [line.get("session_id") for line in answered] == [None, "sess_01HXYZ", None]
    assert [line["request_id"] for line in answered] == ["req_0001", "req_0002", "req_0003"]
    assert not any(secret in json.dumps(lines) for secret in ("+49151", "sk_live"))


def test_the_line_of_a_create_names_the_session_that_was_made_and_the_next_one_does_not(
    world: RestWorld, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1")
    made = world.post("/v1/sessions", golden("seeds/create.request.json"))
    world.get("/v1/languages")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    answered = [line for line in lines if line.get("message") == "answered"]
    assert [line.get("session_id") for line in answered] == [made.body["id"], None]
    assert {line["xray_trace_id"] for line in answered} == {"1-67891233-abcdef012345678912345678"}


def test_each_answer_is_counted_by_its_class(world: RestWorld, capsys: pytest.CaptureFixture[str]) -> None:
    world.get("/v1/languages")
    world.get("/v1/sessions/sess_nope")

    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [[name for name in line if name.startswith("Answers")] for line in counted] == [
        ["Answers2xx"],
        ["Answers4xx"],
    ]
