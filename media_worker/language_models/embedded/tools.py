"""Which of the declared tools a sentence is about, by the words of name, description and parameters. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.agents import TRANSFER_TOOL, ToolDeclaration
from media_worker.language_models.embedded.numbers import written
from media_worker.language_models.embedded.phrases import Phrases
from media_worker.language_models.embedded.slots import slots_of
from media_worker.language_models.embedded.words import (
    Vocabulary,
    has_phrase,
    spread,
    stems,
    tokens,
    vocabulary,
)

ENOUGH = 0.5
_DESCRIBED, _PARAMETER = 0.9, 0.6
_SHORT = 3


@dataclass(frozen=True, slots=True)
class Match:
    """`score` is the part of the sentence's telling words that the tool knows."""

    tool: ToolDeclaration
    score: float


def offered(tools: Sequence[ToolDeclaration]) -> list[ToolDeclaration]:
    """Those of the customer."""
    return [tool for tool in tools if tool.name != TRANSFER_TOOL]


def transfer_of(tools: Sequence[ToolDeclaration]) -> ToolDeclaration | None:
    return next((tool for tool in tools if tool.name == TRANSFER_TOOL), None)


def match(text: str, tools: Sequence[ToolDeclaration], known: Phrases) -> Match | None:
    """The best one, the first declared among equals; None where none knows enough."""
    asked = [word for word in stems(written(text, known), known) if not any(c.isdigit() for c in word)]
    if not asked:
        return None
    found = [Match(tool, _score(asked, tool, known)) for tool in offered(tools)]
    best = max(found, key=lambda one: one.score, default=None)
    return best if best is not None and best.score >= ENOUGH else None


def wants_a_person(text: str, known: Phrases) -> bool:
    """A person's name for a job and a word for being connected, or little else than the former."""
    said = tokens(text)
    if not any(word in known.words("people") for word in said):
        return False
    return len(said) <= _SHORT or any(word in known.words("connect") for word in said)


def cancels(text: str, known: Phrases) -> bool:
    return has_phrase(text, known.words("cancelling"))


def _score(asked: Sequence[str], tool: ToolDeclaration, known: Phrases) -> float:
    """Parameters alone say nothing: many tools have a date."""
    name, described = vocabulary(spread(tool.name), known.language), vocabulary(tool.description, known.language)
    if not any(word in name or word in described for word in asked):
        return 0.0
    slots = slots_of(tool)
    values = [str(value) for slot in slots for value in slot.schema.get("enum") or ()]
    around = vocabulary(" ".join([*(slot.words for slot in slots), *values]), known.language)
    return sum(_worth(word, name, described, around) for word in asked) / len(asked)


def _worth(word: str, name: Vocabulary, described: Vocabulary, around: Vocabulary) -> float:
    for worth, words in ((1.0, name), (_DESCRIBED, described), (_PARAMETER, around)):
        if word in words:
            return worth
    return 0.0
