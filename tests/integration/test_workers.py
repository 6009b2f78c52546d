"""Two workers, one session: what happens to a call when it meets both, and when one of them goes."""

from __future__ import annotations

import asyncio
import io
import signal
import time
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio

from core.domain.recordings import RATE_HZ, Chunk
from core.domain.sessions import Session
from core.domain.transcripts import Turn
from kallglot import AsyncKallglot
from local.stack import Stack
from tests.integration.store import TENANT, Store
from tests.integration.test_recordings import download, until
from tests.integration.test_streams import new_session
from tests.integration.wire import Wire, wire
from tests.integration.workers import Member, member, persistent, speak

pytestmark = pytest.mark.asyncio(loop_scope="session")
CHUNK_S = 10.0
# A worker is dead for the others 15 s after its last beat.
UNNOTICED_DEATH_S = 15.0
_LOUD = 1000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stays(stack: Stack) -> AsyncIterator[Member]:
    """The worker that is still there at the end of every test."""
    async with member(stack, "stays") as up:
        yield up


@pytest_asyncio.fixture(loop_scope="session")
async def goes(stack: Stack) -> AsyncIterator[Member]:
    async with member(stack, "goes") as up:
        yield up


@asynccontextmanager
async def at(worker: Member, session: dict[str, Any], participant: str, query: str = "") -> AsyncIterator[Wire]:
    async with wire(worker.stream(session, participant, query)) as opened:
        await opened.until("session.ready")
        yield opened


def stored(store: Store, session: dict[str, Any]) -> Session:
    found = store.sessions.find(TENANT, session["id"])
    assert found is not None
    return found


def turns(store: Store, session: dict[str, Any]) -> list[Turn]:
    return store.sessions.turns(TENANT, session["id"])


def chunks(store: Store, session: dict[str, Any]) -> list[Chunk]:
    return store.sessions.chunks(TENANT, session["id"])


async def customers_side(stack: Stack, session: dict[str, Any]) -> memoryview:
    """The 16-bit samples of the session's one finished recording."""
    headers = {"Authorization": f"Bearer {stack.addresses.api_key}"}
    async with httpx.AsyncClient(base_url=stack.addresses.api_url, headers=headers, timeout=30) as http:
        shown = await until(http, session["id"], lambda entry: entry["status"] != "processing")
        assert shown["status"] == "ready"
        got = await download(http, shown["id"], "wav")
    with wave.open(io.BytesIO(got.content)) as wav:
        assert (wav.getnchannels(), wav.getframerate()) == (2, RATE_HZ)
        return memoryview(wav.readframes(wav.getnframes())).cast("h")[0::2]


def heard_from(samples: memoryview, from_s: float) -> float:
    """When (s) the first loud sample after `from_s` is."""
    start = int(from_s * RATE_HZ)
    return next(at for at in range(start, len(samples)) if abs(samples[at]) > _LOUD) / RATE_HZ


async def sessions_at(worker: Member) -> int:
    async with httpx.AsyncClient(trust_env=False) as http:
        return int((await http.get(f"http://127.0.0.1:{worker.port}/healthz")).json()["sessions"])


async def test_parties_at_two_workers_hear_each_other_translated(
    api: AsyncKallglot, stays: Member, goes: Member, question: bytes
) -> None:
    session = await new_session(api)
    async with at(goes, session, "customer") as customer, at(stays, session, "agent") as agent:
        await speak(customer, "customer", question)
        asked = await agent.until("transcript.final")
        assert (asked["speaker"], asked["translation"]["language"]) == ("customer", "es")
        heard = await agent.until("audio.output")
        assert (heard["target"], heard["language"], heard["segment_id"]) == ("agent", "es", asked["id"])
        await speak(agent, "agent", question)
        answered = await customer.until("audio.output")
        assert (answered["target"], answered["language"]) == ("customer", "en")
        assert (await sessions_at(goes), await sessions_at(stays)) == (1, 0)
    ended = await api.sessions.end(session["id"])
    assert ended["transcript"]["available"] is True


async def test_a_dropped_stream_comes_back_by_another_worker_and_misses_nothing(
    api: AsyncKallglot, stays: Member, goes: Member
) -> None:
    session = await new_session(api)
    async with at(goes, session, "customer") as customer:
        async with at(goes, session, "agent") as agent:
            await customer.text("one", "customer")
            first = await agent.until("transcript.final")
            agent.drop()
        await customer.text("two", "customer")
        await customer.until("transcript.final")
        second = await customer.until("transcript.final")
        async with wire(stays.stream(session, "agent", f"&last_sequence={first['sequence']}")) as again:
            greeting = await again.until("session.ready")
            assert (greeting["resumed"], greeting["last_sequence"]) == (True, second["sequence"])
            assert await again.until("transcript.final") == second
            await again.text("three", "agent")
            third = await again.until("transcript.final")
    assert [first["sequence"], second["sequence"], third["sequence"]] == [1, 2, 3]
    await api.sessions.end(session["id"])
    transcript = await api.sessions.transcript(session["id"])
    assert [turn["text"] for turn in transcript["turns"]] == ["one", "two", "three"]


async def test_a_killed_worker_costs_ten_seconds_of_recording_and_no_final(
    api: AsyncKallglot, stack: Stack, store: Store, stays: Member, goes: Member, question: bytes
) -> None:
    session = await new_session(api, recording={"enabled": True, "channels": "dual"})
    async with at(goes, session, "customer") as customer:
        began = time.monotonic()
        await speak(customer, "customer", question, silence_s=1.0)
        said = await customer.until("transcript.final")
        await speak(customer, "customer", b"", silence_s=max(0.0, 11.0 - (time.monotonic() - began)))
        before = stored(store, session)
        killed_s = time.monotonic() - began
        goes.process.kill()
        assert await customer.closed() in (1006, None)
    async with persistent(stays.stream(session, "customer")) as customer:
        taken_s = time.monotonic() - began
        assert customer.seen[0]["resumed"] is True
        assert customer.seen[0]["last_sequence"] >= said["sequence"]
        await speak(customer, "customer", question, silence_s=1.0)
        again = await customer.until("transcript.final")
        assert again["sequence"] == customer.seen[0]["last_sequence"] + 1
        assert again["start_time"] >= taken_s - 1.0
        spoken_s = time.monotonic() - began - taken_s
    after = stored(store, session)
    assert (after.recording.id, after.started_at) == (before.recording.id, before.started_at)
    assert after.epoch == before.epoch + 1
    ended = await api.sessions.end(session["id"])
    transcript = await api.sessions.transcript(session["id"])
    assert {said["id"], again["id"]} <= {turn["id"] for turn in transcript["turns"]}
    mine = [chunk for chunk in chunks(store, session) if chunk.offset_s < killed_s]
    theirs = [chunk for chunk in chunks(store, session) if chunk.offset_s >= killed_s]
    assert sum(chunk.duration_s for chunk in mine) >= killed_s - CHUNK_S
    assert theirs and theirs[0].offset_s == pytest.approx(taken_s, abs=1.0)
    assert [chunk.index for chunk in mine + theirs] == list(range(len(mine + theirs)))
    talked_s = killed_s + spoken_s
    assert talked_s - CHUNK_S - 1 <= ended["usage"]["active_seconds"] <= talked_s + 1
    over = stored(store, session)
    assert over.started_at is not None and over.ended_at is not None
    samples = await customers_side(stack, session)
    assert len(samples) / RATE_HZ == pytest.approx((over.ended_at - over.started_at).total_seconds(), abs=0.5)
    assert heard_from(samples, 0.0) == pytest.approx(said["start_time"], abs=0.2)
    # Nobody spoke from the end of the first question to the takeover: what is heard next is the second one.
    assert heard_from(samples, said["end_time"] + 0.5) == pytest.approx(again["start_time"], abs=0.2)


async def test_a_paused_worker_is_fenced_out_and_lets_go_when_it_wakes(
    api: AsyncKallglot, store: Store, stays: Member, goes: Member
) -> None:
    session = await new_session(api)
    async with at(goes, session, "customer") as asleep:
        await asleep.text("before", "customer")
        await asleep.until("transcript.final")
        goes.process.send_signal(signal.SIGSTOP)
        try:
            await asleep.text("into the void", "customer")
            async with persistent(stays.stream(session, "customer")) as awake:
                await awake.text("meanwhile", "customer")
                await awake.until("transcript.final")
                goes.process.send_signal(signal.SIGCONT)
                assert await asleep.closed() == 1012
                await awake.text("after", "customer")
                await awake.until("transcript.final")
                assert (await sessions_at(goes), await sessions_at(stays)) == (0, 1)
        finally:
            goes.process.send_signal(signal.SIGCONT)
    assert [turn.text for turn in turns(store, session)] == ["before", "meanwhile", "after"]
    await api.sessions.end(session["id"])


async def test_a_stopping_worker_hands_its_calls_over_at_once(
    api: AsyncKallglot, store: Store, stays: Member, goes: Member, question: bytes
) -> None:
    session = await new_session(api, recording={"enabled": True})
    async with at(goes, session, "customer") as customer, at(stays, session, "agent") as relayed:
        await speak(customer, "customer", question, silence_s=0.0)
        told_to_stop = time.monotonic()
        goes.process.terminate()
        assert await customer.closed() == await relayed.closed() == 1012
        async with persistent(stays.stream(session, "customer"), within_s=UNNOTICED_DEATH_S / 2) as again:
            last_words = [message for message in customer.seen if message["type"] == "transcript.final"]
            assert (again.seen[0]["resumed"], again.seen[0]["last_sequence"]) == (True, 1)
            assert [turn.id for turn in turns(store, session)] == [message["id"] for message in last_words]
            assert time.monotonic() - told_to_stop < UNNOTICED_DEATH_S / 2
            recorded_s = sum(chunk.duration_s for chunk in chunks(store, session))
            assert recorded_s >= len(question) / 8000 - 0.5
    assert await asyncio.wait_for(goes.process.wait(), 15) == 0
    await api.sessions.end(session["id"])
