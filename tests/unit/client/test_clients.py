"""What both clients make of an answer, of none, and of a refusal."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kallglot import (
    ApiError,
    AuthenticationFailed,
    Conflict,
    ConnectionFailed,
    CreditsExhausted,
    IdempotencyMismatch,
    InvalidRequest,
    Kallglot,
    KallglotError,
    NotFound,
    PermissionDenied,
    RateLimited,
    Retrying,
    ServerFailed,
    TimedOut,
    Unconfigured,
    UnexpectedAnswer,
    ValidationFailed,
)
from tests.fakes.api import KEY, ONE_TRY, Clock, drive, refused

SESSION = {"id": "sess_1", "object": "session", "status": "created"}


@pytest.mark.parametrize("url", ["http://api.test", "http://api.test/", "http://api.test/v1", "http://api.test/v1/"])
def test_the_base_url_may_carry_the_version_or_not(url: str) -> None:
    assert Kallglot(url, KEY).terms.base_url == "http://api.test/v1"


def test_address_and_key_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KALLGLOT_API_URL", "https://api.example.com")
    monkeypatch.setenv("KALLGLOT_API_KEY", "sk_live_1")
    terms = Kallglot().terms
    assert (terms.base_url, terms.headers["Authorization"]) == ("https://api.example.com/v1", "Bearer sk_live_1")


@pytest.mark.parametrize(("given", "missing"), [({}, "KALLGLOT_API_URL"), ({"api_url": "x"}, "KALLGLOT_API_KEY")])
def test_without_them_there_is_no_client(given: dict[str, Any], missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KALLGLOT_API_URL", "KALLGLOT_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Unconfigured, match=missing):
        Kallglot(**given)


async def test_a_request_says_who_asks_and_for_what(kind: str) -> None:
    driven, api = drive(kind, httpx.Response(200, json=SESSION))
    await driven(lambda client: client.sessions.get("sess_1"))
    [request] = api.seen
    assert (request.method, str(request.url)) == ("GET", "http://api.test/v1/sessions/sess_1")
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["User-Agent"].startswith("kallglot-python/")
    assert "Idempotency-Key" not in request.headers


async def test_an_answer_is_an_object_that_knows_how_it_came(kind: str) -> None:
    headers = {"X-Request-ID": "req_7", "Idempotency-Replayed": "true", "X-RateLimit-Remaining": "41"}
    driven, _ = drive(kind, httpx.Response(201, json=SESSION, headers=headers))
    session = await driven(lambda client: client.sessions.create(mode="ai_agent"))
    assert (session.id, session.status, session.answer.request_id) == ("sess_1", "created", "req_7")
    assert (session.answer.replayed, session.answer.rate_limit_remaining) == (True, 41)


@pytest.mark.parametrize(
    ("status", "code", "type_", "error"),
    [
        (400, "invalid_json", "invalid_request_error", InvalidRequest),
        (400, "idempotency_mismatch", "invalid_request_error", IdempotencyMismatch),
        (401, "revoked_api_key", "authentication_error", AuthenticationFailed),
        (402, "insufficient_api_credits", "permission_error", CreditsExhausted),
        (403, "insufficient_permissions", "permission_error", PermissionDenied),
        (404, "session_not_found", "not_found_error", NotFound),
        (405, "method_not_allowed", "invalid_request_error", InvalidRequest),
        (409, "recording_not_finished", "conflict_error", Conflict),
        (413, "payload_too_large", "invalid_request_error", InvalidRequest),
        (422, "invalid_mode", "validation_error", ValidationFailed),
        (429, "rate_limit_exceeded", "rate_limit_error", RateLimited),
        (500, "internal_error", "api_error", ServerFailed),
        (418, "to_come", "validation_error", ValidationFailed),
        (418, "to_come", "type_to_come", InvalidRequest),
        (599, "to_come", "type_to_come", ServerFailed),
    ],
)
async def test_every_refusal_is_its_own_error(
    kind: str, status: int, code: str, type_: str, error: type[ApiError]
) -> None:
    driven, _ = drive(kind, refused(status, code, type=type_, param="mode"), retrying=ONE_TRY)
    with pytest.raises(KallglotError) as raised:
        await driven(lambda client: client.sessions.get("sess_1"))
    got = raised.value
    assert type(got) is error
    assert isinstance(got, ApiError)
    assert (got.status, got.code, got.type, got.param, got.request_id) == (status, code, type_, "mode", "req_1")
    assert str(got) == f"{status} {code}: It says why. (mode) [req_1]"


async def test_a_refusal_without_an_envelope_keeps_the_headers_request_id(kind: str) -> None:
    page = httpx.Response(502, text="<html>Bad gateway</html>", headers={"X-Request-ID": "req_9"})
    driven, _ = drive(kind, page, retrying=ONE_TRY)
    with pytest.raises(ServerFailed) as raised:
        await driven(lambda client: client.sessions.get("sess_1"))
    assert (raised.value.code, raised.value.request_id) == ("unexpected_answer", "req_9")
    assert "html" not in str(raised.value)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>Welcome to our network</html>"),
        httpx.Response(200, json=["a", "list"]),
        httpx.Response(204),
        httpx.Response(302, headers={"Location": "https://elsewhere.example/?signature=secret"}),
    ],
)
async def test_what_is_not_the_api_is_said_so(kind: str, answer: httpx.Response) -> None:
    driven, api = drive(kind, answer)
    with pytest.raises(UnexpectedAnswer) as raised:
        await driven(lambda client: client.sessions.get("sess_1"))
    assert len(api.seen) == 1
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError("Connection refused"), ConnectionFailed),
        (httpx.ConnectTimeout("slow"), TimedOut),
        (httpx.ReadTimeout("slow"), TimedOut),
        (httpx.RemoteProtocolError("half an answer"), ConnectionFailed),
        (httpx.UnsupportedProtocol("no http"), ConnectionFailed),
    ],
)
async def test_no_answer_is_a_failed_connection_that_names_the_origin_alone(
    kind: str, error: Exception, expected: type[ConnectionFailed]
) -> None:
    driven, _ = drive(kind, error, retrying=ONE_TRY)
    with pytest.raises(ConnectionFailed) as raised:
        await driven(lambda client: client.sessions.get("sess_private"))
    assert type(raised.value) is expected
    assert "http://api.test " in str(raised.value)
    assert "sess_private" not in str(raised.value)


async def test_an_answer_that_drips_ends_with_the_deadline(kind: str) -> None:
    clock = Clock()

    class Drips(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Any:
            for _ in range(100):
                clock.now_s += 1
                yield b" "

        async def __aiter__(self) -> Any:
            for piece in self:
                yield piece

    driven, api = drive(kind, lambda _: httpx.Response(200, stream=Drips()), clock=clock)
    with pytest.raises(TimedOut):
        await driven(lambda client: client.sessions.get("sess_1"))
    assert clock.now_s == 1000 + 61
    assert len(api.seen) == 1


async def test_each_attempt_waits_no_longer_than_the_deadline_leaves(kind: str) -> None:
    driven, api = drive(kind, httpx.Response(200, json=SESSION), retrying=Retrying(timeout_s=30, deadline_s=7))
    await driven(lambda client: client.sessions.get("sess_1"))
    assert api.seen[0].extensions["timeout"] == {"connect": 7, "read": 7, "write": 7, "pool": 7}


async def test_a_client_is_closed_with_its_block() -> None:
    with Kallglot("http://api.test", KEY) as client:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        client.sessions.get("sess_1")
