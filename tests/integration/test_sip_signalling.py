"""Calls by SIPp through the deployed stack: how telephone systems begin, hold, refresh, cancel and end them."""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.sip import baresip, caller, scenarios, sessions
from tests.sip.sipp import Load, Sipp

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def sipp(tmp_path: Path, gateway_port: int) -> Sipp:
    return Sipp(tmp_path, gateway_port)


@pytest.mark.parametrize("transport", ["u1", "t1"])
async def test_short_calls(sipp: Sipp, http: httpx.AsyncClient, transport: str) -> None:
    called = await sessions.many(http, 3)

    counted = await sipp.run(scenarios.short(), called, Load(6, per_second=3, at_once=1), transport=transport)

    assert (counted.succeeded, counted.failed) == (6, 0)


async def test_nobody_is_told_which_sessions_there_are(sipp: Sipp) -> None:
    unknown = ["sess_01JZZZZZZZZZZZZZZZZZZZZZZZ", "somebody", "sess_"]

    assert (await sipp.run(scenarios.refused("unknown", 404), unknown, Load(3))).failed == 0


async def test_a_session_that_has_ended_takes_no_call(sipp: Sipp, http: httpx.AsyncClient) -> None:
    session = await sessions.new(http)
    await http.post(f"/sessions/{session['id']}/end")

    await sipp.run(scenarios.refused("ended", 410), [session["id"]])


async def test_a_call_is_cancelled_before_it_is_taken(gateway_port: int, http: httpx.AsyncClient) -> None:
    session = await sessions.new(http, provider={"type": "sip"})

    async with caller.calling(gateway_port, session["id"]) as telephone:
        telephone.send_invite()
        telephone.cancel()
        assert (await telephone.final("INVITE")).status == 487
        telephone.ack_of_refusal()
        assert (await telephone.final("CANCEL")).status == 200

    told = await sessions.until(http, session["id"], lambda shown: shown["provider"]["status"] != "connected")
    assert told["provider"]["status"] in ("pending", "disconnected")


async def test_hold_and_resume(sipp: Sipp, http: httpx.AsyncClient) -> None:
    await sipp.run(scenarios.held_and_resumed(), await sessions.many(http, 1))


async def test_session_timers(sipp: Sipp, http: httpx.AsyncClient) -> None:
    await sipp.run(scenarios.refreshed(), await sessions.many(http, 1))


@pytest.mark.parametrize("transport", ["u1", "t1"])
async def test_a_pbx_asks_whether_we_are_there(sipp: Sipp, transport: str) -> None:
    await sipp.run(scenarios.asked_whether_it_is_there(), ["anybody"], transport=transport)


async def test_headers_become_metadata(sipp: Sipp, http: httpx.AsyncClient) -> None:
    session = await sessions.new(http, metadata={"campaign": "spring"})

    await sipp.run(scenarios.with_metadata(), [session["id"]])

    told = (await sessions.shown(http, session["id"]))["metadata"]
    assert told == {"campaign": "spring", "sip_x_order": "4729", "sip_x_queue": "returns"}


@pytest_asyncio.fixture(loop_scope="session")
async def credential(http: httpx.AsyncClient) -> AsyncIterator[tuple[str, str]]:
    """While there is one, nobody is let in without a password."""
    made = (await http.post("/sip_credentials", json={"username": "pbx"})).json()
    yield made["username"], made["password"]
    await http.delete(f"/sip_credentials/{made['id']}")


async def test_passwords(sipp: Sipp, http: httpx.AsyncClient, credential: tuple[str, str], tmp_path: Path) -> None:
    session = await sessions.new(http)

    await sipp.run(scenarios.refused("without-password", 401), [session["id"]])
    await sipp.run(scenarios.with_wrong_password(), [session["id"]], credentials=("pbx", "something else"))
    await sipp.run(scenarios.with_password(), [session["id"]], credentials=credential)

    target, silence = f"sip:{session['id']}@127.0.0.1:{sipp.port}", array("h", bytes(2 * 8000 * 20))
    async with baresip.calling(tmp_path / "telephone", target, silence, credentials=credential):
        assert (await sessions.shown(http, session["id"]))["provider"]["status"] == "connected"
