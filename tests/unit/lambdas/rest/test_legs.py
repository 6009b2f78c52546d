"""POST /v1/sessions/{id}/dial, as a client sees it."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.sip import Sip, Trunk
from tests.builders import ACME
from tests.fakes.rest import NUMBER, RestWorld

THEIRS = "+4930123456"


@pytest.fixture
def world() -> RestWorld:
    return RestWorld()


def created(world: RestWorld) -> str:
    asked = {"mode": "bidirectional_translation", "source_language": "de", "target_language": "en"}
    return str(world.post("/v1/sessions", asked | {"routing": {"phone_number": NUMBER}}).body["id"])


def test_a_dial_is_accepted_and_the_session_waits_for_its_telephone(world: RestWorld) -> None:
    session_id = created(world)
    answer = world.post(f"/v1/sessions/{session_id}/dial", {"to": THEIRS, "participant": "agent"})
    assert answer.status == 202
    assert answer.body["object"] == "leg"
    assert (answer.body["to"], answer.body["from"], answer.body["participant"]) == (THEIRS, NUMBER, "agent")
    provider = world.get(f"/v1/sessions/{session_id}").body["provider"]
    assert (provider["status"], provider["to"], provider["phone_number"]) == ("pending", THEIRS, NUMBER)


def test_a_repeat_with_its_key_is_the_same_promise(world: RestWorld) -> None:
    path = f"/v1/sessions/{created(world)}/dial"
    first = world.post(path, {"to": THEIRS}, Idempotency_Key="once")
    second = world.post(path, {"to": THEIRS}, Idempotency_Key="once")
    assert (second.status, second.body) == (202, first.body)
    assert second.headers["Idempotency-Replayed"] == ["true"]
    assert world.post(path, {"to": "+4930999"}, Idempotency_Key="once").error["code"] == "idempotency_mismatch"


def test_one_key_for_two_sessions_is_a_mismatch_and_never_the_others_answer(world: RestWorld) -> None:
    first, second = created(world), created(world)
    world.post(f"/v1/sessions/{first}/dial", {"to": THEIRS}, Idempotency_Key="once")
    refused = world.post(f"/v1/sessions/{second}/dial", {"to": THEIRS}, Idempotency_Key="once")
    assert (refused.status, refused.error["code"]) == (400, "idempotency_mismatch")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_required_field", "to"),
        ({"to": "030123456"}, "invalid_field_value", "to"),
        ({"to": THEIRS, "from": "x"}, "invalid_field_value", "from"),
        ({"to": THEIRS, "from": "+14155559999"}, "no_route", "from"),
        ({"to": THEIRS, "from_": NUMBER}, "invalid_field_value", "from_"),
        ({"to": THEIRS, "participant": "nobody"}, "invalid_field_value", "participant"),
        ({"to": THEIRS, "colour": "blue"}, "invalid_field_value", "colour"),
    ],
)
def test_what_it_does_not_allow_names_the_field_and_no_number(
    world: RestWorld, body: dict[str, Any], code: str, param: str
) -> None:
    answer = world.post(f"/v1/sessions/{created(world)}/dial", body)
    assert (answer.status, answer.error["code"], answer.error["param"]) == (422, code, param)
    assert "4155559999" not in answer.error["message"]


def test_a_session_that_has_ended_is_a_conflict_and_one_that_is_not_there_is_404(world: RestWorld) -> None:
    session_id = created(world)
    world.post(f"/v1/sessions/{session_id}/end")
    ended = world.post(f"/v1/sessions/{session_id}/dial", {"to": THEIRS})
    assert (ended.status, ended.error["code"]) == (409, "session_ended")
    missing = world.post("/v1/sessions/sess_9/dial", {"to": THEIRS})
    assert (missing.status, missing.error["code"]) == (404, "session_not_found")


def test_a_sip_uri_is_dialed_by_the_trunk_and_without_one_has_no_route(world: RestWorld) -> None:
    path = f"/v1/sessions/{created(world)}/dial"
    refused = world.post(path, {"to": "sip:bob@example.com"})
    assert (refused.status, refused.error["code"], refused.error["param"]) == (422, "no_route", "to")
    world.sip.put(ACME, Sip(trunk=Trunk("sip:trunk.example.com")))
    answer = world.post(path, {"to": "sip:bob@example.com"})
    assert answer.status == 202
    assert (answer.body["to"], answer.body["provider"]) == ("sip:bob@example.com", {"type": "sip"})
    assert answer.body["from"].startswith("sip:sess_")
    for wrong in ("sip:", "tel:+4930", "sip:bob@exa mple.com", "sip:bob@example.com\r\nVia: x"):
        assert world.post(path, {"to": wrong}).status in (400, 422)
