"""Streaming recognition: one decoder per leg over the English acoustic model, each language with its own domain.

A leg's decoder lives as long as the leg, because its running mean normalisation converges over a call. It holds the
interpreter lock while it works, which is why engines live in processes of their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from media_worker.engines.base import EngineError, LanguageNotServed, Recognition, RecognitionStream, StreamSpec, Word
from media_worker.engines.embedded import gate, sphinx
from media_worker.engines.embedded.bandwidth import NARROW_HZ, WIDE_HZ, BandwidthExtension, Weights
from media_worker.engines.embedded.models import LANGUAGES, ModelFolder
from media_worker.engines.embedded.telephone import from_pcm, to_pcm

_OPENING_BYTES = int(1.5 * WIDE_HZ) * 2
_SHORTEST_OPENING_BYTES = int(0.6 * WIDE_HZ) * 2


class ModelsMissing(EngineError):
    """The models were not built."""

    def __init__(self, folder: Path) -> None:
        super().__init__("models_missing")
        self.add_note(f"no speech models in {folder}: python -m media_worker.engines.embedded.build --out {folder}")


@dataclass
class SphinxStream:
    """One leg: its decoder, its extension (None where the leg delivers 16 kHz) and the text told last."""

    spec: StreamSpec
    decoder: Any
    extension: BandwidthExtension | None
    opening: bytearray | None = field(default_factory=bytearray)
    """The first utterance so far, until normalisation has been set by it (`sphinx.recentre`)."""
    told: str = ""
    ending: bool = False
    listening: bool = False


class SphinxSpeechToText:
    """`SpeechToText` for English and Spanish. Raises ModelsMissing when `build` did not run.

    `StreamSpec.hints` are not used: a word outside the domain's model could only be guessed.
    """

    def __init__(self, models_dir: Path, weights: Weights | None = None) -> None:
        """`weights` stand in for the folder's own bandwidth extension (a bench leaves a speaker out)."""
        self._models = ModelFolder(models_dir)
        if not self._models.stamp.exists():
            raise ModelsMissing(models_dir)
        self._weights = weights or Weights.load(self._models.bandwidth)

    def languages(self) -> frozenset[str]:
        return frozenset(LANGUAGES)

    def open(self, spec: StreamSpec) -> SphinxStream:
        if spec.language not in LANGUAGES:
            raise LanguageNotServed("speech_unavailable")
        if spec.rate_hz not in (NARROW_HZ, WIDE_HZ):
            raise EngineError("rate_not_served")
        decoder = sphinx.decoder(spec.language, self._models)
        return SphinxStream(spec, decoder, BandwidthExtension(self._weights) if spec.rate_hz == NARROW_HZ else None)

    def begin(self, stream: RecognitionStream) -> None:
        leg = cast(SphinxStream, stream)
        _abandon(leg)
        if leg.extension:
            leg.extension.reset()
        leg.decoder.start_utt()
        leg.told, leg.listening = "", True

    def advance(self, work: Sequence[tuple[RecognitionStream, bytes]]) -> list[str | None]:
        return [_advance(_listening(stream), pcm) for stream, pcm in work]

    def finish(self, streams: Sequence[RecognitionStream]) -> list[Recognition]:
        return [_finish(_listening(stream)) for stream in streams]

    def close(self, stream: RecognitionStream) -> None:
        leg = cast(SphinxStream, stream)
        _abandon(leg)
        leg.decoder = None


def _listening(stream: RecognitionStream) -> SphinxStream:
    leg = cast(SphinxStream, stream)
    if not leg.listening:
        raise EngineError("no_open_utterance")
    return leg


def _abandon(leg: SphinxStream) -> None:
    if leg.listening:
        leg.decoder.end_utt()
    if leg.opening:
        leg.opening.clear()
    leg.listening = False


def _hear(leg: SphinxStream, wide: bytes) -> None:
    leg.decoder.process_raw(wide)
    if leg.opening is not None:
        leg.opening += wide
        if len(leg.opening) >= _OPENING_BYTES:
            _recentre(leg, leg.opening)


def _recentre(leg: SphinxStream, opening: bytearray) -> None:
    leg.opening = None
    sphinx.recentre(leg.decoder, bytes(opening))


def _advance(leg: SphinxStream, pcm: bytes) -> str | None:
    wide = to_pcm(leg.extension.feed(from_pcm(pcm))) if leg.extension else pcm
    if not wide:
        return None
    _hear(leg, wide)
    text = sphinx.text_so_far(leg.decoder)
    if text == leg.told:
        return None
    leg.told = text
    return text


def _finish(leg: SphinxStream) -> Recognition:
    if leg.extension and (rest := to_pcm(leg.extension.flush())):
        _hear(leg, rest)
    if leg.opening and len(leg.opening) >= _SHORTEST_OPENING_BYTES:
        _recentre(leg, leg.opening)
    _abandon(leg)
    return recognition(leg.spec.language, list(sphinx.segments(leg.decoder, leg.spec.language)))


def recognition(language: str, segments: Sequence[sphinx.Segment]) -> Recognition:
    evidence = [segment.evidence for segment in segments]
    return Recognition(
        text=" ".join(segment.text for segment in segments),
        language=language,
        confidence=gate.confidence(evidence, language),
        words=tuple(_word(segment) for segment in segments),
        understood=gate.understood(evidence, language),
    )


def _word(segment: sphinx.Segment) -> Word:
    return Word(
        text=segment.text,
        start_s=segment.first_frame / sphinx.FRAMES_PER_S,
        end_s=(segment.last_frame + 1) / sphinx.FRAMES_PER_S,
        confidence=math.exp(segment.evidence.posterior),
    )
