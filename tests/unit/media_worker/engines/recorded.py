"""What the workers of an engine process send, kept; and an engine whose calls are kept."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from media_worker.engines.base import (
    SLICE_S,
    EngineSet,
    Recognition,
    RecognitionStream,
    SpeechRequest,
    StreamSpec,
    TranslationRequest,
)
from media_worker.engines.pool_messages import Message


@contextmanager
def unmeasured(stage: str, count: int) -> Iterator[None]:
    yield


@dataclass
class Sent:
    messages: list[Message] = field(default_factory=list)

    def __call__(self, message: Message) -> None:
        self.messages.append(message)

    def of(self, kind: type[Message]) -> list[Message]:
        return [message for message in self.messages if isinstance(message, kind)]


@dataclass
class KeptStream:
    spec: StreamSpec
    number: int
    ending: bool = False


@dataclass
class KeptEngine:
    """All three engines in one; `failing` names the methods that raise it, each time."""

    calls: list[tuple[str, object]] = field(default_factory=list)
    failing: dict[str, Exception] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    streams: int = 0
    stopped: int = 0
    ending: list[bool] = field(default_factory=list)
    """What each stream said of that when it was given audio."""

    def _call(self, name: str, what: object = None) -> None:
        self.calls.append((name, what))
        if name in self.failing:
            raise self.failing[name]

    def named(self, name: str) -> list[object]:
        return [what for called, what in self.calls if called == name]

    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    def open(self, spec: StreamSpec) -> RecognitionStream:
        self._call("open", spec)
        self.streams += 1
        return KeptStream(spec, self.streams)

    def begin(self, stream: RecognitionStream) -> None:
        self._call("begin")

    def advance(self, work: Sequence[tuple[RecognitionStream, bytes]]) -> list[str | None]:
        self._call("advance", [len(pcm) for _, pcm in work])
        self.ending += [stream.ending for stream, _ in work]
        return [f"{len(pcm)} bytes" for _, pcm in work]

    def finish(self, streams: Sequence[RecognitionStream]) -> list[Recognition]:
        self._call("finish", len(streams))
        return [Recognition("done", stream.spec.language, 1.0) for stream in streams]

    def close(self, stream: RecognitionStream) -> None:
        self._call("close")

    def pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset({("en", "es")})

    def translate(self, requests: Sequence[TranslationRequest]) -> list[str]:
        self._call("translate", [request.text for request in requests])
        return [request.text.upper() for request in requests]

    def speak(self, request: SpeechRequest) -> Iterator[bytes]:
        self._call("speak", request.text)
        try:
            yield from self.pieces
        finally:
            self.stopped += 1

    def set(self, finish_batch: int = 1, slice_s: float = SLICE_S) -> EngineSet:
        return EngineSet("kept", self, self, self, finish_batch=finish_batch, slice_s=slice_s)
