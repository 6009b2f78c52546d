"""The sentences of the passages that answer a question, by the words they share with it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.knowledge import Passage
from media_worker.engines.sentences import sentences
from media_worker.language_models.embedded.phrases import Phrases
from media_worker.language_models.embedded.words import Vocabulary, stems, vocabulary

ENOUGH = 0.5
"""How much of what the question asks for a sentence must hold."""
_HEADING = 0.6
_NEXT_IS_ABOUT_IT_TOO = 0.7


@dataclass(frozen=True, slots=True)
class Extract:
    """`number` is the passage's mark, from 1; `score` is the part of the question that was found, by weight."""

    text: str
    number: int
    score: float


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    number: int
    own: Vocabulary
    around: Vocabulary

    @property
    def is_question(self) -> bool:
        return self.text.endswith("?")


def extract(question: str, passages: Sequence[Passage], known: Phrases) -> Extract | None:
    """The best sentence, with the next one where that is about it too; None where nothing answers."""
    asked = list(dict.fromkeys(stems(question, known)))
    lines = [line for number, passage in enumerate(passages, 1) for line in _lines(passage, number, known)]
    if not asked or not lines:
        return None
    weights = {word: _rarity(word, lines) for word in asked}
    scores = [_score(line, weights) for line in lines]
    best = max(range(len(lines)), key=lambda place: (scores[place], -place))
    if scores[best] < ENOUGH:
        return None
    said = _with_next(best, lines, scores)
    return Extract(said, lines[best].number, scores[best]) if said else None


def _lines(passage: Passage, number: int, known: Phrases) -> list[_Line]:
    """Sentences; a heading is not said, and counts for what stands below it."""
    found: list[_Line] = []
    place = f"{passage.source.title} {passage.source.place or ''}"
    heading = vocabulary(place, known.language)
    for row in passage.text.splitlines():
        text = row.strip().lstrip("-*• ").strip()
        if text.startswith("#"):
            heading = vocabulary(f"{place} {text}", known.language)
            continue
        found += [_Line(one, number, vocabulary(one, known.language), heading) for one in sentences(text)]
    return found


def _rarity(word: str, lines: Sequence[_Line]) -> float:
    count = sum(1 for line in lines if word in line.own)
    return math.log(1 + (len(lines) - count + 0.5) / (count + 0.5))


def _score(line: _Line, weights: dict[str, float]) -> float:
    """Words of its own count whole, those of its heading less; alone they do not make an answer of every line below."""
    own = sum(weight for word, weight in weights.items() if word in line.own)
    around = sum(weight for word, weight in weights.items() if word not in line.own and word in line.around)
    return (own + _HEADING * around) / sum(weights.values())


def _with_next(best: int, lines: Sequence[_Line], scores: Sequence[float]) -> str:
    """A question of the document is answered by what follows it; on its own it is no answer."""
    following = best + 1 if best + 1 < len(lines) and lines[best + 1].number == lines[best].number else None
    if lines[best].is_question:
        return lines[following].text if following is not None else ""
    if following is not None and scores[following] >= _NEXT_IS_ABOUT_IT_TOO * scores[best]:
        return f"{lines[best].text} {lines[following].text}"
    return lines[best].text
