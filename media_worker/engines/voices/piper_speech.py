"""Piper voices, clause by clause. Piper is GPL-3.0 and runs as a program of its own; nothing of it is imported here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from media_worker.engines.base import EngineError, LanguageNotServed, SpeechRequest
from media_worker.engines.voices.clause_by_clause import finished, spoken
from media_worker.engines.voices.piper_link import PiperLink, program
from media_worker.engines.voices.piper_voices import PiperVoice, voices_in

MAX_CHARACTERS = 5000


class Speaker(Protocol):
    """`PiperLink`, or who stands in for it."""

    def speak(self, voice: int, text: str) -> bytes: ...

    def close(self) -> None: ...


class PiperTextToSpeech:
    """`TextToSpeech` for the languages of its voices; the first voice of a language is its default."""

    def __init__(self, voices: Sequence[PiperVoice], speaker: Speaker) -> None:
        """`speaker` knows the voices by their places in `voices`."""
        self._voices = tuple(voices)
        self._speaker = speaker

    @classmethod
    def of(cls, folder: Path, known: frozenset[str], threads: int) -> PiperTextToSpeech | None:
        """None when the folder has no voice for a known language. Raises EnginesNotAvailable."""
        voices = voices_in(folder, known)
        return cls(voices, PiperLink(program([voice.path for voice in voices], threads))) if voices else None

    def languages(self) -> frozenset[str]:
        return frozenset(voice.language for voice in self._voices)

    def speak(self, request: SpeechRequest) -> Iterator[bytes]:
        number = self._number(request)
        if len(request.text) > MAX_CHARACTERS:
            raise EngineError("text_too_long")
        return spoken(request.text, request.rate_hz, partial(self._clause, number, request.rate_hz))

    def close(self) -> None:
        self._speaker.close()

    def _number(self, request: SpeechRequest) -> int:
        own = [number for number, voice in enumerate(self._voices) if voice.language == request.language]
        if not own:
            raise LanguageNotServed("speech_unavailable")
        wanted = request.voice
        for number in own:
            if wanted is None or self._voices[number].is_called(wanted):
                return number
        raise EngineError("voice_unknown")

    def _clause(self, number: int, rate_hz: int, text: str) -> bytes:
        pcm = self._speaker.speak(number, text)
        return finished(np.frombuffer(pcm, "<i2").astype(np.float32), self._voices[number].rate_hz, rate_hz)
