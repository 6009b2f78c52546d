"""Engines and a detector that do what a test says, at once, on whatever loop it runs."""

from __future__ import annotations

import asyncio
import audioop
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from media_worker.engines.base import UNDETERMINED, Capabilities, EngineError, Recognition, SpeechRequest, StreamSpec

LANGUAGES = frozenset({"en", "es", "de"})
LOUD = (b"\x00\x10" + b"\x00\xf0") * 4000  # a second at 8 kHz


@dataclass(slots=True)
class FakeListener:
    """Hands out the next script line at every `finish`; keeps what it was fed, utterance by utterance."""

    engines: FakeEngines
    spec: StreamSpec
    on_partial: Callable[[str], None]
    utterances: list[bytearray] = field(default_factory=list)
    closed: bool = False

    @property
    def broken(self) -> EngineError | None:
        return None

    def begin(self, pcm: bytes = b"") -> None:
        self.utterances.append(bytearray(pcm))

    def feed(self, pcm: bytes) -> None:
        self.utterances[-1] += pcm
        if self.engines.partial:
            self.on_partial(self.engines.partial)

    async def finish(self) -> Recognition:
        await asyncio.sleep(self.engines.asr_s)
        said = self.engines.lines.popleft() if self.engines.lines else "hello"
        if isinstance(said, EngineError):
            raise said
        language, certain = self.spec.language, 1.0
        if language == UNDETERMINED:
            language, certain = self.engines.detected.popleft()
        return Recognition(said, language, 0.9, understood=bool(said), language_confidence=certain)

    async def close(self) -> None:
        self.closed = True


class FakeEngines:
    """`lines` are what is heard next: a text, "" for not understood, or an EngineError to raise."""

    def __init__(self, *lines: str | EngineError, asr_s: float = 0.0, mt_s: float = 0.0, tts_s: float = 0.0) -> None:
        self.lines: deque[str | EngineError] = deque(lines)
        self.asr_s, self.mt_s, self.tts_s = asr_s, mt_s, tts_s
        self.detected: deque[tuple[str, float]] = deque()
        self.partial = ""
        self.speech_s = 0.5
        self.sound = LOUD
        self.voices = frozenset({"Joanna", "thorsten"})
        self.listeners: list[FakeListener] = []
        self.spoken: list[SpeechRequest] = []
        self.open_speech = 0
        self.notices: list[Callable[[str], None]] = []
        self.capabilities = Capabilities(
            "fake", LANGUAGES, frozenset((a, b) for a in LANGUAGES for b in LANGUAGES if a != b), LANGUAGES
        )

    def telling(self, on_notice: Callable[[str], None]) -> FakeEngines:
        self.notices.append(on_notice)
        return self

    def listen(self, spec: StreamSpec, on_partial: Callable[[str], None]) -> FakeListener:
        self.listeners.append(FakeListener(self, spec, on_partial))
        return self.listeners[-1]

    async def translate(self, text: str, source: str, target: str) -> str:
        await asyncio.sleep(self.mt_s)
        return f"[{target}] {text}"

    async def speak(self, request: SpeechRequest) -> AsyncIterator[bytes]:
        self.spoken.append(request)
        if request.voice not in (None, *self.voices):
            await asyncio.sleep(self.tts_s)
            raise EngineError("voice_unknown")
        self.open_speech += 1
        try:
            await asyncio.sleep(self.tts_s)
            left = int(self.speech_s * request.rate_hz) * 2
            while left > 0:
                yield self.sound[:left]
                left -= len(self.sound)
        finally:
            self.open_speech -= 1

    async def close(self) -> None:
        pass


class EnergyBank:
    """A detector without a model: loud is speech."""

    def __init__(self) -> None:
        self._rows = 0
        self.batches: list[int] = []

    def open(self) -> int:
        self._rows += 1
        return self._rows

    def close(self, row: int) -> None:
        pass

    def judge(self, rows: Sequence[int], windows: Sequence[bytes]) -> list[float]:
        self.batches.append(len(rows))
        return [1.0 if audioop.rms(window, 2) > 500 else 0.0 for window in windows]
