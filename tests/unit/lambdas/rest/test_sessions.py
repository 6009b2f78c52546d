"""/v1/sessions as clients of both generations use it."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.access import stream_token
from core.domain.rotation import fixed
from core.domain.sessions import Session
from core.services.streams import Progress, StreamService
from tests.builders import ACME, a_turn
from tests.fakes.clocks import START
from tests.fakes.rest import TOKEN_KEY, RestWorld, golden

CALL = {"mode": "bidirectional_translation", "source_language": "de", "target_language": "en"}


@pytest.fixture
def world() -> RestWorld:
    return RestWorld()


def fields(shown: dict[str, Any]) -> dict[str, Any]:
    """The names, and of what is nested the names below."""
    return {name: fields(value) if isinstance(value, dict) else None for name, value in shown.items()}


def covers(ours: dict[str, Any], seed: dict[str, Any]) -> bool:
    return all(name in ours and (below is None or covers(ours[name], below)) for name, below in seed.items())


def test_the_seeds_create_is_answered_with_the_seeds_fields_to_the_letter(world: RestWorld) -> None:
    answer = world.post("/v1/sessions", golden("seeds/create.request.json"), Idempotency_Key="unique-request-12345")

    expected = golden("seeds/create.response.json")
    assert answer.status == 201
    assert fields(answer.body) == fields(expected)
    same = {name: value for name, value in expected.items() if name not in ("id", "stream")}
    assert {name: answer.body[name] for name in same} == same
    assert answer.body["stream"]["url"] == f"wss://stream.example.com/v1/sessions/{answer.body['id']}/connect"
    assert answer.body["stream"]["token"].startswith("kst_live_")
    assert answer.body["stream"]["expires_at"] == expected["stream"]["expires_at"]


@pytest.mark.parametrize("name", ["inbound_call", "conference"])
def test_the_seeds_other_requests_are_taken_as_they_are(world: RestWorld, name: str) -> None:
    answer = world.post("/v1/sessions", golden(f"seeds/{name}.request.json"))

    assert answer.status == 201


def test_the_late_shape_is_answered_in_the_seeds_shape(world: RestWorld) -> None:
    answer = world.post("/v1/sessions", golden("seeds/inbound_call.request.json"))

    assert answer.body["provider"] == {"type": "twilio", "phone_number": "+14155551234", "status": "pending"}
    assert "routing" not in answer.body


def on_the_phone(world: RestWorld, **more: Any) -> tuple[StreamService, Session]:
    """The seeds' call, fifteen seconds after its creation, with its first audio."""
    asked = golden("seeds/create.request.json")
    asked["provider"]["call_sid"] = "CA1234567890abcdef"
    created = world.post("/v1/sessions", asked | more).body
    world.clock.advance(15)
    world.workers.beat("w1", world.clock.now())
    streams = StreamService(world.changes, world.workers, fixed(TOKEN_KEY), "w1")
    session = streams.attach(streams.admit(created["id"], created["stream"]["token"]))
    return streams, streams.first_audio(session)


def test_the_seeds_get_has_its_fields_while_the_call_runs(world: RestWorld) -> None:
    streams, session = on_the_phone(world)
    session = streams.progress(session, Progress(turns=(a_turn(1, "guten Tag zusammen"),)))
    world.clock.advance(125.5)

    answer = world.get(f"/v1/sessions/{session.id}")

    expected = golden("seeds/get.response.json")
    assert answer.status == 200
    assert covers(fields(answer.body), fields(expected) | {"metadata": {"customer_id": None}})
    assert answer.body["status"] == "active"
    assert answer.body["provider"] == expected["provider"]
    assert answer.body["duration"] == 125.5
    assert answer.body["transcript"] == {"available": True, "word_count": 3}
    assert answer.body["started_at"] == expected["started_at"]
    assert answer.body["ended_at"] is None


def test_the_seeds_end_has_its_fields(world: RestWorld) -> None:
    streams, session = on_the_phone(world)
    streams.progress(session, Progress(turns=(a_turn(),)))
    world.clock.advance(245.3)
    world.workers.forget("w1")

    answer = world.post(f"/v1/sessions/{session.id}/end", golden("seeds/end.request.json"))

    expected = golden("seeds/end.response.json")
    seed = fields(expected)
    seed["recording"].pop("duration")  # there once the file is made, moments later
    assert answer.status == 200
    assert covers(fields(answer.body), seed)
    assert (answer.body["status"], answer.body["end_reason"]) == ("ended", "completed")
    assert answer.body["provider"]["status"] == "disconnected"
    assert answer.body["duration"] == 245.3
    assert "stream" not in answer.body


def test_one_key_makes_one_session_and_its_repeat_says_so(world: RestWorld) -> None:
    first = world.post("/v1/sessions", CALL, Idempotency_Key="k")
    second = world.post("/v1/sessions", dict(reversed(CALL.items())), Idempotency_Key="k")

    assert second.status == 201
    assert second.body == first.body
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == ["true"]


def test_a_key_with_another_body_is_a_mismatch(world: RestWorld) -> None:
    world.post("/v1/sessions", CALL, Idempotency_Key="k")

    answer = world.post("/v1/sessions", CALL | {"target_language": "fr"}, Idempotency_Key="k")

    assert (answer.status, answer.error["code"]) == (400, "idempotency_mismatch")


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_1_to_255_characters(world: RestWorld, key: str) -> None:
    answer = world.post("/v1/sessions", CALL, Idempotency_Key=key)

    assert (answer.status, answer.error["code"]) == (400, "invalid_idempotency_key")
    assert world.post("/v1/sessions", CALL, Idempotency_Key="k" * 255).status == 201


def test_ending_with_one_key_for_two_sessions_is_a_mismatch(world: RestWorld) -> None:
    ids = [world.post("/v1/sessions", CALL).body["id"] for _ in range(2)]
    world.post(f"/v1/sessions/{ids[0]}/end", Idempotency_Key="k")

    answer = world.post(f"/v1/sessions/{ids[1]}/end", Idempotency_Key="k")

    assert (answer.status, answer.error["code"]) == (400, "idempotency_mismatch")
    assert world.get(f"/v1/sessions/{ids[1]}").body["status"] == "created"


@pytest.mark.parametrize("body", [None, "", {}, {"reason": "completed"}])
def test_an_end_needs_no_body(world: RestWorld, body: Any) -> None:
    session_id = world.post("/v1/sessions", CALL).body["id"]

    answer = world.post(f"/v1/sessions/{session_id}/end", body)

    assert (answer.status, answer.body["end_reason"]) == (200, "completed")


def test_ending_twice_keeps_the_first_reason(world: RestWorld) -> None:
    session_id = world.post("/v1/sessions", CALL).body["id"]
    first = world.post(f"/v1/sessions/{session_id}/end", {"reason": "agent_hangup"})

    second = world.post(f"/v1/sessions/{session_id}/end", {"reason": "error"})

    assert second.status == 200
    assert second.body == first.body
    assert second.body["end_reason"] == "agent_hangup"


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [({"reason": "bored"}, 422, "reason"), ({"why": "x"}, 422, "why"), ("[1]", 400, None), ("{", 400, None)],
)
def test_an_end_that_cannot_be_understood_ends_nothing(world: RestWorld, body: Any, status: int, param: str) -> None:
    session_id = world.post("/v1/sessions", CALL).body["id"]

    answer = world.post(f"/v1/sessions/{session_id}/end", body)

    assert (answer.status, answer.error["param"]) == (status, param)
    assert world.get(f"/v1/sessions/{session_id}").body["status"] == "created"


@pytest.mark.parametrize("session_id", ["sess_nope", "nope", "sess_%2e%2e", "x" * 300])
def test_a_session_that_is_not_there_is_404(world: RestWorld, session_id: str) -> None:
    for answer in (
        world.get(f"/v1/sessions/{session_id}"),
        world.get(f"/v1/sessions/{session_id}/transcript"),
        world.post(f"/v1/sessions/{session_id}/end"),
    ):
        assert (answer.status, answer.error["code"]) == (404, "session_not_found")


def test_a_create_and_a_get_give_the_same_token(world: RestWorld) -> None:
    created = world.post("/v1/sessions", CALL).body

    shown = world.get(f"/v1/sessions/{created['id']}").body

    assert shown["stream"] == created["stream"]
    assert created["stream"]["token"] == stream_token(TOKEN_KEY, ACME, created["id"], START, START).text
