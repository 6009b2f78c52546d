"""Voices of several families as one: a language is spoken by the first family that has it, unless a voice is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from media_worker.engines.base import EngineError, LanguageNotServed, SpeechRequest, TextToSpeech
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.voices.kokoro import KokoroTextToSpeech
from media_worker.engines.voices.piper_speech import PiperTextToSpeech


class JoinedVoices:
    """`TextToSpeech`. Each family refuses a name that it does not know in `speak` itself, before any work."""

    def __init__(self, families: Sequence[TextToSpeech], close: Callable[[], None] = lambda: None) -> None:
        self._families = tuple(families)
        self.close = close

    def languages(self) -> frozenset[str]:
        return frozenset[str]().union(*(family.languages() for family in self._families))

    def speak(self, request: SpeechRequest) -> Iterator[bytes]:
        refusal: EngineError = LanguageNotServed("speech_unavailable")
        for family in self._families:
            if request.language not in family.languages():
                continue
            try:
                return family.speak(request)
            except EngineError as error:
                if error.code != "voice_unknown":
                    raise
                refusal = error
        raise refusal


def voices_below(folder: Path, known: frozenset[str], threads: int) -> JoinedVoices:
    """Kokoro from `kokoro/`, Piper from `piper/`; either may be absent. Raises EnginesNotAvailable."""
    kokoro = KokoroTextToSpeech(folder / "kokoro") if (folder / "kokoro").is_dir() else None
    piper = PiperTextToSpeech.of(folder / "piper", known, threads)
    families: list[TextToSpeech] = [family for family in (kokoro, piper) if family is not None]
    if not families:
        raise EnginesNotAvailable(f"{folder} has no voice: neither kokoro/kokoro.onnx nor piper/<voice>.onnx")
    return JoinedVoices(families, piper.close) if piper else JoinedVoices(families)
