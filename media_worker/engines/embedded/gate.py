"""Whether an utterance was understood, or bent into the domain because the domain is all the recogniser knows.

A narrow language model hears its own words in any speech. Two things give such a result away: its words follow one
another as nobody says them (the language model's mean score), and their neighbours in the lattice would have done as
well (the mean log posterior). Their sum separates the domain from other speech; `bench.recognition` measures it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

THRESHOLDS = {"en": -6.0, "es": -7.2}
"""The lowest mean score, in nats a word, that counts as understood. Spanish through an English model scores lower."""


@dataclass(frozen=True)
class Evidence:
    """What the decoder says of one word, both in nats: log p(word | the words before), and its log posterior."""

    language_score: float
    posterior: float


def score(words: Sequence[Evidence]) -> float:
    """Mean nats per word; minus infinity for no words."""
    if not words:
        return -math.inf
    return sum(word.language_score + word.posterior for word in words) / len(words)


def confidence(words: Sequence[Evidence], language: str) -> float:
    """0..1, one half at the threshold."""
    distance = score(words) - THRESHOLDS[language]
    return 0.0 if distance < -50 else 1 / (1 + math.exp(-distance))


def understood(words: Sequence[Evidence], language: str) -> bool:
    return score(words) >= THRESHOLDS[language]
