"""Text to text by CTranslate2: sentences of many calls in one batch, whatever their languages."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ctranslate2

from core.domain.figures import lost
from media_worker.engines.base import EngineError, LanguageNotServed, TranslationRequest
from media_worker.engines.batches import by_key
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.sentences import sentences
from media_worker.engines.translation.families import Family, family

MAX_CHARACTERS = 5000
_SENTENCE_CHARACTERS = 400
_LARGEST_BATCH = 32
_MOST_TOKENS = 512
_CAREFULLY = 4
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """One loaded model and how it is asked."""

    engine: Any
    family: Family

    @classmethod
    def load(
        cls,
        folder: Path,
        languages: frozenset[str],
        *,
        device: str,
        compute_type: str,
        threads: int,
        noncommercial: bool = False,
    ) -> Model:
        """`noncommercial`: see `families.family`. Raises EnginesNotAvailable."""
        asked = family(folder, languages, noncommercial=noncommercial)
        try:
            engine = ctranslate2.Translator(
                str(folder), device=device, compute_type=compute_type, intra_threads=threads, inter_threads=1
            )
        except (RuntimeError, ValueError) as error:
            raise EnginesNotAvailable(f"the translation model in {folder} cannot be loaded: {error}") from None
        return cls(engine, asked)

    def translate(self, work: Sequence[TranslationRequest], beams: int = 1) -> list[str]:
        results = self.engine.translate_batch(
            [self.family.source(request.text, (request.source, request.target)) for request in work],
            target_prefix=[self.family.prefix(request.target) for request in work],
            beam_size=beams,
            max_batch_size=_LARGEST_BATCH,
            max_decoding_length=_MOST_TOKENS,
            no_repeat_ngram_size=0,
        )
        return [self.family.text(result.hypotheses[0]) for result in results]


class BatchTranslator:
    """`Translator` over one or more models; the first that serves a pair is asked."""

    def __init__(self, models: Sequence[Model]) -> None:
        if not models:
            raise EnginesNotAvailable("there is no translation model")
        self._models = {pair: model for model in reversed(models) for pair in model.family.pairs}

    def pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(self._models)

    def translate(self, requests: Sequence[TranslationRequest]) -> list[str]:
        pieces = [(number, piece) for number, request in enumerate(requests) for piece in self._pieces(request)]
        made: list[list[str]] = [[] for _ in requests]
        for (number, _), text in zip(pieces, self._translated([piece for _, piece in pieces]), strict=True):
            made[number].append(text)
        return [" ".join(text for text in texts if text) for texts in made]

    def _pieces(self, request: TranslationRequest) -> list[TranslationRequest]:
        """Sentence by sentence; what is too long for one pass is cut at a space."""
        if (request.source, request.target) not in self._models:
            raise LanguageNotServed("translation_unavailable")
        if len(request.text) > MAX_CHARACTERS:
            raise EngineError("text_too_long")
        parts = [part for sentence in sentences(_printable(request.text)) for part in _short(sentence)]
        return [TranslationRequest(part, request.source, request.target) for part in parts]

    def _translated(self, pieces: Sequence[TranslationRequest]) -> list[str]:
        """What holds no word stays as it is."""
        texts = [piece.text for piece in pieces]
        for model, numbers in by_key([self._model(piece) for piece in pieces]).items():
            if model is not None:
                for number, text in zip(numbers, _checked(model, [pieces[n] for n in numbers]), strict=True):
                    texts[number] = text
        return texts

    def _model(self, piece: TranslationRequest) -> Model | None:
        is_spoken = any(character.isalnum() for character in piece.text)
        return self._models[(piece.source, piece.target)] if is_spoken else None


def _checked(model: Model, pieces: Sequence[TranslationRequest]) -> list[str]:
    """Greedily; a translation that lost a figure is made again with more care, and kept where that helped."""
    texts = model.translate(pieces)
    doubtful = [number for number, piece in enumerate(pieces) if lost(piece.text, texts[number])]
    if not doubtful:
        return texts
    for number, text in zip(doubtful, model.translate([pieces[n] for n in doubtful], _CAREFULLY), strict=True):
        if lost(pieces[number].text, text).total() < lost(pieces[number].text, texts[number]).total():
            texts[number] = text
    _log.info("figures were checked again in %d of %d sentences", len(doubtful), len(pieces))
    return texts


def _short(sentence: str) -> list[str]:
    parts: list[str] = []
    while len(sentence) > _SENTENCE_CHARACTERS:
        cut = sentence.rfind(" ", 0, _SENTENCE_CHARACTERS)
        cut = cut if cut > 0 else _SENTENCE_CHARACTERS
        parts.append(sentence[:cut])
        sentence = sentence[cut:].strip()
    return [*parts, sentence] if sentence else parts


def _printable(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
