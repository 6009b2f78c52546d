"""Every route of the contract: what goes out, and that both clients say the same."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from kallglot import Kallglot, TimedOut
from tests.fakes.api import Clock, drive

NOON = dt.datetime(2026, 3, 26, 13, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))


@dataclass(frozen=True)
class Case:
    use: Callable[[Any], Any]
    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    keyed: bool = False


PEOPLE = [{"type": "agent", "language": "es"}]
CASES = {
    "create": Case(
        lambda c: c.sessions.create(
            mode="bidirectional_translation",
            source_language="de",
            target_language="en",
            participants=tuple(PEOPLE),
            recording={"enabled": True},
            metadata={"a": "b"},
            extra_body={"to_come": 1},
        ),
        "POST",
        "/sessions",
        body={
            "mode": "bidirectional_translation",
            "source_language": "de",
            "target_language": "en",
            "participants": PEOPLE,
            "recording": {"enabled": True},
            "metadata": {"a": "b"},
            "to_come": 1,
        },
        keyed=True,
    ),
    "get": Case(lambda c: c.sessions.get("sess_1"), "GET", "/sessions/sess_1"),
    "list": Case(
        lambda c: c.sessions.list(status="active", created_after=NOON, limit=5, starting_after="sess_1").page(),
        "GET",
        "/sessions",
        {"status": "active", "created_after": "2026-03-26T12:00:00Z", "limit": "5", "starting_after": "sess_1"},
    ),
    "end": Case(lambda c: c.sessions.end("sess_1"), "POST", "/sessions/sess_1/end", body={}, keyed=True),
    "end, with a reason": Case(
        lambda c: c.sessions.end("sess_1", reason="agent_hangup"),
        "POST",
        "/sessions/sess_1/end",
        body={"reason": "agent_hangup"},
        keyed=True,
    ),
    "dial": Case(
        lambda c: c.sessions.dial("sess_1", to="+14155550100", from_="+14155550101", participant="customer"),
        "POST",
        "/sessions/sess_1/dial",
        body={"to": "+14155550100", "from": "+14155550101", "participant": "customer"},
        keyed=True,
    ),
    "an agent's session": Case(
        lambda c: c.sessions.create(mode="ai_agent", ai_agent={"id": "agt_1", "overrides": {"greeting": None}}),
        "POST",
        "/sessions",
        body={"mode": "ai_agent", "ai_agent": {"id": "agt_1", "overrides": {"greeting": None}}},
        keyed=True,
    ),
    "tool result": Case(
        lambda c: c.sessions.tool_result("sess_1", "call_1", None),
        "POST",
        "/sessions/sess_1/tool_results",
        body={"call_id": "call_1", "result": None},
    ),
    "tool error": Case(
        lambda c: c.sessions.tool_result("sess_1", "call_1", error="closed"),
        "POST",
        "/sessions/sess_1/tool_results",
        body={"call_id": "call_1", "error": "closed"},
    ),
    "create an agent": Case(
        lambda c: c.agents.create(
            name="Ada", system_prompt="x", tools=[{"name": "a"}], voice=None, extra_body={"to_come": 1}
        ),
        "POST",
        "/agents",
        body={"name": "Ada", "system_prompt": "x", "tools": [{"name": "a"}], "to_come": 1},
        keyed=True,
    ),
    "agent": Case(lambda c: c.agents.get("agt_1"), "GET", "/agents/agt_1"),
    "agent's version": Case(lambda c: c.agents.get("agt_1", 3), "GET", "/agents/agt_1/versions/3"),
    "agents": Case(
        lambda c: c.agents.list(limit=2, ending_before="agt_1").page(),
        "GET",
        "/agents",
        {"limit": "2", "ending_before": "agt_1"},
    ),
    "agent's versions": Case(
        lambda c: c.agents.versions("agt_1", limit=2, starting_after=7),
        "GET",
        "/agents/agt_1/versions",
        {"limit": "2", "starting_after": "7"},
    ),
    "update an agent": Case(
        lambda c: c.agents.update("agt_1", name="Bob", greeting=None, metadata={}),
        "PATCH",
        "/agents/agt_1",
        body={"name": "Bob", "greeting": None, "metadata": {}},
    ),
    "delete an agent": Case(lambda c: c.agents.delete("agt_1"), "DELETE", "/agents/agt_1"),
    "create a knowledge base": Case(
        lambda c: c.knowledge_bases.create(name="Help", language="en", extra_body={"to_come": 1}),
        "POST",
        "/knowledge_bases",
        body={"name": "Help", "language": "en", "to_come": 1},
        keyed=True,
    ),
    "knowledge base": Case(lambda c: c.knowledge_bases.get("kb_1"), "GET", "/knowledge_bases/kb_1"),
    "knowledge bases": Case(
        lambda c: c.knowledge_bases.list(limit=2, starting_after="kb_1").page(),
        "GET",
        "/knowledge_bases",
        {"limit": "2", "starting_after": "kb_1"},
    ),
    "rename a knowledge base": Case(
        lambda c: c.knowledge_bases.update("kb_1", name="Other"),
        "PATCH",
        "/knowledge_bases/kb_1",
        body={"name": "Other"},
    ),
    "delete a knowledge base": Case(lambda c: c.knowledge_bases.delete("kb_1"), "DELETE", "/knowledge_bases/kb_1"),
    "add a text": Case(
        lambda c: c.knowledge_bases.add_text("kb_1", name="Hours", text="At nine."),
        "POST",
        "/knowledge_bases/kb_1/documents",
        body={"name": "Hours", "content_type": "text/plain", "text": "At nine."},
        keyed=True,
    ),
    "document": Case(
        lambda c: c.knowledge_bases.document("kb_1", "doc_1"), "GET", "/knowledge_bases/kb_1/documents/doc_1"
    ),
    "documents": Case(
        lambda c: c.knowledge_bases.documents("kb_1", limit=2).page(),
        "GET",
        "/knowledge_bases/kb_1/documents",
        {"limit": "2"},
    ),
    "delete a document": Case(
        lambda c: c.knowledge_bases.delete_document("kb_1", "doc_1"), "DELETE", "/knowledge_bases/kb_1/documents/doc_1"
    ),
    "transcript": Case(
        lambda c: c.sessions.transcript("sess_1", include_translations=False),
        "GET",
        "/sessions/sess_1/transcript",
        {"include_translations": "false"},
    ),
    "transcript_text": Case(
        lambda c: c.sessions.transcript_text("sess_1", "srt"),
        "GET",
        "/sessions/sess_1/transcript",
        {"format": "srt"},
    ),
    "recordings of a session": Case(
        lambda c: c.sessions.recordings("sess_1").page(), "GET", "/sessions/sess_1/recordings"
    ),
    "recording": Case(lambda c: c.recordings.get("rec_1"), "GET", "/recordings/rec_1"),
    "delete a recording": Case(lambda c: c.recordings.delete("rec_1"), "DELETE", "/recordings/rec_1"),
    "languages": Case(lambda c: c.languages().page(), "GET", "/languages"),
    "usage": Case(
        lambda c: c.usage(from_=dt.date(2026, 3, 1), to="2026-03-31"),
        "GET",
        "/usage",
        {"from": "2026-03-01", "to": "2026-03-31"},
    ),
    "openapi": Case(lambda c: c.openapi(), "GET", "/openapi.json"),
    "create a key": Case(
        lambda c: c.api_keys.create(scopes=["sessions:read"], name="dashboard", expires_at=NOON),
        "POST",
        "/api_keys",
        body={"scopes": ["sessions:read"], "name": "dashboard", "expires_at": "2026-03-26T12:00:00Z"},
        keyed=True,
    ),
    "keys": Case(lambda c: c.api_keys.list(limit=2).page(), "GET", "/api_keys", {"limit": "2"}),
    "key": Case(lambda c: c.api_keys.get("key_1"), "GET", "/api_keys/key_1"),
    "revoke a key": Case(lambda c: c.api_keys.revoke("key_1"), "DELETE", "/api_keys/key_1"),
    "settings for SIP": Case(lambda c: c.sip.get(), "GET", "/sip"),
    "change settings for SIP": Case(
        lambda c: c.sip.update(allowed_networks=["203.0.113.0/24"], trunk=None),
        "PATCH",
        "/sip",
        body={"allowed_networks": ["203.0.113.0/24"], "trunk": None},
    ),
    "create a SIP credential": Case(
        lambda c: c.sip_credentials.create(username="pbx"),
        "POST",
        "/sip_credentials",
        body={"username": "pbx"},
        keyed=True,
    ),
    "SIP credentials": Case(
        lambda c: c.sip_credentials.list(limit=2).page(), "GET", "/sip_credentials", {"limit": "2"}
    ),
    "SIP credential": Case(lambda c: c.sip_credentials.get("sipc_1"), "GET", "/sip_credentials/sipc_1"),
    "delete a SIP credential": Case(lambda c: c.sip_credentials.delete("sipc_1"), "DELETE", "/sip_credentials/sipc_1"),
    "rotate a SIP credential": Case(
        lambda c: c.sip_credentials.rotate("sipc_1"), "POST", "/sip_credentials/sipc_1/rotate", body={}, keyed=True
    ),
    "create an endpoint": Case(
        lambda c: c.webhook_endpoints.create(url="https://a.example/hook", events=["*"], description="ours"),
        "POST",
        "/webhook_endpoints",
        body={"url": "https://a.example/hook", "events": ["*"], "description": "ours"},
        keyed=True,
    ),
    "endpoint": Case(lambda c: c.webhook_endpoints.get("wh_1"), "GET", "/webhook_endpoints/wh_1"),
    "endpoints": Case(lambda c: c.webhook_endpoints.list().page(), "GET", "/webhook_endpoints"),
    "update an endpoint": Case(
        lambda c: c.webhook_endpoints.update("wh_1", events=["session.ended"], extra_body={"description": None}),
        "PATCH",
        "/webhook_endpoints/wh_1",
        body={"events": ["session.ended"], "description": None},
    ),
    "delete an endpoint": Case(lambda c: c.webhook_endpoints.delete("wh_1"), "DELETE", "/webhook_endpoints/wh_1"),
    "test an endpoint": Case(
        lambda c: c.webhook_endpoints.test("wh_1"), "POST", "/webhook_endpoints/wh_1/test", body={}, keyed=True
    ),
    "rotate a secret": Case(
        lambda c: c.webhook_endpoints.rotate_secret("wh_1", overlap_seconds=60),
        "POST",
        "/webhook_endpoints/wh_1/rotate_secret",
        body={"overlap_seconds": 60},
        keyed=True,
    ),
    "the secret of sessions' URLs": Case(lambda c: c.webhook_secret.get(), "GET", "/webhook_secret"),
    "rotate the secret of sessions' URLs": Case(
        lambda c: c.webhook_secret.rotate(), "POST", "/webhook_secret/rotate", body={}, keyed=True
    ),
    "deliveries": Case(
        lambda c: c.webhook_endpoints.deliveries("wh_1", limit=3).page(),
        "GET",
        "/webhook_endpoints/wh_1/deliveries",
        {"limit": "3"},
    ),
    "delivery": Case(lambda c: c.webhook_deliveries.get("wh_del_1"), "GET", "/webhook_deliveries/wh_del_1"),
    "enable an endpoint": Case(
        lambda c: c.webhook_endpoints.update("wh_1", status="enabled"),
        "PATCH",
        "/webhook_endpoints/wh_1",
        body={"status": "enabled"},
    ),
    "replay a stretch": Case(
        lambda c: c.webhook_endpoints.replay("wh_1", since=NOON, types=["session.*"], only_failed=True),
        "POST",
        "/webhook_endpoints/wh_1/replay",
        body={"from": "2026-03-26T12:00:00Z", "types": ["session.*"], "only_failed": True},
        keyed=True,
    ),
    "retry a delivery": Case(
        lambda c: c.webhook_deliveries.retry("wh_del_1"),
        "POST",
        "/webhook_deliveries/wh_del_1/retry",
        body={},
        keyed=True,
    ),
    "event": Case(lambda c: c.events.get("evt_1"), "GET", "/events/evt_1"),
    "replay an event": Case(lambda c: c.events.replay("evt_1"), "POST", "/events/evt_1/replay", body={}, keyed=True),
}
ANSWER = httpx.Response(200, json={"id": "x", "object": "list", "data": [], "has_more": False})


@pytest.mark.parametrize("name", CASES)
async def test_a_route_asks_as_the_contract_says(kind: str, name: str) -> None:
    case = CASES[name]
    driven, api = drive(kind, ANSWER)
    await driven(case.use)
    [request] = api.seen
    assert (request.method, request.url.path) == (case.method, f"/v1{case.path}")
    assert dict(request.url.params) == case.query
    assert (json.loads(request.content) if request.content else None) == case.body
    assert request.headers.get("Content-Type") == (None if case.body is None else "application/json")
    assert ("Idempotency-Key" in request.headers) is case.keyed


@pytest.mark.parametrize("session_id", ["", ".", ".."])
async def test_an_id_that_is_none_never_reaches_the_network(kind: str, session_id: str) -> None:
    driven, api = drive(kind, ANSWER)
    with pytest.raises(ValueError, match="an id is missing"):
        await driven(lambda client: client.sessions.get(session_id))
    assert api.seen == []


async def test_an_id_stays_one_segment_whatever_it_holds(kind: str) -> None:
    driven, api = drive(kind, ANSWER)
    await driven(lambda client: client.sessions.get("../usage?a=b"))
    assert api.seen[0].url.raw_path == b"/v1/sessions/..%2Fusage%3Fa%3Db"


async def test_waiting_asks_ever_less_often_until_the_status_comes(kind: str) -> None:
    clock = Clock()
    states = [httpx.Response(200, json={"id": "sess_1", "status": each}) for each in ("active", "ending", "ended")]
    driven, _ = drive(kind, *states, clock=clock)
    session = await driven(lambda client: client.sessions.wait_until("sess_1"))
    assert (session.status, clock.slept) == ("ended", [0.25, 0.375])


async def test_waiting_ends_when_the_status_does_not_come(kind: str) -> None:
    clock = Clock()
    driven, _ = drive(kind, httpx.Response(200, json={"id": "sess_1", "status": "active"}), clock=clock)
    with pytest.raises(TimedOut, match="sess_1 is not ended after 5 s"):
        await driven(lambda client: client.sessions.wait_until("sess_1", timeout_s=5))
    assert sum(clock.slept) <= 5


def test_a_route_keeps_its_name_and_its_docstring() -> None:
    create = Kallglot("http://api.test", "sk_test_1").sessions.create
    assert (create.__name__, create.__doc__ and create.__doc__.splitlines()[0]) == (
        "create",
        "A new session. Made once, however often the network fails: an idempotency key goes with it.",
    )
