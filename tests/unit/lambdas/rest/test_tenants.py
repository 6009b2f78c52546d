"""Every route with a name of somebody else's: 404, and not a word of what it names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.access import Scope
from core.domain.events import EventType
from core.domain.organizations import Organization
from core.domain.recordings import Format, begun, file_key, finished
from core.domain.sessions import Provider, Recording
from lambdas.rest.route import Route
from tests.builders import ACME, a_session, a_tool_call, a_turn
from tests.fakes.clocks import START
from tests.fakes.rest import NUMBER, Answer, RestWorld
from tests.fakes.routes import NAMING, WITH_A_KEY, body_of, path_of, scopes_of

OWNER = {"org": "org_acme", "livemode": "true", "scopes": scopes_of(*Scope), "key_id": "key_own"}
STRANGERS = {
    "another organization": OWNER | {"org": "org_other", "key_id": "key_other"},
    "the test side of the same organization": OWNER | {"livemode": "false", "key_id": "key_test"},
}
# In everything that is theirs: what a stranger's answer must not have.
MARK = "xanthic"
PHONE = NUMBER.removeprefix("+")


@dataclass
class Theirs:
    """What an organization has: a thing of each kind that a path can name."""

    world: RestWorld
    named: dict[str, str]

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._sent("POST", path, body)

    def change(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._sent("PATCH", path, body)

    def _sent(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"}
        return self.world.ask(method, path, json.dumps(body), headers=headers, authorizer=OWNER).body

    def kept(self) -> tuple[Any, ...]:
        """Of what they have, whatever a stranger might have changed."""
        name, key = self.named["session_id"], self.named["key_id"]
        endpoint = self.world.webhooks.endpoints.find(ACME, self.named["endpoint_id"])
        return (
            self.world.sessions.find(ACME, name),
            self.world.sessions.legs(ACME, name),
            self.world.sessions.recorded(ACME, self.named["recording_id"]),
            self.world.keys.find(ACME, key),
            self.world.agents.find(ACME, self.named["agent_id"]),
            endpoint,
            self.world.webhooks.only(),
            self.world.knowledge.find_base(ACME, self.named["base_id"]),
            self.world.knowledge.find_document(ACME, self.named["base_id"], self.named["document_id"]),
            self.world.sip.of(ACME),
            len(self.world.sessions.events),
        )

    def ask(
        self, route: Route, caller: Mapping[str, Any], named: Mapping[str, str] | None = None, **more: Any
    ) -> Answer:
        body = body_of(route, self.world.clock.now())
        headers = {"Content-Type": "application/json"} | more.pop("headers", {}) if body is not None else {}
        text = json.dumps(body) if body is not None else None
        path = path_of(route, named or self.named)
        return self.world.ask(route.method, path, text, headers=headers, authorizer=caller, **more)


@pytest.fixture
def theirs() -> Theirs:
    world = RestWorld()
    world.access.put_organization(Organization("org_other", "Other"))
    own = Theirs(world, {})
    endpoint = own.post("/v1/webhook_endpoints", {"url": f"https://{MARK}.example.com/hook", "description": MARK})
    key = own.post("/v1/api_keys", {"name": MARK})
    agent = own.post("/v1/agents", {"name": MARK, "system_prompt": MARK})
    session = a_session(
        recording=Recording(True, id="rec_1"),
        started_at=START,
        metadata={"customer": MARK},
        provider=Provider("twilio", phone_number=NUMBER),
    )
    recorded = begun(session)
    assert recorded is not None
    recorded = finished(recorded, 8000, {Format.WAV: 16_044, Format.MP3: 4_000}, 1, timedelta(days=365))
    commit = world.changes.commit_of(None, session, (EventType.SESSION_CREATED, None))
    asked = (a_tool_call(arguments={"who": MARK}),)
    world.sessions.commit(replace(commit, recorded=recorded, turns=(a_turn(text=MARK),), tool_calls=asked))
    for form in (Format.WAV, Format.MP3):
        world.recordings.put_chunk(file_key(recorded, form), b"x")
    world.webhooks.relay()
    base = own.post("/v1/knowledge_bases", {"name": MARK})
    text = {"name": MARK, "content_type": "text/plain", "text": MARK}
    document = own.post(f"/v1/knowledge_bases/{base['id']}/documents", text)
    own.change("/v1/sip", {"trunk": {"uri": f"sip:{MARK}.example.com"}, "allowed_networks": ["203.0.113.0/24"]})
    credential = own.post("/v1/sip_credentials", {"username": MARK})
    own.named |= {
        "credential_id": credential["id"],
        "base_id": base["id"],
        "document_id": document["id"],
        "session_id": session.id,
        "recording_id": recorded.id,
        "key_id": key["id"],
        "endpoint_id": endpoint["id"],
        "agent_id": agent["id"],
        "version": "1",
        "event_id": commit.events[0].id,
        "delivery_id": world.webhooks.only().id,
    }
    return own


@pytest.mark.parametrize("route", NAMING, ids=lambda route: route.name)
def test_its_owner_is_answered(theirs: Theirs, route: Route) -> None:
    """Or the 404 of the others would prove nothing."""
    answer = theirs.ask(route, OWNER)

    assert answer.status < 400 or answer.error["code"] in ("no_route", "last_managing_key"), answer.text


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("route", NAMING, ids=lambda route: route.name)
def test_a_stranger_is_told_that_nothing_is_there(theirs: Theirs, route: Route, stranger: str) -> None:
    before = theirs.kept()
    answer = theirs.ask(route, STRANGERS[stranger])

    assert answer.status == 404, answer.text
    assert answer.error["type"] == "not_found_error"
    assert_tells_nothing(theirs, answer)
    assert theirs.kept() == before


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("route", NAMING, ids=lambda route: route.name)
def test_it_is_the_answer_to_what_never_was(theirs: Theirs, route: Route, stranger: str) -> None:
    """Word for word, but for the number of the answer: nobody can find out what there is."""
    never = {name: f"{identifier[:-1]}Z" for name, identifier in theirs.named.items()}
    theirs_error = dict(theirs.ask(route, STRANGERS[stranger]).error, request_id=None)

    assert dict(theirs.ask(route, STRANGERS[stranger], never).error, request_id=None) == theirs_error


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize(
    "route",
    [route for route in WITH_A_KEY if not route.parameters and route.method == "GET"],
    ids=lambda route: route.name,
)
def test_a_strangers_lists_have_nothing_of_it(theirs: Theirs, route: Route, stranger: str) -> None:
    if route.name != "GET /v1/languages":
        assert_tells_nothing(theirs, theirs.ask(route, STRANGERS[stranger]))
    for cursor in ("starting_after", "ending_before"):
        for named in theirs.named.values():
            answer = theirs.ask(route, STRANGERS[stranger], query={cursor: named})
            assert_tells_nothing(theirs, answer, but=named)


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize(
    "route", [route for route in WITH_A_KEY if route.idempotent and not route.parameters], ids=lambda route: route.name
)
def test_a_strangers_key_for_repeats_is_its_own(theirs: Theirs, route: Route, stranger: str) -> None:
    once = {"Idempotency-Key": "the same"}
    first = theirs.ask(route, OWNER, headers=once)
    answer = theirs.ask(route, STRANGERS[stranger], headers=once)

    assert answer.status == first.status
    assert "Idempotency-Replayed" not in answer.headers
    assert answer.body.get("id") is None or answer.body["id"] != first.body["id"]


def assert_tells_nothing(theirs: Theirs, answer: Answer, but: str | None = None) -> None:
    told = answer.text + json.dumps(dict(answer.headers))
    # The number of a version names nothing that only one organization has.
    names = [named for kind, named in theirs.named.items() if kind != "version" and named != but]
    for word in (MARK, PHONE, *names):
        assert word not in told, told
