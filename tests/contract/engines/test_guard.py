"""The guard with real engine processes, one of which stands still or dies in the middle of an utterance."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from media_worker.engines import scripted
from media_worker.engines.base import StreamSpec
from media_worker.engines.guard import Guard
from media_worker.engines.guarded_engines import GuardedEngines
from media_worker.engines.heartbeat import BeatRules
from media_worker.engines.pool import EnginePool
from media_worker.engines.registry import EngineSettings, EnginesNotAvailable
from media_worker.settings import WorkerSettings
from media_worker.wiring import guarded_engines

SPEC = StreamSpec("en", 8000)
HELLO = scripted.utterance("en", 0, 8000)
HELLO_TEXT = scripted.LINES["en"][0]
SOON = BeatRules(every_s=0.1, silent_s=0.6)


class Call:
    def __init__(self, pool: EnginePool, fallback: EnginePool | None = None) -> None:
        self.pool = pool
        self.told: list[str] = []
        self.partials: list[str] = []
        self.guard = Guard(pool, fallback, asyncio.get_running_loop().time, random.random)
        self.engines = GuardedEngines(self.guard).telling(self.told.append)
        self.listener = self.engines.listen(SPEC, self.partials.append)

    async def begin(self) -> None:
        """Half an utterance, of which something was heard."""
        self.listener.begin()
        self.listener.feed(HELLO[: len(HELLO) // 2])
        async with asyncio.timeout(10):
            while not self.partials:
                await asyncio.sleep(0.01)

    async def go_on(self) -> str:
        self.listener.feed(HELLO[len(HELLO) // 2 :])
        return (await self.listener.finish()).text

    @property
    def pid(self) -> int:
        pid = self.pool.stats().processes[0].pid
        assert pid is not None
        return pid


@asynccontextmanager
async def call(beats: BeatRules | None = None, *, fallback: bool = False) -> AsyncIterator[Call]:
    settings = EngineSettings(Path("unused"))
    pools = [await EnginePool.start("scripted", settings, beats=beats) for _ in range(2 if fallback else 1)]
    try:
        yield Call(*pools)
    finally:
        await asyncio.gather(*(pool.close() for pool in pools))


async def test_a_process_that_stands_still_in_mid_utterance_is_replaced_and_the_whole_is_heard() -> None:
    async with call(SOON) as one:
        await one.begin()
        stopped = one.pid
        os.kill(stopped, signal.SIGSTOP)
        async with asyncio.timeout(8):  # sooner than the answer to its end would be given up
            assert await one.go_on() == HELLO_TEXT
        assert one.pid != stopped
        assert one.told == ["recognition_restarted"]
        assert one.pool.stats().processes[0].restarts == 1


async def test_a_process_that_dies_in_mid_utterance_costs_nothing_but_a_moment() -> None:
    async with call() as one:
        await one.begin()
        os.kill(one.pid, signal.SIGKILL)
        assert await one.go_on() == HELLO_TEXT
        assert one.told == ["recognition_restarted"]


async def test_translations_survive_the_process_that_made_them() -> None:
    async with call(SOON) as one:
        os.kill(one.pid, signal.SIGSTOP)
        assert await one.engines.translate("hello", "en", "es") == "[es] hello"
        assert one.guard.counts["translation_retried"] >= 1


async def test_a_worker_starts_the_engines_that_step_in_as_well(tmp_path: Path) -> None:
    engines = await guarded_engines(settings("scripted", tmp_path, ENGINE_FALLBACK_OPTIONS='{"translate_s": "0.01"}'))
    try:
        assert engines.capabilities.name == "scripted"
        assert await engines.translate("hello", "en", "es") == "[es] hello"
    finally:
        await engines.close()


async def test_engines_that_cannot_step_in_stop_the_worker_at_its_start(tmp_path: Path) -> None:
    with pytest.raises(EnginesNotAvailable, match="no speech models in"):
        await guarded_engines(settings("embedded", tmp_path))


def settings(fallback: str, models: Path, **more: str) -> WorkerSettings:
    needed = (
        "SESSIONS_TABLE",
        "ACCESS_TABLE",
        "OUTBOX_TABLE",
        "RECORDINGS_BUCKET",
        "KNOWLEDGE_BUCKET",
        "STREAM_TOKEN_SECRET_ARN",
    )
    names = dict.fromkeys((*needed, "INBOX_PREFIX", "EVENT_BUS"), "x") | {
        "IDLE_TIMEOUT_S": "1",
        "MODELS_DIR": str(models),
    }
    chosen = {"KALLGLOT_ENGINES": "scripted", "ENGINE_FALLBACK": fallback, "RECONNECT_WINDOW_S": "1"}
    return WorkerSettings.read(names | chosen | more)


async def test_a_process_that_only_waits_is_not_taken_for_dead() -> None:
    async with call(BeatRules(every_s=0.05, silent_s=0.5)) as one:
        pid = one.pid
        await asyncio.sleep(1.0)  # longer than a dead one would be given
        assert one.pid == pid


async def test_audio_beyond_the_backlog_can_still_be_heard_again() -> None:
    """Heard again, ten seconds come at once; the limit is for what an engine cannot follow, not for that."""
    long = scripted.tone(0, 10.0, 8000)
    async with call() as one:
        one.listener.begin()
        for start in range(0, len(long), 3200):
            one.listener.feed(long[start : start + 3200])
            await asyncio.sleep(0.002)
        os.kill(one.pid, signal.SIGKILL)
        assert (await one.listener.finish()).text == HELLO_TEXT
