from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from media_worker.engines.base import Recognition, RecognitionStream, StreamSpec, Word
from media_worker.engines.embedded.written import WrittenSpeechToText
from media_worker.engines.scripted import ScriptedSpeechToText


@dataclass(frozen=True)
class Hears:
    """A recogniser that always ends with the same words."""

    recognition: Recognition
    scripted: ScriptedSpeechToText = field(default_factory=ScriptedSpeechToText)

    def languages(self) -> frozenset[str]:
        return self.scripted.languages()

    def open(self, spec: StreamSpec) -> RecognitionStream:
        return self.scripted.open(spec)

    def begin(self, stream: RecognitionStream) -> None:
        self.scripted.begin(stream)

    def advance(self, work: Sequence[tuple[RecognitionStream, bytes]]) -> list[str | None]:
        return self.scripted.advance(work)

    def finish(self, streams: Sequence[RecognitionStream]) -> list[Recognition]:
        return [self.recognition for _ in streams]

    def close(self, stream: RecognitionStream) -> None:
        self.scripted.close(stream)


@pytest.mark.parametrize(
    ("language", "heard", "written"),
    [
        ("en", "i have a question about my order", "I have a question about my order."),
        ("en", "where is my package", "Where is my package?"),
        ("es", "cuándo llegará mi paquete", "¿Cuándo llegará mi paquete?"),
        ("en", "", ""),
    ],
)
def test_a_final_is_written_as_people_write(language: str, heard: str, written: str) -> None:
    words = (Word("i", 0.0, 0.1, 0.9),)
    engine = WrittenSpeechToText(Hears(Recognition(heard, language, 0.8, words, understood=False)))
    stream = engine.open(StreamSpec("en", 8000))

    assert engine.finish([stream]) == [Recognition(written, language, 0.8, words, understood=False)]
