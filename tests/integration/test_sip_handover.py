"""A call by SIP whose worker goes away: the telephone stays connected, and is heard by the next worker."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx
import pytest

from local.stack import Stack
from tests.integration.cutting import wire_to
from tests.integration.workers import member
from tests.sip import sessions
from tests.sip.caller import calling
from tests.sip.gateways import another

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_call_outlives_the_worker_of_its_session(
    stack: Stack, http: httpx.AsyncClient, tmp_path: Path, question: bytes
) -> None:
    session = await sessions.new(http)
    async with (
        member(stack, "sip-stays") as stays,
        member(stack, "sip-goes") as goes,
        wire_to(f"http://127.0.0.1:{goes.port}") as balancer,
        another(stack, tmp_path, STREAM_URL=f"ws://127.0.0.1:{balancer.port}") as port,
        calling(port, session["id"]) as caller,
    ):
        await caller.call()
        caller.media.say(question)
        first = await sessions.until(http, session["id"], lambda shown: len(shown["turns"]) == 1, "/transcript")

        balancer.to_port = stays.port
        goes.process.send_signal(signal.SIGTERM)
        await goes.process.wait()
        caller.media.say(question)
        second = await sessions.until(http, session["id"], lambda shown: len(shown["turns"]) == 2, "/transcript")

        assert second["turns"][0]["id"] == first["turns"][0]["id"]
        assert second["turns"][1]["speaker"] == "customer"
        shown = await sessions.shown(http, session["id"])
        assert shown["provider"]["status"] == "connected"
        assert not [request for request in caller.received if request.status == 0]
        assert (await caller.request("BYE")).status == 200
    shown = await sessions.until(http, session["id"], lambda shown: shown["provider"]["status"] == "disconnected")
    assert "reason" not in shown["provider"]
    await http.post(f"/sessions/{session['id']}/end")
