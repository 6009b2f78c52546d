from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from client import ApiError, KallglotClient

Answer = Callable[[httpx.Request], httpx.Response]


class Clock:
    """Remembers how long it was asked to sleep, and does not."""

    def __init__(self) -> None:
        self.slept_s: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)


def client(answer: Answer, url: str = "http://api.test/v1", clock: Clock | None = None) -> KallglotClient:
    return KallglotClient(url, "sk_test_1", transport=httpx.MockTransport(answer), sleep=(clock or Clock()).sleep)


@pytest.mark.parametrize("url", ["http://api.test", "http://api.test/", "http://api.test/v1", "http://api.test/v1/"])
async def test_the_base_url_may_carry_the_version_or_not(url: str) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    await client(answer, url).get("sess_1")
    assert str(seen[0].url) == "http://api.test/v1/sessions/sess_1"
    assert seen[0].headers["Authorization"] == "Bearer sk_test_1"


async def test_a_create_sends_its_fields_and_its_idempotency_key() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert json.loads(request.content) == {"mode": "m", "source_language": "en"}
        assert request.headers["Idempotency-Key"] == "once"
        return httpx.Response(201, json={"id": "sess_1"})

    created = await client(answer).create_session(mode="m", source_language="en", idempotency_key="once")
    assert created == {"id": "sess_1"}


async def test_a_refusal_carries_the_envelope() -> None:
    envelope = {"type": "validation_error", "code": "invalid_mode", "message": "no", "param": "mode", "request_id": "r"}

    with pytest.raises(ApiError) as refused:
        await client(lambda _: httpx.Response(422, json={"error": envelope})).get("sess_1")
    error = refused.value
    assert (error.status, error.code, error.param, error.request_id) == (422, "invalid_mode", "mode", "r")


async def test_an_answer_without_an_envelope_is_a_refusal_too() -> None:
    with pytest.raises(ApiError) as refused:
        await client(lambda _: httpx.Response(502, text="<html>")).get("sess_1")
    assert (refused.value.status, refused.value.code) == (502, "unexpected_answer")


async def test_an_api_that_cannot_be_reached_is_an_api_error() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no", request=request)

    with pytest.raises(ApiError) as refused:
        await client(answer).end("sess_1")
    assert (refused.value.status, refused.value.code) == (0, "unreachable")


async def test_a_transcript_comes_as_text_when_asked_for() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=f"as {request.url.params['format']}")

    assert await client(answer).transcript_text("sess_1", "srt") == "as srt"


async def test_what_fails_for_the_moment_is_tried_again_under_the_same_key() -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        return httpx.Response(503 if len(keys) < 3 else 201, json={"id": "sess_1"})

    clock = Clock()
    assert await client(answer, clock=clock).create_session(mode="m") == {"id": "sess_1"}
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert clock.slept_s == [0.5, 1.0]


async def test_two_creates_have_two_keys() -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        return httpx.Response(201, json={})

    for _ in range(2):
        await client(answer).create_session(mode="m")
    assert len(set(keys)) == 2


async def test_the_server_says_how_long_to_wait_and_patience_ends() -> None:
    clock = Clock()
    limited = httpx.Response(429, json={"error": {"code": "rate_limit_exceeded", "retry_after": 3}})
    with pytest.raises(ApiError) as refused:
        await client(lambda _: limited, clock=clock).get("sess_1")
    assert refused.value.status == 429
    assert clock.slept_s == [3, 3, 3]


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 500])
async def test_a_refusal_for_good_is_not_tried_again(status: int) -> None:
    clock = Clock()
    with pytest.raises(ApiError):
        await client(lambda _: httpx.Response(status, json={"error": {"code": "x"}}), clock=clock).get("sess_1")
    assert clock.slept_s == []
