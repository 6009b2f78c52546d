"""Kokoro voices (Apache weights): ONNX on the CPU, clause by clause, so that the first is heard while the rest is made.

kokoro-onnx turns text into phonemes with espeak-ng (GPL) inside its process, which is one more reason why engines
have processes of their own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from kokoro_onnx import Kokoro

from media_worker.engines.base import EngineError, LanguageNotServed, SpeechRequest
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.voices.clause_by_clause import finished, spoken

RATE_HZ = 24000
MAX_CHARACTERS = 5000
_NAME_AT = len("af_")  # a voice is called af_heart, or heart

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
        self._voices = tuple(sorted(self._kokoro.get_voices()))

    def languages(self) -> frozenset[str]:
        return frozenset(code for code, tongue in TONGUES.items() if tongue.default in self._voices)

    def speak(self, request: SpeechRequest) -> Iterator[bytes]:
        voice = self._voice(request)
        if len(request.text) > MAX_CHARACTERS:
            raise EngineError("text_too_long")
        return spoken(request.text, request.rate_hz, partial(self._clause, voice, request))

    def _voice(self, request: SpeechRequest) -> str:
        if request.language not in self.languages():
            raise LanguageNotServed("speech_unavailable")
        tongue = TONGUES[request.language]
        wanted = request.voice or tongue.default
        for voice in self._voices:
            if voice[0] in tongue.initials and wanted in (voice, voice[_NAME_AT:]):
                return voice
        raise EngineError("voice_unknown")

    def _clause(self, voice: str, request: SpeechRequest, text: str) -> bytes:
        try:
            samples, _ = self._kokoro.create(text, voice=voice, lang=TONGUES[request.language].espeak)
        except ValueError:
            return b""  # nothing in it that has a sound
        return finished(np.asarray(samples, np.float32) * np.float32(32767), RATE_HZ, request.rate_hz)
