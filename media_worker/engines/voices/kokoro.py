"""Kokoro voices (Apache weights): ONNX on the CPU, clause by clause, so that the first is heard while the rest is made.

kokoro-onnx turns text into phonemes with espeak-ng (GPL) inside its process, which is one more reason why engines
have processes of their own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import soxr
from kokoro_onnx import Kokoro

from media_worker.audio.loudness import levelled
from media_worker.engines.base import EngineError, LanguageNotServed, SpeechRequest
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.spoken_text import clauses, speakable

RATE_HZ = 24000
MAX_CHARACTERS = 5000
PAUSE_S = 0.12

logging.getLogger("kokoro_onnx").setLevel(logging.WARNING)  # its debug lines quote what is spoken


@dataclass(frozen=True, slots=True)
class Tongue:
    """How espeak-ng calls a language, and how the names of Kokoro's voices for it begin; the default comes first."""

    espeak: str
    initials: str
    default: str


# Kokoro v1.0. Japanese and Chinese need other phonemes than espeak-ng's and are not served.
TONGUES: Mapping[str, Tongue] = MappingProxyType(
    {
        "en": Tongue("en-us", "ab", "af_heart"),
        "es": Tongue("es", "e", "ef_dora"),
        "fr": Tongue("fr-fr", "f", "ff_siwis"),
        "hi": Tongue("hi", "h", "hf_alpha"),
        "it": Tongue("it", "i", "if_sara"),
        "pt": Tongue("pt-br", "p", "pf_dora"),
    }
)


class KokoroTextToSpeech:
    """`TextToSpeech` for the languages whose default voice is in the voices file."""

    def __init__(self, folder: Path) -> None:
        model, voices = folder / "kokoro.onnx", folder / "voices.bin"
        for path in (model, voices):
            if not path.exists():
                raise EnginesNotAvailable(f"{path} is missing")
        self._kokoro: Any = Kokoro(str(model), str(voices))
        self._voices = frozenset(self._kokoro.get_voices())

    def languages(self) -> frozenset[str]:
        return frozenset(code for code, tongue in TONGUES.items() if tongue.default in self._voices)

    def speak(self, request: SpeechRequest) -> Iterator[bytes]:
        voice = self._voice(request)
        if len(request.text) > MAX_CHARACTERS:
            raise EngineError("text_too_long")
        return self._spoken(clauses(speakable(request.text)), voice, request)

    def _voice(self, request: SpeechRequest) -> str:
        if request.language not in self.languages():
            raise LanguageNotServed("speech_unavailable")
        tongue = TONGUES[request.language]
        voice = request.voice or tongue.default
        if voice not in self._voices or voice[0] not in tongue.initials:
            raise EngineError("voice_unknown")
        return voice

    def _spoken(self, texts: list[str], voice: str, request: SpeechRequest) -> Iterator[bytes]:
        for number, text in enumerate(texts):
            pause = bytes(int(PAUSE_S * request.rate_hz) * 2) if number else b""
            if pcm := self._clause(text, voice, request):
                yield pause + pcm

    def _clause(self, text: str, voice: str, request: SpeechRequest) -> bytes:
        try:
            samples, _ = self._kokoro.create(text, voice=voice, lang=TONGUES[request.language].espeak)
        except ValueError:
            return b""  # nothing in it that has a sound
        loud = np.asarray(samples, np.float32) * np.float32(32767)
        resampled = soxr.resample(loud, RATE_HZ, request.rate_hz)
        return np.rint(levelled(resampled)).astype("<i2").tobytes()
