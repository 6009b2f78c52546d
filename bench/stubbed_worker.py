"""A media worker whose engines and stores cost nothing: what is left is the media plane.

Everything else is the product's own: server, dialect, conversations, lanes, the Silero detector, recording, ledger.
Prints one JSON line with its port when it listens, one with how late its detector has been for every character on
its standard input, and ends with that.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import uvloop
from aiohttp import web

from core.adapters.json_schemas import JsonSchemas
from core.adapters.system import RandomIds, SystemClock
from core.domain.access import Tenant, stream_token
from core.domain.events import Event
from core.domain.rotation import fixed
from core.domain.sessions import Mode, Recording, Role, Session, Timeouts
from core.ports import Commit
from core.services.changes import Changes
from core.services.streams import StreamService
from core.services.tool_calls import ToolCallService
from media_worker.audio.vad import VadBank
from media_worker.engines.base import Capabilities, Recognition, SpeechRequest, StreamSpec
from media_worker.pipeline.calls import Calls
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.herald import Herald
from media_worker.pipeline.offload import ThreadOffload
from media_worker.pipeline.voice_activity import VoiceActivity
from media_worker.server import MediaServer
from tests.fakes.agents import MemoryToolCalls
from tests.fakes.stores import MemoryRecordings, MemorySessions, MemoryWorkers

TENANT = Tenant("org_bench", livemode=False)
TOKEN_KEY = bytes(32)
_LOOK_S = 0.05
_LOOKS = 40


class StubListener:
    broken = None

    def begin(self, pcm: bytes = b"") -> None:
        pass

    def feed(self, pcm: bytes) -> None:
        pass

    async def finish(self) -> Recognition:
        return Recognition("a turn of some length was spoken here", "en", 0.9)

    async def close(self) -> None:
        pass


class StubEngines:
    capabilities = Capabilities(
        "stub", frozenset({"en", "es"}), frozenset({("en", "es"), ("es", "en")}), frozenset({"en", "es"})
    )

    def telling(self, on_notice: Callable[[str], None]) -> StubEngines:
        return self

    def listen(self, spec: StreamSpec, on_partial: Callable[[str], None]) -> StubListener:
        return StubListener()

    async def translate(self, text: str, source: str, target: str) -> str:
        return text

    async def speak(self, request: SpeechRequest) -> AsyncIterator[bytes]:
        yield bytes(request.rate_hz * 2)

    async def close(self) -> None:
        pass


class ForgetfulRecordings(MemoryRecordings):
    """Takes chunks and keeps none, so that memory is the worker's own."""

    def put_chunk(self, key: str, pcm: bytes) -> None:
        pass


class ForgetfulSessions(MemorySessions):
    """Keeps the sessions and nothing that they made: a store has that, not the worker."""

    def commit(self, commit: Commit) -> Session:
        return super().commit(replace(commit, turns=(), chunks=(), events=()))


async def serve(kind: str, streams: int, listed: Path) -> None:
    clock = SystemClock()
    sessions = ForgetfulSessions(clock)
    workers = MemoryWorkers()
    workers.beat("worker_bench", clock.now() + timedelta(days=1))
    changes = Changes(sessions, clock, RandomIds(clock), Timeouts())
    entry = _telephone if kind == "pairs" else _browser
    listed.write_text("".join(entry(sessions, clock, number) for number in range(streams)))
    loop = asyncio.get_running_loop()
    activity = VoiceActivity(VadBank())
    equipment = Equipment(
        service=StreamService(changes, workers, fixed(TOKEN_KEY), "worker_bench"),
        tool_calls=ToolCallService(changes, MemoryToolCalls(sessions), JsonSchemas()),
        recordings=ForgetfulRecordings(),
        engines=StubEngines(),
        voice_activity=activity,
        herald=Herald(_nobody_watches, ThreadOffload(ThreadPoolExecutor(1, "herald")), clock, RandomIds(clock)),
        offload=ThreadOffload(ThreadPoolExecutor(16, "writer")),
        time=loop.time,
        clock=clock,
        ids=RandomIds(clock),
    )
    calls = Calls(equipment)
    server = MediaServer(calls)
    runner = web.AppRunner(server.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    work = (calls.run(), activity.run(), server.beat_for_ever())
    background = [asyncio.create_task(coroutine) for coroutine in work]
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    late: deque[int] = deque(maxlen=_LOOKS)
    background.append(asyncio.create_task(_watch(activity, late)))
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    while await loop.run_in_executor(None, partial(sys.stdin.read, 1)):
        print(json.dumps({"detector_late_ms": max(late)}), flush=True)
    for task in background:
        task.cancel()


def _nobody_watches(_events: Sequence[Event]) -> None:
    raise AssertionError("nobody watches")


async def _watch(activity: VoiceActivity, late: deque[int]) -> None:
    while True:
        await asyncio.sleep(_LOOK_S)
        late.append(activity.late_ms)


def _browser(sessions: MemorySessions, clock: SystemClock, number: int) -> str:
    """Customer and agent on one socket; the agent hears the customer's own voice."""
    path, token = _session(sessions, clock, number, Mode.ASSISTIVE_TRANSLATION, "es")
    return f"{path}?token={token}\n"


def _telephone(sessions: MemorySessions, clock: SystemClock, number: int) -> str:
    """Two telephones in a session of one language: each hears the other as it is, both are transcribed."""
    path, token = _session(sessions, clock, number // 2, Mode.BIDIRECTIONAL_TRANSLATION, "en")
    return f"{path} {token} {tuple(Role)[number % 2]}\n"


def _session(
    sessions: MemorySessions, clock: SystemClock, number: int, mode: Mode, target_language: str
) -> tuple[str, str]:
    """Path and token; the session is made if it is not there yet."""
    session = Session(
        id=f"sess_{number:06d}",
        tenant=TENANT,
        mode=mode,
        created_at=clock.now(),
        source_language="en",
        target_language=target_language,
        recording=Recording(enabled=True),
    )
    if sessions.find(TENANT, session.id) is None:
        sessions.commit(Commit(session, None, None))
    token = stream_token(TOKEN_KEY, TENANT, session.id, session.created_at, clock.now()).text
    return f"/v1/sessions/{session.id}/connect", token


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("kind", choices=("json", "pairs"))
    arguments.add_argument("streams", type=int)
    arguments.add_argument("listed", type=Path, help="the file that gets a line per stream, for the load generator")
    given = arguments.parse_args()
    sys.setswitchinterval(0.0005)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(given.kind, given.streams, given.listed))


if __name__ == "__main__":
    main()
