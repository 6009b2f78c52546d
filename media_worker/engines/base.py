"""What an engine is: the seam between the media plane and recognition, translation and voices.

Engines are synchronous and live in engine processes of their own (`pool`), never on the event loop:
a pure-Python engine in a thread of the worker took the p99 delay of a frame from 0.4 ms to 325 ms.
Every method takes a *batch*, because a pool process serves many calls at once: it drains what has
arrived and calls the engine once. An engine without a batched path subclasses nothing; it loops.

Audio at this seam is mono 16-bit little-endian PCM. Languages are ISO 639-1 codes (`core.domain.languages`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

UNDETERMINED = "und"
"""In place of a language, as ISO 639 has it: to be detected, by an engine that can."""
SLICE_S = 0.2


class EngineError(Exception):
    """An engine failed on one piece of work; the call goes on. `retryable` says whether trying again may help."""

    def __init__(self, code: str, *, retryable: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.retryable = retryable


class LanguageNotServed(EngineError):
    """This engine set has no recogniser, translator or voice for the language that was asked for."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word; times in seconds from the first sample of its utterance."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """The final result of one utterance. `understood` is False when the engine would be guessing.

    `confidence` is 0..1. A result that is not understood keeps its text for the log of the engine's author
    only: the lane shows nothing of it and translates nothing. `language_confidence` is 0..1 where the language was
    detected, and 1 where it was known.
    """

    text: str
    language: str
    confidence: float
    words: tuple[Word, ...] = ()
    understood: bool = True
    language_confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """How one leg will be heard. `rate_hz` is what the leg delivers: 8000 (telephone) or 16000.

    `hints` and `policy` are as in `core.domain.sessions.Transcription`; an engine may leave them alone.
    `language` UNDETERMINED: every utterance may be in another one, for an engine that detects; else not served.
    """

    language: str
    rate_hz: int
    hints: tuple[str, ...] = ()
    policy: str | None = None


class RecognitionStream(Protocol):
    """State of one leg inside a recogniser. It outlives its utterances, so that normalisation converges.

    `ending` is set from outside: the open utterance's end is known, so `finish` follows the audio that is left, and a
    tentative text that costs much is not worth making any more.
    """

    spec: StreamSpec
    ending: bool


class SpeechToText(Protocol):
    """Streaming recognition. For a stream: `begin` → `advance`* → `finish`, over and over, then `close`."""

    def languages(self) -> frozenset[str]: ...

    def open(self, spec: StreamSpec) -> RecognitionStream: ...

    def begin(self, stream: RecognitionStream) -> None: ...

    def advance(self, work: Sequence[tuple[RecognitionStream, bytes]]) -> list[str | None]:
        """Feed PCM to each stream; the tentative text so far where it changed, else None."""
        ...

    def finish(self, streams: Sequence[RecognitionStream]) -> list[Recognition]:
        """End the utterance of each stream."""
        ...

    def close(self, stream: RecognitionStream) -> None: ...


@dataclass(frozen=True, slots=True)
class TranslationRequest:
    text: str
    source: str
    target: str


class Translator(Protocol):
    def pairs(self) -> frozenset[tuple[str, str]]:
        """(source, target) pairs that are served."""
        ...

    def translate(self, requests: Sequence[TranslationRequest]) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """Text to be spoken at `rate_hz`; `voice` is one of the engine's names, or None for the language's default."""

    text: str
    language: str
    rate_hz: int = 8000
    voice: str | None = None


class TextToSpeech(Protocol):
    def languages(self) -> frozenset[str]: ...

    def speak(self, request: SpeechRequest) -> Iterator[bytes]:
        """PCM in pieces, the first as soon as there is one; closing the iterator stops the work."""
        ...


@dataclass(frozen=True, slots=True)
class LanguageCapability:
    """What a running engine set can do in one language; sent to clients in `session.ready`."""

    language: str
    speech_in: bool
    text: bool
    speech_out: bool


@dataclass(frozen=True, slots=True)
class EngineSet:
    """The three engines of one pool process, as `registry.build` makes them.

    `finish_batch` is how many utterances one `finish` should be given: 1 for an engine that loops over them (the
    first would wait for the last), more for one whose cost per batch hardly grows. `detects_language`: its
    recogniser takes streams of an UNDETERMINED language.

    `slice_s` is how much of a stream's audio it is given at a time while others wait: little for an engine whose work
    grows with the audio, more for one that only collects it and hears whole windows.

    `parallel` is how many threads may each work with it: 1 for an engine that computes, more for one that waits for
    another machine. Such an engine shares nothing between its streams; a stream stays with its thread.
    """

    name: str
    speech_to_text: SpeechToText
    translator: Translator
    text_to_speech: TextToSpeech
    close: Callable[[], None] = lambda: None
    finish_batch: int = 1
    slice_s: float = SLICE_S
    detects_language: bool = False
    parallel: int = 1


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine set serves, as plain data that crosses the process border once, at start."""

    name: str
    speech_in: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    speech_out: frozenset[str]
    detects_language: bool = False

    @classmethod
    def of(cls, engines: EngineSet) -> Capabilities:
        return cls(
            engines.name,
            engines.speech_to_text.languages(),
            engines.translator.pairs(),
            engines.text_to_speech.languages(),
            engines.detects_language,
        )

    def hears(self, language: str) -> bool:
        return language in self.speech_in or (language == UNDETERMINED and self.detects_language)

    def translates(self, source: str, target: str) -> bool:
        return source == target or (source, target) in self.pairs

    def language(self, code: str) -> LanguageCapability:
        text = any(code in pair for pair in self.pairs)
        return LanguageCapability(code, code in self.speech_in, text, code in self.speech_out)
