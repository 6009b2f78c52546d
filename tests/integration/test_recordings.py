"""From audio on a socket to files behind a link, and the bill; all of it through what is deployed."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3
import httpx
import pytest
import pytest_asyncio

from core.domain.recordings import RATE_HZ, Chunk, chunk_key
from core.services.streams import Progress
from kallglot import AsyncKallglot
from local.stack import Stack
from tests.integration.store import TENANT, Store
from tests.integration.test_streams import new_session
from tests.integration.wire import ready

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The finalizer takes ends one after the other, and a hundred of other tests may be before this one.
_PATIENCE_S = 90.0
_LOOK_S = 0.2
_PIECE = 4000
Json = Mapping[str, Any]


@dataclass
class Recorded:
    """A call that was recorded: what the API said while it ran, and once its files were there."""

    session: Json
    running: list[Json]
    recording: Json
    spoken_s: float
    used_before_s: float


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def call(stack: Stack, question: bytes) -> Recorded:
    """One caller speaks, the agent is silent."""
    headers = {"Authorization": f"Bearer {stack.addresses.api_key}"}
    async with (
        AsyncKallglot(stack.addresses.api_url, stack.addresses.api_key) as api,
        httpx.AsyncClient(base_url=stack.addresses.api_url, headers=headers, timeout=30) as http,
    ):
        before = await used_s(http)
        session = await new_session(api, recording={"enabled": True, "channels": "dual"})
        async with ready(session) as socket:
            for start in range(0, len(question), _PIECE):
                piece = question[start : start + _PIECE]
                await socket.audio(piece)
                # As fast as people speak: faster than time passes, audio is refused.
                await asyncio.sleep(len(piece) / RATE_HZ)
            running = (await http.get(f"/sessions/{session['id']}/recordings")).json()["data"]
        await api.sessions.end(session["id"])
        recording = await until(http, session["id"], lambda shown: shown["status"] != "processing")
        ended = (await api.sessions.get(session["id"])).raw
        return Recorded(ended, running, recording, len(question) / RATE_HZ, before)


async def until(http: httpx.AsyncClient, session_id: str, done: Callable[[Json], bool]) -> Json:
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            [shown] = (await http.get(f"/sessions/{session_id}/recordings")).json()["data"]
            if done(shown):
                return dict(shown)
            await asyncio.sleep(_LOOK_S)


async def used_s(http: httpx.AsyncClient) -> float:
    return float((await http.get("/usage")).json()["total"]["active_seconds"])


async def download(http: httpx.AsyncClient, recording_id: str, form: str) -> httpx.Response:
    """By the link alone, as whoever is given it would."""
    answer = await http.get(f"/recordings/{recording_id}/audio", params={"format": form})
    assert answer.status_code == 302
    async with httpx.AsyncClient() as anybody:
        return await anybody.get(answer.headers["location"])


def objects(stack: Stack, recording_id: str) -> list[str]:
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=stack.outputs.recordings_bucket)
    return [item["Key"] for page in pages for item in page.get("Contents", []) if recording_id in item["Key"]]


async def test_while_the_call_runs_its_recording_is_processing(call: Recorded) -> None:
    [shown] = call.running
    assert (shown["status"], shown["download_url"], shown["duration"]) == ("processing", None, None)
    assert shown["id"] == call.recording["id"]


async def test_a_call_becomes_one_wav_with_each_speaker_on_a_side(call: Recorded, http: httpx.AsyncClient) -> None:
    got = await download(http, call.recording["id"], "wav")

    assert (got.status_code, got.headers["content-type"]) == (200, "audio/wav")
    assert len(got.content) == call.recording["size"]
    with wave.open(io.BytesIO(got.content)) as wav:
        assert (wav.getnchannels(), wav.getframerate(), wav.getsampwidth()) == (2, RATE_HZ, 2)
        assert wav.getnframes() / RATE_HZ == pytest.approx(call.recording["duration"], abs=0.001)
        frames = memoryview(wav.readframes(wav.getnframes())).cast("h")
    assert call.recording["duration"] == pytest.approx(call.spoken_s, abs=2)
    customer, agent = frames[0::2], frames[1::2]
    assert max(customer) > 1000
    assert max(agent) == 0


async def test_a_part_of_it_is_fetched_by_its_range(call: Recorded, http: httpx.AsyncClient) -> None:
    whole = (await download(http, call.recording["id"], "wav")).content
    url = (await http.get(f"/recordings/{call.recording['id']}/audio?format=wav")).headers["location"]

    async with httpx.AsyncClient() as anybody:
        parts = [await anybody.get(url, headers={"Range": range_}) for range_ in ("bytes=44-1043", "bytes=-500")]
        beyond = await anybody.get(url, headers={"Range": f"bytes={len(whole)}-"})

    assert [part.status_code for part in parts] == [206, 206]
    assert [part.content for part in parts] == [whole[44:1044], whole[-500:]]
    assert parts[0].headers["content-range"] == f"bytes 44-1043/{len(whole)}"
    assert beyond.status_code == 416


async def test_and_one_mp3_of_the_same_length(call: Recorded, http: httpx.AsyncClient) -> None:
    got = await download(http, call.recording["id"], "mp3")

    assert (got.status_code, got.headers["content-type"]) == (200, "audio/mpeg")
    assert got.content[:2] == b"\xff\xe3"
    assert len(got.content) * 8 / 48_000 == pytest.approx(call.recording["duration"], abs=0.3)


async def test_the_link_in_the_recording_is_the_wav(call: Recorded, http: httpx.AsyncClient) -> None:
    shown = (await http.get(f"/recordings/{call.recording['id']}")).json()

    async with httpx.AsyncClient() as anybody:
        got = await anybody.get(shown["download_url"])

    assert got.content[:4] == b"RIFF"
    assert shown["id"] in got.headers["content-disposition"]


async def test_it_says_when_it_will_be_forgotten(call: Recorded) -> None:
    created, expires = (datetime.fromisoformat(call.recording[name]) for name in ("created_at", "expires_at"))
    assert (expires - created).days == 365


async def test_what_was_used_is_on_the_day(call: Recorded, http: httpx.AsyncClient) -> None:
    used = call.session["usage"]["active_seconds"]
    assert used == pytest.approx(call.spoken_s, abs=2)
    report = (await http.get("/usage")).json()
    assert report["total"]["active_seconds"] - call.used_before_s >= used - 0.002
    assert report["data"][-1]["active_seconds"] > 0


async def test_chunks_that_come_after_the_end_get_in(call: Recorded, http: httpx.AsyncClient, store: Store) -> None:
    session = store.sessions.find(TENANT, call.session["id"])
    assert session is not None
    index, begins_s = 900, call.recording["duration"] + 1.0
    key = chunk_key(session, index)
    boto3.client("s3").put_object(Bucket=store.outputs.recordings_bucket, Key=key, Body=b"\x00\x10" * 2 * RATE_HZ)

    store.streams_of(session).progress(session, Progress(chunks=(Chunk(index, key, begins_s, 1.0),)))

    grown = await until(http, session.id, lambda shown: shown["duration"] > begins_s)
    assert grown["duration"] == pytest.approx(begins_s + 1.0, abs=0.001)
    got = await download(http, call.recording["id"], "wav")
    with wave.open(io.BytesIO(got.content)) as wav:
        assert wav.getnframes() / RATE_HZ == pytest.approx(grown["duration"], abs=0.001)
        last = wav.readframes(wav.getnframes())[-4 * RATE_HZ :]
    assert last == b"\x00\x10" * 2 * RATE_HZ


async def test_a_deleted_recording_leaves_nothing_behind(call: Recorded, http: httpx.AsyncClient, stack: Stack) -> None:
    """The last of this module: it takes the recording that the others look at."""
    recording_id = call.recording["id"]
    link = (await http.get(f"/recordings/{recording_id}")).json()["download_url"]
    assert objects(stack, recording_id)

    answer = await http.delete(f"/recordings/{recording_id}")

    assert (answer.status_code, answer.json()["deleted"]) == (200, True)
    assert objects(stack, recording_id) == []
    assert (await http.get(f"/recordings/{recording_id}")).status_code == 404
    async with httpx.AsyncClient() as anybody:
        assert (await anybody.get(link)).status_code == 404
