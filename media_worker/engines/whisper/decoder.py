"""One Whisper model, asked by batch: utterances of many calls in one encoder pass and one decoder pass.

faster-whisper loads model, tokenizer and features; its own `transcribe` serves one recording at a time and pads it to
half a minute, so the model is called one level below it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from media_worker.engines.base import UNDETERMINED, Word
from media_worker.engines.batches import batches, by_key
from media_worker.engines.whisper.agreement import HeardWord
from media_worker.engines.whisper.windows import FRAMES_PER_S, RATE_HZ, Signal, padded, window_s

LARGEST_BATCH = 16
_TOKENS_PER_S = 8
_FEWEST_TOKENS = 24
_POSITIONS = 448
_HINT_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """One utterance to hear. `prefix` are tokens that are settled; `hints` words that are likely.

    `language` UNDETERMINED is detected, among `choices`.
    """

    signal: Signal
    language: str
    prefix: tuple[int, ...] = ()
    hints: tuple[str, ...] = ()
    with_times: bool = False
    choices: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """`words` come after the piece's prefix; `timed` are all of them, where times were asked for.

    `probability` is the mean of the tokens', `silence` that nobody speaks at all; both 0..1. `language` is the piece's
    or the detected one, which is right by `language_probability`.
    """

    text: str
    words: tuple[HeardWord, ...]
    probability: float
    silence: float
    timed: tuple[Word, ...] = ()
    language: str = UNDETERMINED
    language_probability: float = 1.0


class WhisperDecoder:
    """Not thread-safe; an engine process has one for its hearing thread."""

    def __init__(self, folder: Path, *, device: str = "cpu", compute_type: str = "int8", threads: int = 1) -> None:
        self._model = WhisperModel(str(folder), device=device, compute_type=compute_type, cpu_threads=threads)
        self._tokenizers: dict[str, Tokenizer] = {}

    def languages(self) -> frozenset[str]:
        return frozenset(self._model.supported_languages)

    @property
    def detects_language(self) -> bool:
        """Models of English alone do not."""
        return bool(self._model.model.is_multilingual)

    def hear(self, pieces: Sequence[Piece]) -> list[Hypothesis]:
        """A hypothesis for each piece, in order."""
        heard: dict[int, Hypothesis] = {}
        # The model takes no two prompts in one pass whose hints are of unequal length.
        keys = [(window_s(len(piece.signal)), len(self._hints(piece))) for piece in pieces]
        for numbers in batches(keys, LARGEST_BATCH):
            batch = [pieces[number] for number in numbers]
            heard.update(zip(numbers, self._hear(batch), strict=True))
        return [heard[number] for number in range(len(pieces))]

    def _hear(self, batch: Sequence[Piece]) -> list[Hypothesis]:
        encoded = self._encode(batch)
        batch, certain = self._detected(encoded, batch)
        answers = self._model.model.generate(
            encoded,
            [self._prompt(piece) for piece in batch],
            beam_size=1,
            max_length=min(_POSITIONS, 2 * self._most_tokens(batch)),
            return_scores=True,
            return_no_speech_prob=True,
        )
        tokens = [self._text_tokens(piece, answer) for piece, answer in zip(batch, answers, strict=True)]
        timed = self._times(encoded, batch, tokens)
        return [
            replace(self._hypothesis(piece, own, answer, words), language_probability=probability)
            for piece, own, answer, words, probability in zip(batch, tokens, answers, timed, certain, strict=True)
        ]

    def _detected(self, encoded: Any, batch: Sequence[Piece]) -> tuple[list[Piece], list[float]]:
        """Every piece with its language, and how probable that is, from the encoding that is there already."""
        pieces, certain = list(batch), [1.0] * len(batch)
        open_ = [number for number, piece in enumerate(batch) if piece.language == UNDETERMINED]
        if open_:
            found = self._model.model.detect_language(_rows(encoded, open_, len(batch)))
            for number, ranking in zip(open_, found, strict=True):
                language, certain[number] = _likeliest(ranking, batch[number].choices)
                pieces[number] = replace(batch[number], language=language)
        return pieces, certain

    def _encode(self, batch: Sequence[Piece]) -> Any:
        seconds = window_s(max(len(piece.signal) for piece in batch))
        features = np.stack([self._features(piece.signal, seconds) for piece in batch])
        return self._model.model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(features)))

    def _features(self, signal: Signal, seconds: int) -> Any:
        frames = seconds * FRAMES_PER_S
        return self._model.feature_extractor(padded(signal, seconds), padding=0)[:, :frames].astype(np.float32)

    def _tokenizer(self, language: str) -> Tokenizer:
        if language not in self._tokenizers:
            many = self._model.model.is_multilingual
            self._tokenizers[language] = Tokenizer(self._model.hf_tokenizer, many, "transcribe", language)
        return self._tokenizers[language]

    def _hints(self, piece: Piece) -> list[int]:
        if not piece.hints:
            return []
        # Words are the same tokens in every language.
        return list(self._tokenizer("en").encode(" " + ", ".join(piece.hints))[:_HINT_TOKENS])

    def _prompt(self, piece: Piece) -> list[int]:
        tokenizer, hints = self._tokenizer(piece.language), self._hints(piece)
        before = [tokenizer.sot_prev, *hints] if hints else []
        return [*before, *tokenizer.sot_sequence, tokenizer.no_timestamps, *piece.prefix]

    @staticmethod
    def _most_tokens(batch: Sequence[Piece]) -> int:
        """Nobody says more than that in the time; it ends a decoder that repeats itself."""
        longest_s = max(len(piece.signal) for piece in batch) / RATE_HZ
        return max(len(piece.prefix) for piece in batch) + _FEWEST_TOKENS + int(_TOKENS_PER_S * longest_s)

    def _text_tokens(self, piece: Piece, answer: Any) -> list[int]:
        end = self._tokenizer(piece.language).eot
        return [token for token in answer.sequences_ids[0] if token < end]

    def _hypothesis(self, piece: Piece, tokens: list[int], answer: Any, timed: tuple[Word, ...]) -> Hypothesis:
        tokenizer = self._tokenizer(piece.language)
        return Hypothesis(
            text=tokenizer.decode(tokens).strip(),
            words=_words(tokenizer, tokens[len(piece.prefix) :]),
            probability=math.exp(min(0.0, answer.scores[0])) if tokens else 0.0,
            silence=answer.no_speech_prob,
            timed=timed,
            language=piece.language,
        )

    # Word times

    def _times(self, encoded: Any, batch: Sequence[Piece], tokens: Sequence[list[int]]) -> list[tuple[Word, ...]]:
        """One alignment for all pieces of a language: the model takes the language's prompt once per call."""
        timed: list[tuple[Word, ...]] = [()] * len(batch)
        wanted = [
            piece.language if piece.with_times and own else None for piece, own in zip(batch, tokens, strict=True)
        ]
        for language, numbers in by_key(wanted).items():
            if isinstance(language, str):
                rows = _rows(encoded, numbers, len(batch))
                aligned = self._aligned(
                    language, rows, [batch[number] for number in numbers], [tokens[n] for n in numbers]
                )
                for number, words in zip(numbers, aligned, strict=True):
                    timed[number] = words
        return timed

    def _aligned(
        self, language: str, rows: Any, pieces: Sequence[Piece], tokens: Sequence[list[int]]
    ) -> list[tuple[Word, ...]]:
        tokenizer = self._tokenizer(language)
        frames = [min(len(piece.signal) * FRAMES_PER_S // RATE_HZ, 3000) for piece in pieces]
        found = self._model.find_alignment(tokenizer, list(tokens), rows, frames)
        return [tuple(_word(word) for word in words if word["word"].strip()) for words in found]


def _likeliest(ranking: Sequence[tuple[str, float]], choices: frozenset[str]) -> tuple[str, float]:
    """Among `choices`, as probable as it is beside the others of them."""
    able = [(token.strip("<|>"), probability) for token, probability in ranking]
    served = [(code, probability) for code, probability in able if code in choices]
    language, probability = max(served, key=lambda one: one[1])
    return language, probability / (sum(other for _, other in served) or 1.0)


def _rows(encoded: Any, numbers: Sequence[int], count: int) -> Any:
    """Some pieces' share of an encoded batch."""
    if len(numbers) == count:
        return encoded
    everything = np.array(encoded.to_device(ctranslate2.Device.cpu).to(ctranslate2.DataType.float32))
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(everything[list(numbers)]))


def _words(tokenizer: Tokenizer, tokens: list[int]) -> tuple[HeardWord, ...]:
    texts, parts = tokenizer.split_to_word_tokens(tokens)
    return tuple(HeardWord(text, tuple(part)) for text, part in zip(texts, parts, strict=True))


def _word(found: dict[str, Any]) -> Word:
    start_s, end_s = float(found["start"]), float(found["end"])
    return Word(found["word"].strip(), start_s, max(end_s, start_s + 0.02), float(found["probability"]))
