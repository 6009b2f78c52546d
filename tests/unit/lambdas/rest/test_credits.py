"""Credits that are used up, as a client sees it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.organizations import Organization
from core.domain.usage import Addition
from core.ports import Commit
from tests.builders import a_session
from tests.fakes.clocks import START
from tests.fakes.rest import Answer, RestWorld

BODY = {"mode": "bidirectional_translation", "source_language": "de", "target_language": "en"}
BOUGHT = Organization("org_acme", "Acme", credits_s=60)


@pytest.fixture
def world() -> RestWorld:
    world = RestWorld()
    world.access.put_organization(BOUGHT)
    return world


def use(world: RestWorld, seconds: int) -> None:
    used = Addition(START.date(), seconds * 1_000_000, 0, 0)
    world.sessions.commit(Commit(a_session("sess_used"), None, None, used=used))


def assert_exhausted(answer: Answer) -> None:
    assert answer.status == 402, answer.text
    assert (answer.error["type"], answer.error["code"]) == ("permission_error", "insufficient_api_credits")


def test_no_session_is_created_and_no_call_is_dialed(world: RestWorld) -> None:
    session: dict[str, Any] = world.post("/v1/sessions", BODY | {"provider": {"type": "twilio"}}).body
    use(world, 60)
    before = len(world.sessions.events)

    assert_exhausted(world.post("/v1/sessions", BODY))
    assert_exhausted(world.post(f"/v1/sessions/{session['id']}/dial", {"to": "+4930123456"}))

    assert len(world.sessions.events) == before


def test_what_there_is_can_be_read_and_ended(world: RestWorld) -> None:
    session = world.post("/v1/sessions", BODY).body
    use(world, 60)

    assert world.get(f"/v1/sessions/{session['id']}").status == 200
    assert world.post(f"/v1/sessions/{session['id']}/end", {}).status == 200


def test_the_answer_to_an_earlier_request_stays_what_it_was(world: RestWorld) -> None:
    first = world.post("/v1/sessions", BODY, Idempotency_Key="once")
    use(world, 60)
    again = world.post("/v1/sessions", BODY, Idempotency_Key="once")

    assert (again.status, again.body) == (201, first.body)


def test_more_credits_let_the_next_one_through(world: RestWorld) -> None:
    use(world, 60)
    assert_exhausted(world.post("/v1/sessions", BODY))
    world.access.put_organization(replace(BOUGHT, credits_s=61))

    assert world.post("/v1/sessions", BODY).status == 201
