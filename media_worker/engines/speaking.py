"""Speech inside an engine process: open requests take turns, piece by piece, as far as their windows allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from media_worker.engines.base import SpeechRequest, TextToSpeech
from media_worker.engines.failures import failed, translated
from media_worker.engines.hearing import Measure
from media_worker.engines.pool_messages import Cancel, Message, MoreSpeech, Speak, Spoken, SpokenAll

PIECE_S = 0.2
_BYTES_PER_SAMPLE = 2


class _Job:
    def __init__(self, request: int, pieces: Iterator[bytes], window: int) -> None:
        self.request = request
        self.pieces = pieces
        self.window = window


class Speaking:
    def __init__(self, engine: TextToSpeech, send: Callable[[Message], None], measure: Measure) -> None:
        self._engine = engine
        self._send = send
        self._measure = measure
        self._jobs: dict[int, _Job] = {}

    @property
    def idle(self) -> bool:
        return not any(job.window for job in self._jobs.values())

    def accept(self, message: Speak | MoreSpeech | Cancel) -> None:
        if isinstance(message, Speak):
            pieces = _pieces(self._engine.speak, message.speech)
            self._jobs[message.request] = _Job(message.request, pieces, message.window)
        elif isinstance(message, MoreSpeech):
            if job := self._jobs.get(message.request):
                job.window += 1
        elif job := self._jobs.pop(message.request, None):
            self._stop(job)

    def work(self) -> None:
        """One piece of every request whose window is open."""
        for job in [job for job in self._jobs.values() if job.window]:
            self._advance(job)

    def _advance(self, job: _Job) -> None:
        try:
            with self._measure("speak", 1):
                pcm = next(job.pieces, None)
        except Exception as error:
            del self._jobs[job.request]
            self._send(failed(job.request, translated(error)))
            return
        if pcm is None:
            del self._jobs[job.request]
            self._send(SpokenAll(job.request))
            return
        job.window -= 1
        self._send(Spoken(job.request, pcm))

    @staticmethod
    def _stop(job: _Job) -> None:
        close = getattr(job.pieces, "close", None)
        if close is not None:
            close()


def _pieces(speak: Callable[[SpeechRequest], Iterator[bytes]], request: SpeechRequest) -> Iterator[bytes]:
    """What the engine yields, cut to `PIECE_S`; closing this closes the engine's iterator."""
    size = int(PIECE_S * request.rate_hz) * _BYTES_PER_SAMPLE
    source = speak(request)
    try:
        for pcm in source:
            for start in range(0, len(pcm), size):
                yield pcm[start : start + size]
    finally:
        close = getattr(source, "close", None)
        if close is not None:
            close()
