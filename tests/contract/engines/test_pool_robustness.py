"""What the pool does when something goes wrong, with real processes. Waits here are for processes to end or start."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from media_worker.engines import scripted
from media_worker.engines.base import EngineError, SpeechRequest, StreamSpec
from media_worker.engines.pool import EnginePool, Limits, Restarts
from media_worker.engines.pool_requests import SPEECH_WINDOW, Timeouts
from media_worker.engines.registry import EngineSettings, EnginesNotAvailable
from tests.contract.engines.kinds import KINDS, PROJECT

SPEC = StreamSpec("en", 8000)
HELLO = scripted.utterance("en", 0, 8000)
HELLO_TEXT = scripted.LINES["en"][0]


@asynccontextmanager
async def scripted_pool(
    processes: int = 1, limits: Limits | None = None, timeouts: Timeouts | None = None, **options: str
) -> AsyncIterator[EnginePool]:
    settings = EngineSettings(Path("unused"), options)
    pool = await EnginePool.start("scripted", settings, processes=processes, limits=limits, timeouts=timeouts)
    try:
        yield pool
    finally:
        await pool.close()


async def first_piece(pool: EnginePool) -> bytes:
    return await anext(pool.speak(SpeechRequest("hello", "en")))


async def until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.02)


def pids(pool: EnginePool) -> list[int]:
    return [process.pid for process in pool.stats().processes if process.pid is not None]


def members(session: int) -> list[str]:
    """The programs of an engine process and everything it started (it leads a session of its own)."""
    listing = subprocess.run(["ps", "-eo", "sid=,stat=,comm="], capture_output=True, text=True, check=True)
    rows = (line.split(None, 2) for line in listing.stdout.splitlines())
    return [program for sid, state, program in rows if int(sid) == session and not state.startswith("Z")]


async def test_a_process_killed_in_mid_utterance_costs_that_utterance_only() -> None:
    async with scripted_pool() as pool:
        listener = pool.listen(SPEC, lambda text: None)
        listener.begin()
        listener.feed(HELLO)
        await until(lambda: pool.stats().stages["hear"].calls > 0 if "hear" in pool.stats().stages else False)
        os.kill(pids(pool)[0], signal.SIGKILL)
        await until(lambda: not pool.stats().processes[0].ready)
        with pytest.raises(EngineError, match="engine_process_died") as caught:
            await listener.finish()
        assert caught.value.retryable

        listener.begin()
        listener.feed(HELLO)
        assert (await listener.finish()).text == HELLO_TEXT
        assert pool.stats().processes[0].restarts == 1


async def test_whatever_waits_on_a_killed_process_is_told_and_the_next_try_works() -> None:
    async with scripted_pool(translate_s="0.5", speak_s="0.5") as pool:
        translating = asyncio.create_task(pool.translate("hello", "en", "es"))
        speaking = asyncio.create_task(first_piece(pool))
        await until(lambda: pool.stats().processes[0].requests == 2)
        os.kill(pids(pool)[0], signal.SIGKILL)
        for waiting in (translating, speaking):
            with pytest.raises(EngineError, match="engine_process_died"):
                await waiting
        assert await pool.translate("hello", "en", "es") == "[es] hello"


async def test_legs_of_other_processes_do_not_notice() -> None:
    async with scripted_pool(processes=2) as pool:
        listeners = [pool.listen(SPEC, lambda text: None) for _ in range(2)]
        for listener in listeners:
            listener.begin()
            listener.feed(HELLO)
        assert [process.streams for process in pool.stats().processes] == [1, 1]
        os.kill(pids(pool)[0], signal.SIGKILL)
        await until(lambda: not pool.stats().processes[0].ready)
        results = await asyncio.gather(*(listener.finish() for listener in listeners), return_exceptions=True)
        assert sum(isinstance(result, EngineError) for result in results) == 1


async def test_more_audio_than_can_be_heard_is_an_error_for_that_leg_alone() -> None:
    async with scripted_pool(limits=Limits(backlog_s=0.5), advance_s="0.3") as pool:
        flooded, calm = (pool.listen(SPEC, lambda text: None) for _ in range(2))
        flooded.begin()
        calm.begin()
        flooded.feed(bytes(16000))
        calm.feed(HELLO[:8000])
        assert pool.stats().processes[0].unheard_s == pytest.approx(0.5)
        with pytest.raises(EngineError, match="recogniser_overloaded") as caught:
            await flooded.finish()
        assert caught.value.retryable
        assert (await calm.finish()).text == "hello how"
        flooded.begin()
        flooded.feed(HELLO[:8000])
        assert (await flooded.finish()).text == "hello how"


async def test_a_sentence_does_not_wait_behind_audio() -> None:
    async with scripted_pool(limits=Limits(backlog_s=60), advance_s="0.5") as pool:
        listener = pool.listen(SPEC, lambda text: None)
        listener.begin()
        for _ in range(10):
            listener.feed(bytes(16000))
        await asyncio.sleep(0.1)  # let the first slow round begin
        started_s = time.monotonic()
        assert await pool.translate("hello", "en", "es") == "[es] hello"
        assert await first_piece(pool)
        assert time.monotonic() - started_s < 0.4


async def test_requests_beyond_the_limit_are_refused_at_once() -> None:
    async with scripted_pool(limits=Limits(requests=3), translate_s="0.3") as pool:
        waiting = [asyncio.create_task(pool.translate("hello", "en", "es")) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(EngineError, match="engines_overloaded") as caught:
            await pool.translate("hello", "en", "es")
        assert caught.value.retryable
        assert await asyncio.gather(*waiting) == ["[es] hello"] * 3


async def test_speech_nobody_fetches_stops_at_its_window_and_a_closed_one_for_good() -> None:
    async with scripted_pool() as pool:
        pieces = pool.speak(SpeechRequest("wonderful " * 40, "en"))
        assert await anext(pieces)
        await until(lambda: pool.stats().stages["speak"].calls >= SPEECH_WINDOW)
        await asyncio.sleep(0.2)  # time enough for far more pieces, were there no window
        assert pool.stats().stages["speak"].calls <= SPEECH_WINDOW + 1
        await pieces.aclose()
        calls = pool.stats().stages["speak"].calls
        assert [process.requests for process in pool.stats().processes] == [0]
        assert await first_piece(pool)
        assert pool.stats().stages["speak"].calls <= calls + SPEECH_WINDOW


async def test_a_process_that_says_nothing_at_all_is_replaced() -> None:
    async with scripted_pool(timeouts=Timeouts(translate_s=0.3), translate_s="30") as pool:
        before = pids(pool)
        with pytest.raises(EngineError, match="engine_timed_out"):
            await pool.translate("hello", "en", "es")
        await until(lambda: pool.stats().processes[0].restarts == 1 and pool.stats().processes[0].ready)
        assert pids(pool) != before


async def test_closing_ends_every_process_and_all_that_they_started() -> None:
    embedded = KINDS[1]
    pool = await EnginePool.start(embedded.name, embedded.settings())
    (session,) = pids(pool)
    assert "lt-proc" in members(session)
    await pool.close()
    assert members(session) == []
    with pytest.raises(EngineError, match="engines_closed"):
        await pool.translate("hello", "en", "es")


async def test_a_killed_process_leaves_no_pipelines_behind() -> None:
    embedded = KINDS[1]
    pool = await EnginePool.start(embedded.name, embedded.settings())
    try:
        (session,) = pids(pool)
        os.kill(session, signal.SIGKILL)
        await until(lambda: members(session) == [])
        assert "pedido" in await pool.translate("where is my order", "en", "es")
    finally:
        await pool.close()


STARTS_AND_VANISHES = """
import asyncio, os, sys
from pathlib import Path
from media_worker.engines.pool import EnginePool
from media_worker.engines.registry import EngineSettings

async def main():
    pool = await EnginePool.start("embedded", EngineSettings(Path(sys.argv[1])))
    print(pool.stats().processes[0].pid, flush=True)
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


async def test_a_worker_that_vanishes_leaves_no_process_behind() -> None:
    models = KINDS[1].settings().models_dir
    worker = subprocess.run(
        [sys.executable, "-c", STARTS_AND_VANISHES, str(models)],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
    )
    assert worker.returncode == -signal.SIGKILL
    session = int(worker.stdout)
    await until(lambda: members(session) == [])


async def test_closing_does_not_wait_for_a_restart() -> None:
    restarts = Restarts(first_pause_s=60, longest_pause_s=60)
    pool = await EnginePool.start("scripted", EngineSettings(Path("unused")), restarts=restarts)
    os.kill(pids(pool)[0], signal.SIGKILL)
    await until(lambda: pool.stats().processes[0].restarts == 1 and pool.stats().processes[0].ready)
    os.kill(pids(pool)[0], signal.SIGKILL)
    await until(lambda: pool.stats().processes[0].restarts == 2)
    async with asyncio.timeout(2):
        await pool.close()


async def test_engines_that_cannot_be_built_fail_the_start_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(EnginesNotAvailable, match="no speech models in"):
        await EnginePool.start("embedded", EngineSettings(tmp_path))
    with pytest.raises(EnginesNotAvailable, match="dialects: en=xx is not among"):
        await EnginePool.start("aws", EngineSettings(tmp_path, {"dialects": "en=xx"}))
