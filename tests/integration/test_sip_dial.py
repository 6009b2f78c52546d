"""A call that goes out by the organization's trunk: SIPp is the telephone that rings."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from core.domain.organizations import Organization
from local.stack import Stack
from tests.sip import sessions
from tests.sip.processes import free_port, running

pytestmark = pytest.mark.asyncio(loop_scope="session")
ORGANIZATION = "org_sip_dial"


@pytest_asyncio.fixture(loop_scope="session")
async def caller(stack: Stack, http: httpx.AsyncClient) -> httpx.AsyncClient:
    stack.seeder.organization(Organization(ORGANIZATION, "Sip"))
    http.headers["Authorization"] = f"Bearer {stack.seeder.key(ORGANIZATION)}"
    return http


async def test_a_telephone_rings_answers_and_is_hung_up_with_its_session(
    caller: httpx.AsyncClient, tmp_path: Path
) -> None:
    port = free_port()
    command = ["sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", str(port), "-m", "1", "-nostdin"]
    async with running(command, tmp_path, tmp_path / "telephone.log") as telephone:
        set_up = await caller.patch("/sip", json={"trunk": {"uri": f"sip:127.0.0.1:{port}"}})
        assert set_up.status_code == 200, set_up.text
        session = await sessions.new(caller)
        path = f"/sessions/{session['id']}/dial"
        answers = [
            await caller.post(path, json={"to": "sip:bob@example.com"}, headers={"Idempotency-Key": session["id"]})
            for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [202, 202]
        assert answers[0].json()["id"] == answers[1].json()["id"]
        connected = await sessions.until(
            caller, session["id"], lambda shown: shown.get("provider", {}).get("status") == "connected"
        )
        assert (connected["provider"]["type"], connected["provider"]["direction"]) == ("sip", "outbound")

        await caller.post(f"/sessions/{session['id']}/end")
        async with asyncio.timeout(20):
            assert await telephone.wait() == 0  # SIPp has had one whole call, BYE included
    over = await sessions.shown(caller, session["id"])
    assert over["provider"]["status"] == "disconnected"


async def test_without_a_trunk_nothing_is_promised(stack: Stack, http: httpx.AsyncClient) -> None:
    session = await sessions.new(http)
    refused = await http.post(f"/sessions/{session['id']}/dial", json={"to": "sip:bob@example.com"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "no_route")
    assert stack.addresses.sip_uri
