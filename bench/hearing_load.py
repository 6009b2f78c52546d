"""The scheduler of an engine process under load: what it costs itself, and how long a final waits for its batch.

`Hearing` runs in the thread that an engine process gives it, over the real recogniser. Sixteen calls end phrases at
random moments, so many that the engine is busy for about half of the time.
"""

from __future__ import annotations

import itertools
import queue
import random
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from media_worker.engines.base import EngineSet, Recognition, RecognitionStream, StreamSpec
from media_worker.engines.hearing import Hearing, HearingMessage
from media_worker.engines.pool_messages import Audio, Begin, Finish, Message, Open, Recognised
from media_worker.engines.registry import EngineSettings
from media_worker.engines.scripted import build as scripted
from media_worker.engines.whisper.decoder import LARGEST_BATCH, WhisperDecoder
from media_worker.engines.whisper.policy import POLICIES, SLICE_S
from media_worker.engines.whisper.recogniser import WhisperSpeechToText

_CALLS, _PHRASES = 16, 96
_PHRASE_S, _RATE_HZ = 3, 8000
_UTILISATION = 0.5


@dataclass(frozen=True, slots=True)
class Load:
    """`overhead` is CPU of the scheduler by time of the engine; a wait is from a phrase's end to its batch's begin."""

    overhead: float
    wait_p50_ms: float
    wait_p95_ms: float
    batch_p95_ms: float
    utilisation: float

    def told(self) -> str:
        return (
            f"{self.overhead:.2%} of the engine's time; a final waits p50 {self.wait_p50_ms:.0f} ms,"
            f" p95 {self.wait_p95_ms:.0f} ms, a batch takes p95 {self.batch_p95_ms:.0f} ms"
            f" (engine busy {self.utilisation:.0%})"
        )


@dataclass
class _Watched:
    """The recogniser, with a watch on it."""

    inner: WhisperSpeechToText
    cpu_s: float = 0.0
    batches_s: list[tuple[float, float]] = field(default_factory=list)

    @contextmanager
    def _watch(self) -> Iterator[None]:
        began_s, cpu_s = time.monotonic(), time.thread_time()
        yield
        self.cpu_s += time.thread_time() - cpu_s
        self.batches_s.append((began_s, time.monotonic()))

    def languages(self) -> frozenset[str]:
        return self.inner.languages()

    def open(self, spec: StreamSpec) -> RecognitionStream:
        return self.inner.open(spec)

    def begin(self, stream: RecognitionStream) -> None:
        self.inner.begin(stream)

    def advance(self, work: Sequence[tuple[RecognitionStream, bytes]]) -> list[str | None]:
        with self._watch():
            return self.inner.advance(work)

    def finish(self, streams: Sequence[RecognitionStream]) -> list[Recognition]:
        with self._watch():
            return self.inner.finish(streams)

    def close(self, stream: RecognitionStream) -> None:
        self.inner.close(stream)


class _Scheduler(threading.Thread):
    """As `process._Thread` runs it; CPU is that of this thread, the engine's own threads aside."""

    def __init__(self, hearing: Hearing, inbox: queue.SimpleQueue[HearingMessage | None]) -> None:
        super().__init__(daemon=True)
        self._hearing, self._inbox = hearing, inbox
        self.cpu_s = 0.0

    def run(self) -> None:
        began_s = time.thread_time()
        while True:
            if self._hearing.idle:
                message = self._inbox.get()
                if message is None:
                    break
                self._hearing.accept(message)
            while not self._inbox.empty():
                message = self._inbox.get()
                if message is None:
                    self.cpu_s = time.thread_time() - began_s
                    return
                self._hearing.accept(message)
            self._hearing.work()
        self.cpu_s = time.thread_time() - began_s


@contextmanager
def _unmeasured(_stage: str, _count: int) -> Iterator[None]:
    yield


def load(folder: Path, device: str, compute_type: str) -> Load:
    decoder = WhisperDecoder(folder, device=device, compute_type=compute_type)
    watched = _Watched(WhisperSpeechToText(decoder, POLICIES["balanced"], frozenset({"en"})))
    engines: EngineSet = replace(
        scripted(EngineSettings(Path("unused"))),
        speech_to_text=watched,
        finish_batch=LARGEST_BATCH,
        slice_s=SLICE_S,
    )
    finished: dict[int, float] = {}

    def send(message: Message) -> None:
        if isinstance(message, Recognised):
            finished[message.request] = time.monotonic()

    inbox: queue.SimpleQueue[HearingMessage | None] = queue.SimpleQueue()
    scheduler = _Scheduler(Hearing(engines, send, _unmeasured), inbox)
    for number in range(_CALLS):
        inbox.put(Open(number, StreamSpec("en", _RATE_HZ)))
    scheduler.start()
    alone_s = _alone_s(inbox, finished)
    watched.batches_s.clear()
    asked = _asked(inbox, alone_s / _UTILISATION)
    began_s = min(asked.values())
    while len(finished) < _PHRASES + 3:
        time.sleep(0.01)
    took_s = time.monotonic() - began_s
    inbox.put(None)
    scheduler.join()
    return _figures(watched, scheduler.cpu_s, asked, finished, took_s)


def _alone_s(inbox: queue.SimpleQueue[HearingMessage | None], finished: dict[int, float]) -> float:
    times = []
    for request in range(3):
        began_s = time.monotonic()
        _phrase(inbox, 0, request)
        while request not in finished:
            time.sleep(0.001)
        times.append(finished[request] - began_s)
    return min(times)


def _asked(inbox: queue.SimpleQueue[HearingMessage | None], every_s: float) -> dict[int, float]:
    chance, asked, at_s = random.Random(7), {}, time.monotonic()
    for request, call in zip(range(3, _PHRASES + 3), itertools.cycle(range(_CALLS))):
        at_s += chance.expovariate(1 / every_s)
        time.sleep(max(0.0, at_s - time.monotonic()))
        asked[request] = time.monotonic()
        _phrase(inbox, call, request)
    return asked


def _phrase(inbox: queue.SimpleQueue[HearingMessage | None], call: int, request: int) -> None:
    """All of its sound is there when it ends, as it is in life but for the last slice."""
    inbox.put(Begin(call, request))
    inbox.put(Audio([(call, _SOUND)]))
    inbox.put(Finish(call, request))


def _figures(
    watched: _Watched, cpu_s: float, asked: dict[int, float], finished: dict[int, float], took_s: float
) -> Load:
    long = [(start, end) for start, end in watched.batches_s if end - start > 0.02]
    waits = [
        max(0.0, max(start for start, end in long if end <= finished[request] + 0.002) - at)
        for request, at in asked.items()
    ]
    lengths = [end - start for start, end in long]
    own_s = max(0.0, cpu_s - watched.cpu_s)
    cut = statistics.quantiles(waits, n=20)
    return Load(
        overhead=own_s / sum(lengths),
        wait_p50_ms=statistics.median(waits) * 1000,
        wait_p95_ms=cut[18] * 1000,
        batch_p95_ms=statistics.quantiles(lengths, n=20)[18] * 1000,
        utilisation=sum(lengths) / took_s,
    )


_SOUND = bytes((np.random.default_rng(3).standard_normal(_PHRASE_S * _RATE_HZ) * 2000).astype("<i2").tobytes())
