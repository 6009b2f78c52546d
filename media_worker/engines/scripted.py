"""Deterministic engines for tests of everything but speech. Never the default, and no language is understood.

- Hearing: the pitch of a tone chooses a line of the language's script. Line *n* sounds as `tone_hz(n)`, and a word of
  it is heard for every `WORD_S` of tone, so partials grow word by word; the final text is the line up to what was
  heard. Mu-law, resampling and a cut beginning leave that unchanged. Silence is not understood. `tone` and
  `utterance` make such audio.
- Translation: `[es] text`.
- Voice (`burst`): a burst of tone per word, `CHARACTER_S` for each of its characters and as much for the gap behind.

French can be written but neither heard nor spoken, so that tests have such a language; all else is not served.
Options (seconds, all 0 by default): `advance_s`, `finish_s`, `translate_s`, `speak_s` make the engine slow.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from media_worker.engines.base import (
    EngineError,
    EngineSet,
    LanguageNotServed,
    Recognition,
    RecognitionStream,
    SpeechRequest,
    StreamSpec,
    TranslationRequest,
    Word,
)
from media_worker.engines.registry import EngineSettings

WORD_S = 0.25
CHARACTER_S = 0.06
PIECE_S = 0.1
VOICE = "burst"
_FIRST_LINE_HZ = 400.0
_LINE_STEP_HZ = 150.0
_QUIET_RMS = 100.0
_LOUDNESS = 8000.0

LINES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": ("hello how can I help you", "where is my order", "thank you very much", "please wait a moment"),
        "es": ("hola en qué puedo ayudarle", "dónde está mi pedido", "muchas gracias", "espere un momento por favor"),
        "de": ("guten Tag wie kann ich helfen", "wo ist meine Bestellung", "vielen Dank", "einen Moment bitte"),
    }
)
_TEXT_LANGUAGES = ("de", "en", "es", "fr")


def tone_hz(line: int) -> float:
    return _FIRST_LINE_HZ + _LINE_STEP_HZ * line


def tone(line: int, duration_s: float, rate_hz: int) -> bytes:
    """PCM in which the scripted recogniser hears line `line` of any language, a word per `WORD_S`."""
    return _burst(tone_hz(line), duration_s, rate_hz)


def utterance(language: str, line: int, rate_hz: int) -> bytes:
    """PCM just long enough for the whole line."""
    return tone(line, WORD_S * len(LINES[language][line].split()) + WORD_S / 2, rate_hz)


def _burst(pitch_hz: float, duration_s: float, rate_hz: int) -> bytes:
    time_s = np.arange(int(duration_s * rate_hz)) / rate_hz
    return (_LOUDNESS * np.sin(2 * np.pi * pitch_hz * time_s)).astype("<i2").tobytes()


@dataclass(slots=True)
class _Stream:
    spec: StreamSpec
    pcm: bytearray | None = None
    words: int = 0
    ending: bool = False


@dataclass(frozen=True, slots=True)
class ScriptedSpeechToText:
    advance_s: float = 0.0
    finish_s: float = 0.0

    def languages(self) -> frozenset[str]:
        return frozenset(LINES)

    def open(self, spec: StreamSpec) -> RecognitionStream:
        if spec.language not in LINES:
            raise LanguageNotServed("speech_unavailable")
        return _Stream(spec)

    def begin(self, stream: RecognitionStream) -> None:
        state = _own(stream)
        state.pcm, state.words = bytearray(), 0

    def advance(self, work: Sequence[tuple[RecognitionStream, bytes]]) -> list[str | None]:
        time.sleep(self.advance_s)  # an engine that is slow on purpose, in its own process
        return [self._advance(_own(stream), pcm) for stream, pcm in work]

    def _advance(self, stream: _Stream, pcm: bytes) -> str | None:
        heard = _begun(stream)
        heard += pcm
        words = _heard(stream.spec, heard)
        if len(words) == stream.words:
            return None
        stream.words = len(words)
        return " ".join(words)

    def finish(self, streams: Sequence[RecognitionStream]) -> list[Recognition]:
        time.sleep(self.finish_s)  # as above
        return [self._finish(_own(stream)) for stream in streams]

    def _finish(self, stream: _Stream) -> Recognition:
        words = _heard(stream.spec, _begun(stream))
        stream.pcm = None
        if not words:
            return Recognition("", stream.spec.language, 0.0, understood=False)
        timed = tuple(Word(word, n * WORD_S, (n + 1) * WORD_S, 0.9) for n, word in enumerate(words))
        return Recognition(" ".join(words), stream.spec.language, 0.9, timed)

    def close(self, stream: RecognitionStream) -> None:
        _own(stream).pcm = None


def _own(stream: RecognitionStream) -> _Stream:
    assert isinstance(stream, _Stream)
    return stream


def _begun(stream: _Stream) -> bytearray:
    if stream.pcm is None:
        raise EngineError("utterance_not_begun")
    return stream.pcm


def _heard(spec: StreamSpec, pcm: bytearray) -> list[str]:
    """The words of the line whose tone this is, as many as the sound is long."""
    samples = np.frombuffer(bytes(pcm), dtype="<i2").astype(np.float64)
    count = int(_sounding_s(samples, spec.rate_hz) / WORD_S)
    if not count:
        return []
    lines = LINES[spec.language]
    line = round((_pitch_hz(samples, spec.rate_hz) - _FIRST_LINE_HZ) / _LINE_STEP_HZ)
    return lines[min(max(line, 0), len(lines) - 1)].split()[:count]


def _sounding_s(samples: npt.NDArray[np.float64], rate_hz: int) -> float:
    frame = rate_hz // 50
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    return float(np.count_nonzero(np.sqrt((frames**2).mean(axis=1)) > _QUIET_RMS)) * 0.02


def _pitch_hz(samples: npt.NDArray[np.float64], rate_hz: int) -> float:
    """The strongest frequency of the first second that sounds."""
    start = int(np.argmax(np.abs(samples) > _QUIET_RMS))
    spectrum = np.abs(np.fft.rfft(samples[start : start + rate_hz], rate_hz))
    return float(np.argmax(spectrum))


@dataclass(frozen=True, slots=True)
class ScriptedTranslator:
    translate_s: float = 0.0

    def pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(itertools.permutations(_TEXT_LANGUAGES, 2))

    def translate(self, requests: Sequence[TranslationRequest]) -> list[str]:
        time.sleep(self.translate_s)  # as above
        return [self._translate(request) for request in requests]

    def _translate(self, request: TranslationRequest) -> str:
        if (request.source, request.target) not in self.pairs():
            raise LanguageNotServed("translation_unavailable")
        return f"[{request.target}] {request.text}"


@dataclass(frozen=True, slots=True)
class ScriptedTextToSpeech:
    speak_s: float = 0.0

    def languages(self) -> frozenset[str]:
        return frozenset(LINES)

    def speak(self, request: SpeechRequest) -> Iterator[bytes]:
        if request.language not in LINES:
            raise LanguageNotServed("speech_unavailable")
        if request.voice not in (None, VOICE):
            raise EngineError("voice_unknown")
        return self._bursts(request)

    def _bursts(self, request: SpeechRequest) -> Iterator[bytes]:
        pcm = b"".join(_spoken(word, request.rate_hz) for word in request.text.split())
        size = int(PIECE_S * request.rate_hz) * 2
        for start in range(0, len(pcm), size):
            time.sleep(self.speak_s)  # as above
            yield pcm[start : start + size]


def _spoken(word: str, rate_hz: int) -> bytes:
    gap = bytes(int(CHARACTER_S * rate_hz) * 2)
    return _burst(_FIRST_LINE_HZ, CHARACTER_S * len(word), rate_hz) + gap


def build(settings: EngineSettings) -> EngineSet:
    def seconds(name: str) -> float:
        return float(settings.options.get(name, "0"))

    return EngineSet(
        "scripted",
        ScriptedSpeechToText(seconds("advance_s"), seconds("finish_s")),
        ScriptedTranslator(seconds("translate_s")),
        ScriptedTextToSpeech(seconds("speak_s")),
    )
