"""What the engine pool costs and how long it takes: `python -m bench.engines`.

Round trips and audio are measured over scripted engines, which do next to nothing; translation and speech over the
embedded ones, through the pool, as a lane sees them.
"""

from __future__ import annotations

import asyncio
import platform
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.translation_sentences import BEYOND, IN_DOMAIN
from media_worker.engines.base import SpeechRequest, StreamSpec
from media_worker.engines.embedded.models import DEFAULT_FOLDER
from media_worker.engines.pool import EnginePool
from media_worker.engines.registry import EngineSettings

_ROUND_TRIPS = 500
_STREAMS = 40
_AUDIO_S = 10
_FRAME_S = 0.02
_FRAME = bytes(320)


async def timed_ms(work: Awaitable[object]) -> float:
    started_s = time.perf_counter()
    await work
    return (time.perf_counter() - started_s) * 1000


def told(name: str, took_ms: list[float]) -> None:
    cuts = statistics.quantiles(took_ms, n=100)
    print(f"{name:<44} p50 {cuts[49]:7.2f}  p95 {cuts[94]:7.2f}  p99 {cuts[98]:7.2f} ms")


async def round_trips() -> None:
    pool = await EnginePool.start("scripted", EngineSettings(Path("unused")))
    took_ms = [await timed_ms(pool.translate("hello", "en", "es")) for _ in range(_ROUND_TRIPS)]
    told("pool round trip, nothing translated", took_ms)
    await _audio(pool)
    await pool.close()


async def _audio(pool: EnginePool) -> None:
    """CPU of this process per frame fed at real-time pace, above that of an idle loop that ticks as often."""
    listeners = [pool.listen(StreamSpec("en", 8000), lambda text: None) for _ in range(_STREAMS)]
    for listener in listeners:
        listener.begin()
    idle_s = await _paced(lambda: None)

    def feed() -> None:
        for listener in listeners:
            listener.feed(_FRAME)

    fed_s = await _paced(feed)
    frames = _STREAMS * _AUDIO_S / _FRAME_S
    print(f"{'CPU of the worker per 20 ms frame fed':<44} {(fed_s - idle_s) / frames * 1e6:7.2f} us ({_STREAMS} legs)")


async def _paced(tick: Callable[[], object]) -> float:
    loop, started_s = asyncio.get_running_loop(), time.process_time()
    next_s = loop.time()
    for _ in range(int(_AUDIO_S / _FRAME_S)):
        tick()
        next_s += _FRAME_S
        await asyncio.sleep(max(0.0, next_s - loop.time()))
    return time.process_time() - started_s


async def embedded() -> None:
    started_s = time.perf_counter()
    pool = await EnginePool.start("embedded", EngineSettings(DEFAULT_FOLDER))
    print(f"{'embedded engines ready after':<44} {time.perf_counter() - started_s:7.2f} s")
    await _translations(pool, "set phrases", IN_DOMAIN)
    await _translations(pool, "Apertium", BEYOND)
    await _speech(pool)
    await pool.close()


async def _translations(pool: EnginePool, name: str, pairs: tuple[tuple[str, str], ...]) -> None:
    for _ in range(2):  # the first round is the book's and the machine's first sight of these sentences
        there_ms = [await timed_ms(pool.translate(english, "en", "es")) for english, _ in pairs * 5]
        back_ms = [await timed_ms(pool.translate(spanish, "es", "en")) for _, spanish in pairs * 5]
    told(f"translate en→es, {name}", there_ms)
    told(f"translate es→en, {name}", back_ms)


async def _speech(pool: EnginePool) -> None:
    first_ms, whole_ms, spoken_s = [], [], 0.0
    for _, text in IN_DOMAIN * 5:
        started_s, first_s = time.perf_counter(), 0.0
        async for pcm in pool.speak(SpeechRequest(text, "es")):
            first_s = first_s or time.perf_counter()
            spoken_s += len(pcm) / 16000
        first_ms.append((first_s - started_s) * 1000)
        whole_ms.append((time.perf_counter() - started_s) * 1000)
    told("speak, to the first piece", first_ms)
    told(f"speak, whole ({spoken_s / len(whole_ms):.1f} s of speech on average)", whole_ms)


def main() -> None:
    print(f"engine pool, {platform.machine()}, Python {platform.python_version()}")
    asyncio.run(round_trips())
    asyncio.run(embedded())


if __name__ == "__main__":
    main()
