"""The one place that knows pocketsphinx: its settings, its files, and the units of its scores."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pocketsphinx

from media_worker.engines.embedded.gate import Evidence
from media_worker.engines.embedded.models import ModelFolder

FRAMES_PER_S = 100
_VARIANT = re.compile(r"\(\d+\)$")
_SMALLEST = 1e-300
_PRIOR_FRAMES = 500
_LANGUAGE_SHIFT = 1024
"""Language scores come weighted, and shifted right by ten bits to fit the search's integers."""

# Wider than the defaults: a third fewer errors for a tenth more work. Without the second, flat pass the end of an
# utterance costs 8 ms in place of 60. Spanish sounds through an English model deserve less trust beside the language
# model, and tend to fall apart into short words.
_SEARCH = {"beam": 1e-64, "pbeam": 1e-64, "wbeam": 1e-44, "fwdflat": False, "bestpath": True}
_LANGUAGE_WEIGHT = {"en": 6.5, "es": 7.5}
_WORD_PENALTY = {"en": 0.65, "es": 0.2}


@dataclass(frozen=True)
class Segment:
    """One recognised word, in frames of the utterance (first and last), and what speaks for it."""

    text: str
    first_frame: int
    last_frame: int
    evidence: Evidence


def english_dictionary() -> Path:
    """The pronunciations in the wheel: 135 000 English words."""
    return Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))


def decoder(language: str, models: ModelFolder) -> Any:
    """A silent decoder: about 20 ms and 8 MB. Normalisation is live: it converges over the decoder's life."""
    cepstral_mean = models.normalisation(language).read_text(encoding="utf-8")
    return _decoder(
        language, models, lw=_LANGUAGE_WEIGHT[language], wip=_WORD_PENALTY[language], cmninit=cepstral_mean, **_SEARCH
    )


def cepstral_mean(language: str, models: ModelFolder, speech: Iterable[bytes]) -> list[float]:
    """What normalisation converges to over utterances of 16 kHz PCM; a search this narrow hears nothing else."""
    front_end = _decoder(language, models, beam=1e-5, pbeam=1e-5, wbeam=1e-5, fwdflat=False, bestpath=False)
    for pcm in speech:
        front_end.start_utt()
        front_end.process_raw(pcm)
        front_end.end_utt()
    return _mean(front_end.get_cmn(True))


def _decoder(language: str, models: ModelFolder, **settings: Any) -> Any:
    return pocketsphinx.Decoder(
        hmm=pocketsphinx.get_model_path("en-us/en-us"),
        lm=str(models.language_model(language)),
        dict=str(models.dictionary(language)),
        cmn="live",
        logfn="/dev/null",
        loglevel="FATAL",
        **settings,
    )


def recentre(decoder: Any, pcm: bytes) -> None:
    """Hear the open utterance, whose audio so far is `pcm`, again, normalised by its own cepstral mean.

    For a decoder that heard nothing before: normalisation weighs the mean that it starts from as five seconds of
    speech, so a voice or line unlike the ones it was made from is misheard until then.
    """
    start = _mean(decoder.get_cmn(False))
    decoder.end_utt()
    heard = decoder.n_frames()
    if heard:
        reach = (_PRIOR_FRAMES + heard) / heard
        moved = zip(start, _mean(decoder.get_cmn(True)), strict=True)
        decoder.set_cmn(",".join(f"{before + (after - before) * reach:.3f}" for before, after in moved))
    decoder.start_utt()
    decoder.process_raw(pcm)


def _mean(text: str) -> list[float]:
    return [float(value) for value in text.split(",")]


def text_so_far(decoder: Any) -> str:
    hypothesis = decoder.hyp()
    return "" if hypothesis is None else str(hypothesis.hypstr)


def segments(decoder: Any, language: str) -> Iterator[Segment]:
    """The words of the finished utterance; silence, noise and sentence marks are left out."""
    if decoder.hyp() is None:
        return
    for segment in decoder.seg():
        if segment.word[0] not in "<[+":
            yield _segment(segment, _LANGUAGE_WEIGHT[language])


def _segment(segment: Any, language_weight: float) -> Segment:
    evidence = Evidence(
        language_score=_log(segment.lscore) * _LANGUAGE_SHIFT / language_weight,
        posterior=min(0.0, _log(segment.prob)),
    )
    return Segment(_VARIANT.sub("", segment.word), segment.start_frame, segment.end_frame, evidence)


def _log(value: float) -> float:
    return math.log(max(value, _SMALLEST))
