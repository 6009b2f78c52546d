"""Streaming recognition over a model that hears whole utterances.

An utterance is decoded once at its end. One that goes on is heard again every now and then (`policy`), all that are
due in one batch, and what two hypotheses agree on is never taken back (`agreement`).
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

import numpy as np

from media_worker.audio.resample import Resampler
from media_worker.engines.base import (
    UNDETERMINED,
    EngineError,
    LanguageNotServed,
    Recognition,
    RecognitionStream,
    StreamSpec,
)
from media_worker.engines.whisper.agreement import Agreement
from media_worker.engines.whisper.decoder import Hypothesis, Piece
from media_worker.engines.whisper.policy import POLICIES, Policy
from media_worker.engines.whisper.windows import RATE_HZ, Signal

_SHORTEST_S = 0.1
_NOBODY_SPEAKS = 0.6
_GUESSING = math.exp(-1)
_REPEATS_ITSELF = 2.4


class Decoder(Protocol):
    @property
    def detects_language(self) -> bool: ...

    def languages(self) -> frozenset[str]: ...

    def hear(self, pieces: Sequence[Piece]) -> list[Hypothesis]: ...


@dataclass(slots=True)
class WhisperStream:
    """One leg. `heard_s` is how much of the open utterance the last hypothesis was made of.

    `language` of the open utterance and `certain` how sure that is: detected at its first hypothesis with words, and
    kept to its end, because committed words are tokens of that language.
    """

    spec: StreamSpec
    policy: Policy
    agreement: Agreement
    choices: frozenset[str] = frozenset()
    language: str = UNDETERMINED
    certain: float = 1.0
    pcm: bytearray = field(default_factory=bytearray)
    wide: Resampler | None = None
    heard_s: float | None = None
    listening: bool = False
    ending: bool = False

    @property
    def length_s(self) -> float:
        return len(self.pcm) / 2 / RATE_HZ

    def piece(self, *, with_times: bool = False) -> Piece:
        return Piece(_signal(self.pcm), self.language, self.agreement.prefix, self.spec.hints, with_times, self.choices)

    def settle(self, hypothesis: Hypothesis) -> None:
        """Its language is the utterance's from here on."""
        if self.language == UNDETERMINED:
            self.language, self.certain = hypothesis.language, hypothesis.language_probability


class WhisperSpeechToText:
    def __init__(self, decoder: Decoder, policy: Policy, languages: frozenset[str]) -> None:
        """`languages` are the product's; those the model knows are served. `policy` is for streams that name none."""
        self._decoder = decoder
        self._policy = policy
        self._languages = languages & decoder.languages()

    def languages(self) -> frozenset[str]:
        return self._languages

    @property
    def detects_language(self) -> bool:
        return self._decoder.detects_language

    def open(self, spec: StreamSpec) -> WhisperStream:
        if spec.language not in self._languages and not (spec.language == UNDETERMINED and self.detects_language):
            raise LanguageNotServed("speech_unavailable")
        if spec.rate_hz not in (8000, RATE_HZ):
            raise EngineError("rate_not_served")
        policy = POLICIES.get(spec.policy or "", self._policy)
        return WhisperStream(spec, policy, Agreement(policy.rounds), self._languages)

    def begin(self, stream: RecognitionStream) -> None:
        leg = cast(WhisperStream, stream)
        leg.pcm.clear()
        leg.agreement = Agreement(leg.policy.rounds)
        leg.wide = Resampler(leg.spec.rate_hz, RATE_HZ) if leg.spec.rate_hz != RATE_HZ else None
        leg.language, leg.certain = leg.spec.language, 1.0
        leg.heard_s, leg.listening = None, True

    def advance(self, work: Sequence[tuple[RecognitionStream, bytes]]) -> list[str | None]:
        legs = [_listening(stream) for stream, _ in work]
        for leg, (_, pcm) in zip(legs, work, strict=True):
            leg.pcm += leg.wide.push(pcm) if leg.wide else pcm
        # One that ends is heard by `finish`; twice in a row, it would keep its own final and the others waiting.
        due = [leg for leg in legs if not leg.ending and leg.policy.due(leg.length_s, leg.heard_s)]
        changed = {id(leg): text for leg, text in zip(due, self._hear_again(due), strict=True)}
        return [changed.get(id(leg)) for leg in legs]

    def _hear_again(self, legs: Sequence[WhisperStream]) -> list[str | None]:
        hypotheses = self._decoder.hear([leg.piece() for leg in legs]) if legs else []
        return [_agree(leg, hypothesis) for leg, hypothesis in zip(legs, hypotheses, strict=True)]

    def finish(self, streams: Sequence[RecognitionStream]) -> list[Recognition]:
        legs = [_listening(stream) for stream in streams]
        worth = [leg for leg in legs if leg.length_s >= _SHORTEST_S]
        made = self._decoder.hear([leg.piece(with_times=True) for leg in worth]) if worth else []
        heard = {id(leg): hypothesis for leg, hypothesis in zip(worth, made, strict=True)}
        for leg in legs:
            leg.listening = False
        return [_recognition(leg, heard.get(id(leg))) for leg in legs]

    def close(self, stream: RecognitionStream) -> None:
        leg = cast(WhisperStream, stream)
        leg.pcm.clear()
        leg.listening = False


def _listening(stream: RecognitionStream) -> WhisperStream:
    leg = cast(WhisperStream, stream)
    if not leg.listening:
        raise EngineError("no_open_utterance")
    return leg


def _signal(pcm: bytearray) -> Signal:
    samples = np.frombuffer(bytes(pcm[: len(pcm) // 2 * 2]), "<i2").astype(np.float32)
    return np.asarray(samples / np.float32(32768), np.float32)


def _agree(leg: WhisperStream, hypothesis: Hypothesis) -> str | None:
    """The text where it changed; silence settles nothing."""
    leg.heard_s = leg.length_s
    if _is_silent(hypothesis):
        return None
    leg.settle(hypothesis)
    before = leg.agreement.text
    leg.agreement.add(hypothesis.words)
    text = leg.agreement.text
    return text if text != before else None


def _is_silent(hypothesis: Hypothesis) -> bool:
    """As Whisper's authors decide it: it says so itself, and does not believe its own words."""
    return not hypothesis.text or (hypothesis.silence > _NOBODY_SPEAKS and hypothesis.probability < _GUESSING)


def _repeats_itself(text: str) -> bool:
    """A decoder that found no end says the same over and over, which compresses well; the threshold is Whisper's."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) > _REPEATS_ITSELF


def _recognition(leg: WhisperStream, hypothesis: Hypothesis | None) -> Recognition:
    if hypothesis is None or _is_silent(hypothesis) or _repeats_itself(hypothesis.text):
        return Recognition("", leg.language, 0.0, understood=False)
    leg.settle(hypothesis)
    confidence = min(1.0, max(0.0, hypothesis.probability))
    return Recognition(hypothesis.text, leg.language, confidence, hypothesis.timed, language_confidence=leg.certain)
