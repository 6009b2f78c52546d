"""Ends, reconnects and the sweep."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import boto3
import httpx
import pytest

from kallglot import AsyncKallglot
from tests.integration.store import Store, function_named
from tests.integration.test_streams import new_session
from tests.integration.wire import ready, wire

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_client_ends_its_session_and_is_told_so(api: AsyncKallglot) -> None:
    session = await new_session(api)
    async with ready(session) as socket:
        await socket.text("Buenos días.")
        await socket.until("transcript.final")
        await socket.send({"type": "session.end"})
        assert (await socket.until("session.ended"))["reason"] == "explicit_end"
        assert await socket.closed() == 1000
    ended = await api.sessions.wait_until(session["id"], timeout_s=10)
    assert ended["end_reason"] == "completed"


async def test_ending_by_api_ends_the_socket(api: AsyncKallglot) -> None:
    session = await new_session(api)
    async with ready(session) as socket:
        began = time.monotonic()
        ended = await api.sessions.end(session["id"], reason="agent_hangup")
        assert time.monotonic() - began < 5
        assert (ended["status"], ended["end_reason"]) == ("ended", "agent_hangup")
        assert (await socket.until("session.ended"))["reason"] == "ended_by_api"
        assert await socket.closed() == 1000


async def test_an_ended_session_takes_no_socket(api: AsyncKallglot) -> None:
    session = await new_session(api)
    await api.sessions.end(session["id"])
    async with wire(session) as socket:
        assert await socket.closed() == 4409


async def test_a_reconnect_keeps_the_transcript_and_its_sequence(api: AsyncKallglot) -> None:
    session = await new_session(api)
    async with ready(session) as first:
        await first.text("Buenos días.")
        said = await first.until("transcript.final")
        first.drop()
    async with wire(session) as second:
        greeting = await second.until("session.ready")
        assert (greeting["resumed"], greeting["last_sequence"]) == (True, said["sequence"])
        await second.text("Muchas gracias.")
        again = await second.until("transcript.final")
    assert again["sequence"] == said["sequence"] + 1
    await api.sessions.end(session["id"])
    transcript = await api.sessions.transcript(session["id"])
    assert [turn["id"] for turn in transcript["turns"]] == [said["id"], again["id"]]
    assert transcript["status"] == "completed"


async def test_a_session_ended_during_a_reconnect_stays_ended(api: AsyncKallglot) -> None:
    session = await new_session(api)
    async with ready(session) as first:
        await first.text("Buenos días.")
        await first.until("transcript.final")
        first.drop()
    ended = await api.sessions.end(session["id"])
    assert ended["status"] == "ended"
    assert ended["transcript"]["available"] is True
    async with wire(session) as second:
        assert await second.closed() == 4409


async def test_two_sockets_share_one_session(api: AsyncKallglot) -> None:
    session = await new_session(api)
    async with ready(session) as agent, ready(session) as customer:
        await agent.text("Buenos días.", "agent")
        assert (await customer.until("transcript.final"))["speaker"] == "agent"
        assert (await agent.until("transcript.final"))["speaker"] == "agent"


async def test_the_sweep_ends_a_session_that_nobody_used(
    api: AsyncKallglot, http: httpx.AsyncClient, store: Store
) -> None:
    idle, fresh = await new_session(api), await new_session(api)
    past = timedelta(minutes=31)
    store.change(idle["id"], lambda s: replace(s, created_at=s.created_at - past), due_in=-timedelta(minutes=1))
    name = function_named("lambdas.scheduled.sweep.handler")["FunctionName"]
    answer = boto3.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
    ended = await api.sessions.wait_until(idle["id"], timeout_s=5)
    assert ended["end_reason"] == "timeout"
    assert (await http.get(f"/sessions/{fresh['id']}")).json()["status"] == "created"
