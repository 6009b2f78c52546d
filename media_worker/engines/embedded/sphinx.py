"""The one place that knows pocketsphinx: its settings, its files, and the units of its scores."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pocketsphinx

from media_worker.engines.embedded.gate import Evidence

FRAMES_PER_S = 100
_VARIANT = re.compile(r"\(\d+\)$")
_SMALLEST = 1e-300
_LANGUAGE_WEIGHT = 6.5
_LANGUAGE_SHIFT = 1024
"""Language scores come weighted, and shifted right by ten bits to fit the search's integers."""

# Wider than the defaults: a third fewer errors for a tenth more work. Without the second, flat pass the end of an
# utterance costs 8 ms in place of 60. Spanish through an English model tends to fall apart into short words.
_SEARCH = {"beam": 1e-64, "pbeam": 1e-64, "wbeam": 1e-44, "lw": _LANGUAGE_WEIGHT, "fwdflat": False, "bestpath": True}
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


def decoder(language: str, language_model: Path, dictionary: Path) -> Any:
    """A silent decoder: about 20 ms and 8 MB. Normalisation is live: it converges over the decoder's life."""
    return pocketsphinx.Decoder(
        hmm=pocketsphinx.get_model_path("en-us/en-us"),
        lm=str(language_model),
        dict=str(dictionary),
        cmn="live",
        wip=_WORD_PENALTY[language],
        logfn="/dev/null",
        loglevel="FATAL",
        **_SEARCH,
    )


def text_so_far(decoder: Any) -> str:
    hypothesis = decoder.hyp()
    return "" if hypothesis is None else str(hypothesis.hypstr)


def segments(decoder: Any) -> Iterator[Segment]:
    """The words of the finished utterance; silence, noise and sentence marks are left out."""
    if decoder.hyp() is None:
        return
    for segment in decoder.seg():
        if segment.word[0] not in "<[+":
            yield _segment(segment)


def _segment(segment: Any) -> Segment:
    evidence = Evidence(
        language_score=_log(segment.lscore) * _LANGUAGE_SHIFT / _LANGUAGE_WEIGHT,
        posterior=min(0.0, _log(segment.prob)),
    )
    return Segment(_VARIANT.sub("", segment.word), segment.start_frame, segment.end_frame, evidence)


def _log(value: float) -> float:
    return math.log(max(value, _SMALLEST))
