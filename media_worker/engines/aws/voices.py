"""Voices of Amazon Polly: neural where a language has one; a request per clause, so that the first is heard soon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import soxr

from media_worker.engines.aws.faults import faults
from media_worker.engines.aws.languages import VOICES, Voice
from media_worker.engines.aws.services import Sounds
from media_worker.engines.base import EngineError, LanguageNotServed, SpeechRequest
from media_worker.engines.spoken_text import clauses, speakable

_RATES_HZ = (8000, 16000)
MAX_CHARACTERS = 5000


@dataclass(frozen=True, slots=True)
class PollyTextToSpeech:
    """`chosen` are voices that take the place of a language's default."""

    sounds: Sounds
    chosen: Mapping[str, str]

    def languages(self) -> frozenset[str]:
        return frozenset(VOICES)

    def speak(self, request: SpeechRequest) -> Iterator[bytes]:
        voice = self._voice(request)
        if len(request.text) > MAX_CHARACTERS:
            raise EngineError("text_too_long")
        return self._spoken(clauses(speakable(request.text)), voice, request.rate_hz)

    def _voice(self, request: SpeechRequest) -> Voice:
        if request.language not in VOICES:
            raise LanguageNotServed("speech_unavailable")
        voices = VOICES[request.language]
        wanted = request.voice or self.chosen.get(request.language, voices[0].name)
        for voice in voices:
            if voice.name == wanted:
                return voice
        raise EngineError("voice_unknown")

    def _spoken(self, pieces: list[str], voice: Voice, rate_hz: int) -> Iterator[bytes]:
        for piece in pieces:
            yield from self._clause(piece, voice, rate_hz)

    def _clause(self, text: str, voice: Voice, rate_hz: int) -> Iterator[bytes]:
        """At the rate itself where Polly has it, else made from its best."""
        own_hz = rate_hz if rate_hz in _RATES_HZ else _RATES_HZ[-1]
        change = soxr.ResampleStream(own_hz, rate_hz, 1, dtype="int16") if own_hz != rate_hz else None
        with faults():
            for pcm in self.sounds.speak(text, voice.name, voice.engine, voice.language, own_hz):
                yield change.resample_chunk(np.frombuffer(pcm, "<i2")).tobytes() if change else pcm
        if change:
            yield change.resample_chunk(np.empty(0, "<i2"), last=True).tobytes()
