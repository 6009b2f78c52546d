"""REST through the front door, API Gateway, the authorizer and the function, as deployed."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from core.domain.access import Scope
from core.domain.organizations import Organization
from local.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION: dict[str, Any] = {
    "mode": "bidirectional_translation",
    "source_language": "en",
    "target_language": "es",
}
SEED = {
    "mode": "bidirectional_translation",
    "source_language": "de",
    "target_language": "en",
    "provider": {"type": "twilio", "phone_number": "+14155551234"},
    "recording": {"enabled": True, "channels": "dual"},
    "metadata": {"customer_id": "cust_123"},
}
ENVELOPE = {"type", "code", "message", "param", "request_id", "doc_url", "retry_after"}


def error_of(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The envelope, after checking that it is one."""
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    assert set(error) == ENVELOPE
    assert error["code"] == code, error
    assert error["request_id"]
    return error


async def test_the_documented_request_is_answered_with_the_documented_fields(http: httpx.AsyncClient) -> None:
    response = await http.post("/sessions", json=SEED)
    assert response.status_code == 201, response.text
    session = response.json()
    assert set(session) == {
        "id", "object", "status", "mode", "source_language", "target_language", "stream", "provider", "recording",
        "metadata", "created_at",
    }  # fmt: skip
    assert session["object"] == "session"
    assert session["status"] == "created"
    assert session["provider"] == {"type": "twilio", "phone_number": "+14155551234", "status": "pending"}
    assert session["recording"] == {"enabled": True, "channels": "dual"}
    assert session["metadata"] == {"customer_id": "cust_123"}
    assert set(session["stream"]) == {"url", "token", "expires_at"}
    assert session["stream"]["url"].endswith(f"/v1/sessions/{session['id']}/connect")
    assert session["stream"]["token"].startswith("kst_test_")
    assert response.headers["X-Request-ID"].startswith("req_")


async def test_the_late_request_shape_is_accepted_too(http: httpx.AsyncClient) -> None:
    routing = {"connection_id": "pcon_localtwilio", "direction": "inbound"}
    response = await http.post("/sessions", json={**SESSION, "routing": routing})
    assert response.status_code == 201, response.text
    assert response.json()["provider"]["type"] == "twilio"


async def test_a_session_is_read_and_ended_and_ending_it_again_changes_nothing(http: httpx.AsyncClient) -> None:
    created = (await http.post("/sessions", json=SESSION)).json()
    path = f"/sessions/{created['id']}"
    read = (await http.get(path)).json()
    assert read["stream"] == created["stream"]
    assert (read["status"], read["started_at"], read["ended_at"]) == ("created", None, None)

    first = await http.post(f"{path}/end", json={"reason": "agent_hangup"})
    assert first.status_code == 200, first.text
    assert (first.json()["status"], first.json()["end_reason"]) == ("ended", "agent_hangup")
    again = await http.post(f"{path}/end", json={"reason": "customer_hangup"})
    assert again.status_code == 200
    assert again.json() == first.json()
    assert "stream" not in (await http.get(path)).json()


async def test_two_creates_at_once_with_one_key_make_one_session(http: httpx.AsyncClient) -> None:
    async def create() -> httpx.Response:
        return await http.post("/sessions", json=SESSION, headers={"Idempotency-Key": "two-at-once"})

    both = await asyncio.gather(create(), create())
    assert {response.status_code for response in both} <= {201, 409}
    for refused in (response for response in both if response.status_code == 409):
        error_of(refused, 409, "idempotency_conflict")
        assert int(refused.headers["Retry-After"]) > 0
    made = {response.json()["id"] for response in both if response.status_code == 201}
    replayed = await create()
    assert replayed.headers["Idempotency-Replayed"] == "true"
    assert made == {replayed.json()["id"]}


async def test_a_replay_answers_exactly_like_the_first(http: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "replay"}
    first = await http.post("/sessions", json=SESSION, headers=headers)
    second = await http.post("/sessions", json=SESSION, headers=headers)
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert "Idempotency-Replayed" not in first.headers


async def test_the_same_key_with_another_body_is_a_mismatch(http: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "mismatch"}
    await http.post("/sessions", json=SESSION, headers=headers)
    other = await http.post("/sessions", json={**SESSION, "target_language": "fr"}, headers=headers)
    error_of(other, 400, "idempotency_mismatch")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk_test_unknown"}, {"X-API-Key": "sk_live_no"}])
async def test_without_a_known_key_nobody_comes_in(stack: Stack, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=stack.addresses.api_url) as nobody:
        response = await nobody.post("/sessions", json=SESSION, headers=headers)
    assert error_of(response, 401, "invalid_api_key")["type"] == "authentication_error"


async def test_a_key_may_do_what_its_scopes_say(http: httpx.AsyncClient, stack: Stack) -> None:
    reader = {"Authorization": f"Bearer {stack.seeder.key(scopes=[Scope.SESSIONS_READ])}"}
    created = (await http.post("/sessions", json=SESSION)).json()
    assert (await http.get(f"/sessions/{created['id']}", headers=reader)).status_code == 200
    refused = await http.post("/sessions", json=SESSION, headers=reader)
    assert error_of(refused, 403, "insufficient_permissions")["type"] == "permission_error"


async def test_a_suspended_organization_is_refused(http: httpx.AsyncClient, stack: Stack) -> None:
    stack.seeder.organization(Organization(id="org_suspended", name="Suspended", active=False))
    key = stack.seeder.key("org_suspended")
    response = await http.get("/sessions/sess_1", headers={"Authorization": f"Bearer {key}"})
    error_of(response, 403, "organization_inactive")


async def test_another_organization_and_another_environment_see_nothing(http: httpx.AsyncClient, stack: Stack) -> None:
    stack.seeder.organization(Organization(id="org_other", name="Other"))
    created = (await http.post("/sessions", json=SESSION)).json()
    for key in (stack.seeder.key("org_other"), stack.seeder.key(livemode=True)):
        for method, path in (("GET", ""), ("POST", "/end"), ("GET", "/transcript")):
            url = f"/sessions/{created['id']}{path}"
            response = await http.request(method, url, headers={"Authorization": f"Bearer {key}"})
            error_of(response, 404, "session_not_found")
    assert (await http.get(f"/sessions/{created['id']}")).json()["status"] == "created"


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"mode": "telepathy"}, "invalid_mode", "mode"),
        ({"source_language": "xx"}, "invalid_language_code", "source_language"),
        ({"provider": {"type": "pigeon"}}, "invalid_provider", "provider.type"),
        ({"colour": "blue"}, "invalid_field_value", "colour"),
        ({"metadata": {str(n): "x" for n in range(51)}}, "invalid_field_value", "metadata"),
        ({"metadata": {"key": "x" * 501}}, "invalid_field_value", "metadata.key"),
        ({"webhook_url": "http://plain.example"}, "invalid_field_value", "webhook_url"),
    ],
)
async def test_a_body_that_is_not_acceptable_is_a_422_that_names_the_field(
    http: httpx.AsyncClient, change: dict[str, Any], code: str, param: str
) -> None:
    error = error_of(await http.post("/sessions", json={**SESSION, **change}), 422, code)
    assert error["param"] == param
    assert error["type"] == "validation_error"


@pytest.mark.parametrize("missing", ["mode", "source_language", "target_language"])
async def test_a_missing_field_is_named(http: httpx.AsyncClient, missing: str) -> None:
    body = {name: value for name, value in SESSION.items() if name != missing}
    error = error_of(await http.post("/sessions", json=body), 422, "missing_required_field")
    assert error["param"] == missing


async def test_provider_and_routing_together_are_refused(http: httpx.AsyncClient) -> None:
    both = {"provider": {"type": "twilio"}, "routing": {"type": "sip", "direction": "inbound"}}
    response = await http.post("/sessions", json={**SESSION, **both})
    assert response.status_code == 422, response.text


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b'{"mode": ', "application/json", 400, "invalid_json"),
        (b"\xff\xfe", "application/json", 400, "invalid_json"),
        (b"mode=x", "text/plain", 415, "unsupported_media_type"),
        (b'{"metadata": "' + b"x" * 300_000 + b'"}', "application/json", 413, "payload_too_large"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    http: httpx.AsyncClient, content: bytes, kind: str, status: int, code: str
) -> None:
    response = await http.post("/sessions", content=content, headers={"Content-Type": kind})
    error_of(response, status, code)


async def test_an_unknown_route_wears_the_envelope(http: httpx.AsyncClient) -> None:
    error_of(await http.get("/nothing/here"), 404, "route_not_found")


async def test_the_languages_tell_what_the_running_engines_can_do(http: httpx.AsyncClient) -> None:
    languages = {language["code"]: language for language in (await http.get("/languages")).json()["data"]}
    for code in ("en", "es"):
        assert languages[code]["speech_in"] and languages[code]["text"] and languages[code]["speech_out"]
    assert languages["de"]["speech_in"] is False
