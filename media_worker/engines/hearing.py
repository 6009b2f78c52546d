"""Recognition inside an engine process: many streams, one engine, rounds of bounded work.

`accept` sorts what arrived by stream; `work` does one round: at most a slice of each stream's audio, as long as the
engine set says, and `ROUND_SLICES` of all streams' together, streams whose `Finish` waits first. So neither one long
backlog nor many keep a caller's final text waiting, and what arrives meanwhile joins the next round.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from media_worker.engines.base import EngineError, EngineSet, RecognitionStream, StreamSpec
from media_worker.engines.failures import failed, translated
from media_worker.engines.pool_messages import Audio, Begin, Close, Finish, Heard, Message, Open, Recognised

ROUND_SLICES = 10
_BYTES_PER_SAMPLE = 2

Measure = Callable[[str, int], AbstractContextManager[None]]
HearingMessage = Open | Begin | Audio | Finish | Close


class _Ear:
    """One stream: what waits for it, in order, and the engine's state."""

    def __init__(self, number: int, spec: StreamSpec, slice_s: float) -> None:
        self.number = number
        self.spec = spec
        self.inbox: deque[bytes | Begin | Finish | Close] = deque()
        self.finishes = 0
        self.utterance = 0
        self.stream: RecognitionStream | None = None
        self.begun = False
        self.broken: EngineError | None = None
        self.partial: str | None = None
        self.audio_bytes = 0
        self.slice_bytes = int(slice_s * spec.rate_hz) * _BYTES_PER_SAMPLE

    def put(self, item: bytes | Begin | Finish | Close) -> None:
        self.inbox.append(item)
        if isinstance(item, bytes):
            self.audio_bytes += len(item)
        else:
            self.finishes += isinstance(item, Finish)

    @property
    def next_slice(self) -> float:
        """How much of a slice a round would take from here, 0..1."""
        return min(1.0, self.audio_bytes / self.slice_bytes)

    def take_audio(self) -> bytes:
        """The audio at the head of the inbox, at most a slice (a single larger piece goes whole)."""
        pieces: list[bytes] = []
        size = 0
        while self.inbox and isinstance(piece := self.inbox[0], bytes) and size < self.slice_bytes:
            pieces.append(piece)
            size += len(piece)
            self.inbox.popleft()
        self.audio_bytes -= size
        return b"".join(pieces)


class Hearing:
    def __init__(self, engines: EngineSet, send: Callable[[Message], None], measure: Measure) -> None:
        self._engine = engines.speech_to_text
        self._finish_batch = engines.finish_batch
        self._slice_s = engines.slice_s
        self._send = send
        self._measure = measure
        self._ears: dict[int, _Ear] = {}
        self._waiting: dict[int, _Ear] = {}

    @property
    def idle(self) -> bool:
        return not self._waiting

    def accept(self, message: HearingMessage) -> None:
        if isinstance(message, Open):
            self._ears[message.stream] = _Ear(message.stream, message.spec, self._slice_s)
        elif isinstance(message, Audio):
            for number, pcm in message.pieces:
                self._put(number, pcm)
        else:
            self._put(message.stream, message)

    def _put(self, number: int, item: bytes | Begin | Finish | Close) -> None:
        ear = self._ears.get(number)
        if ear is not None:
            ear.put(item)
            self._waiting[number] = ear

    def work(self) -> None:
        """One round."""
        chosen = self._choose()
        self._hear([(ear, pcm) for ear in chosen if (pcm := self._next_audio(ear))])
        ending = [ear for ear in chosen if ear.inbox and isinstance(ear.inbox[0], Finish)]
        for start in range(0, len(ending), self._finish_batch):
            self._finish(ending[start : start + self._finish_batch])
        for ear in chosen:
            self._put_back(ear)

    def _choose(self) -> list[_Ear]:
        """Streams of this round: waiting finishes first, then whoever waits longest; the chosen leave the line."""
        chosen: list[_Ear] = []
        slices = 0.0
        for ear in sorted(self._waiting.values(), key=lambda ear: ear.finishes == 0):
            if slices >= ROUND_SLICES:
                break
            slices += ear.next_slice
            chosen.append(self._waiting.pop(ear.number))
        return chosen

    def _put_back(self, ear: _Ear) -> None:
        if ear.inbox and ear.number in self._ears:
            self._waiting[ear.number] = ear

    def _next_audio(self, ear: _Ear) -> bytes:
        while ear.inbox and isinstance(control := ear.inbox[0], Begin | Close):
            ear.inbox.popleft()
            if isinstance(control, Close):
                self._close(ear)
                return b""
            self._begin(ear, control)
        return ear.take_audio()

    def _begin(self, ear: _Ear, begin: Begin) -> None:
        ear.utterance, ear.partial, broken = begin.utterance, None, ear.broken
        ear.broken = None
        try:
            if broken is not None:
                self._discard(ear)
            if ear.stream is None:
                ear.stream = self._engine.open(ear.spec)
            elif ear.begun:
                self._engine.finish([ear.stream])
            self._engine.begin(ear.stream)
            ear.begun = True
        except Exception as error:
            ear.broken = translated(error)

    def _hear(self, work: Sequence[tuple[_Ear, bytes]]) -> None:
        able = [(ear, ear.stream, pcm) for ear, pcm in work if ear.stream is not None and ear.begun and not ear.broken]
        for ear, stream, _ in able:
            stream.ending = ear.finishes > 0
        if able:
            try:
                with self._measure("hear", len(able)):
                    partials = self._engine.advance([(stream, pcm) for _, stream, pcm in able])
                for (ear, _, _), partial in zip(able, partials, strict=True):
                    ear.partial = partial
            except Exception as error:
                for ear, _, _ in able:
                    ear.broken = translated(error)
        if work:
            self._send(Heard([(ear.number, len(pcm)) for ear, pcm in work], _changed([ear for ear, _ in work])))

    def _finish(self, ears: Sequence[_Ear]) -> None:
        requests = [(ear, self._next_finish(ear)) for ear in ears]
        able = [(ear, ear.stream, request) for ear, request in requests if ear.stream is not None and not ear.broken]
        for ear, request in requests:
            if ear.stream is None or ear.broken:
                self._send(failed(request, ear.broken or EngineError("utterance_not_begun")))
        if not able:
            return
        try:
            with self._measure("finish", len(able)):
                recognitions = self._engine.finish([stream for _, stream, _ in able])
            for (ear, _, request), recognition in zip(able, recognitions, strict=True):
                ear.begun = False
                self._send(Recognised(request, recognition))
        except Exception as error:
            for ear, _, request in able:
                ear.broken = translated(error)
                self._send(failed(request, ear.broken))

    @staticmethod
    def _next_finish(ear: _Ear) -> int:
        message = ear.inbox.popleft()
        assert isinstance(message, Finish)
        ear.finishes -= 1
        return message.request

    def _close(self, ear: _Ear) -> None:
        self._ears.pop(ear.number, None)
        ear.inbox.clear()
        self._discard(ear)

    def _discard(self, ear: _Ear) -> None:
        """Give the engine's state back. What fails now concerns nobody any more."""
        stream, ear.stream, ear.begun = ear.stream, None, False
        if stream is not None:
            try:
                self._engine.close(stream)
            except Exception as error:
                translated(error)


def _changed(ears: Sequence[_Ear]) -> list[tuple[int, int, str]]:
    partials = [(ear.number, ear.utterance, ear.partial) for ear in ears if ear.partial is not None]
    for ear in ears:
        ear.partial = None
    return partials
