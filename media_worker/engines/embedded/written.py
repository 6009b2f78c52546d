"""Recognised words as people write them: the recogniser knows neither capitals nor marks, readers expect both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from media_worker.engines.base import Recognition, RecognitionStream, SpeechToText, StreamSpec
from media_worker.engines.embedded.truecase import finished


@dataclass(frozen=True, slots=True)
class WrittenSpeechToText:
    """A recogniser whose finals are cased and punctuated; partials stay as heard, they change anyway."""

    heard: SpeechToText

    def languages(self) -> frozenset[str]:
        return self.heard.languages()

    def open(self, spec: StreamSpec) -> RecognitionStream:
        return self.heard.open(spec)

    def begin(self, stream: RecognitionStream) -> None:
        self.heard.begin(stream)

    def advance(self, work: Sequence[tuple[RecognitionStream, bytes]]) -> list[str | None]:
        return self.heard.advance(work)

    def finish(self, streams: Sequence[RecognitionStream]) -> list[Recognition]:
        return [_written(recognition) for recognition in self.heard.finish(streams)]

    def close(self, stream: RecognitionStream) -> None:
        self.heard.close(stream)


def _written(recognition: Recognition) -> Recognition:
    return replace(recognition, text=finished(recognition.text, recognition.language))
