"""Translation by Amazon Translate, a request per text; a text beyond its limit goes sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from media_worker.engines.aws.faults import faults
from media_worker.engines.aws.languages import WRITTEN
from media_worker.engines.aws.services import Texts
from media_worker.engines.base import LanguageNotServed, TranslationRequest
from media_worker.engines.sentences import sentences

MAX_BYTES = 10_000
_PAIRS = frozenset(permutations(WRITTEN, 2))


@dataclass(frozen=True, slots=True)
class AmazonTranslator:
    texts: Texts

    def pairs(self) -> frozenset[tuple[str, str]]:
        return _PAIRS

    def translate(self, requests: Sequence[TranslationRequest]) -> list[str]:
        return [self._translate(request) for request in requests]

    def _translate(self, request: TranslationRequest) -> str:
        if (request.source, request.target) not in _PAIRS:
            raise LanguageNotServed("translation_unavailable")
        if not request.text.strip():
            return request.text
        with faults():
            return " ".join(
                self.texts.translate(piece, request.source, request.target) for piece in _pieces(request.text)
            )


def _pieces(text: str) -> Iterator[str]:
    """Whole, or in runs of sentences that fit; what has no sentences is cut, between characters."""
    if len(text.encode()) <= MAX_BYTES:
        yield text
        return
    run = ""
    for sentence in sentences(text):
        for part in _short(sentence):
            if run and len(f"{run} {part}".encode()) > MAX_BYTES:
                yield run
                run = part
            else:
                run = f"{run} {part}" if run else part
    if run:
        yield run


def _short(sentence: str) -> Iterator[str]:
    step = len(sentence) if len(sentence.encode()) <= MAX_BYTES else MAX_BYTES // 4
    for start in range(0, len(sentence), step):
        yield sentence[start : start + step]
