"""What the caller is after, read from the whole conversation, which is all that is remembered. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from core.domain.agents import ToolDeclaration
from media_worker.language_models.base import Message, Speaker, ToolRequest
from media_worker.language_models.embedded import tools as tool_words
from media_worker.language_models.embedded.phrases import Phrases
from media_worker.language_models.embedded.slots import Slot, fill, slots_of
from media_worker.language_models.embedded.words import stems

_PATIENCE = 2
"""Turns that may bring nothing to an intent before it is forgotten."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A tool that is to be called and what is known for it. `score` is how well this turn's words fit it, `brought`
    whether they had a value for it."""

    tool: ToolDeclaration
    values: Mapping[str, Any] = field(default_factory=dict)
    score: float = 0.0
    brought: bool = False
    quiet: int = 0

    @property
    def missing(self) -> Slot | None:
        return next((slot for slot in slots_of(self.tool) if slot.required and slot.name not in self.values), None)


@dataclass(slots=True)
class Dialogue:
    """Follows a conversation, message by message."""

    tools: Sequence[ToolDeclaration]
    known: Phrases
    today: date
    intent: Intent | None = None
    last: ToolDeclaration | None = None
    _used: dict[str, Any] = field(default_factory=dict)

    def follow(self, messages: Sequence[Message]) -> Intent | None:
        for message in messages:
            if message.speaker is Speaker.CALLER:
                self.intent = self._heard(message.text)
            for request in message.requests:
                self._requested(request)
        return self.intent

    def _requested(self, request: ToolRequest) -> None:
        self.intent = None
        self._used |= request.arguments
        self.last = next((tool for tool in self.tools if tool.name == request.name), None)

    def _heard(self, text: str) -> Intent | None:
        if tool_words.cancels(text, self.known):
            return None
        found = tool_words.match(text, self.tools, self.known)
        if self.intent is not None:
            return self._went_on(self.intent, text, found)
        if found is not None:
            return self._begun(found.tool, text, found.score)
        return self._again(text)

    def _begun(self, tool: ToolDeclaration, text: str, score: float) -> Intent:
        """What an earlier call had for a parameter of the same name holds until something else is said."""
        given = fill(slots_of(tool), text, self.known, self.today)
        before = {slot.name: self._used[slot.name] for slot in slots_of(tool) if slot.name in self._used}
        return Intent(tool, {**before, **given}, score, bool(given))

    def _went_on(self, intent: Intent, text: str, found: tool_words.Match | None) -> Intent | None:
        asked = intent.missing.name if intent.missing else None
        other = found if found is not None and found.tool.name != intent.tool.name else None
        given = fill(slots_of(intent.tool), text, self.known, self.today, asked=None if other else asked)
        if other is not None and not given:
            return self._begun(other.tool, text, other.score)
        if given or found is not None:
            score = found.score if found is not None else 1.0
            return replace(intent, values={**intent.values, **given}, score=score, brought=bool(given), quiet=0)
        if intent.quiet >= _PATIENCE:
            return None
        return replace(intent, score=0.0, brought=False, quiet=intent.quiet + 1)

    def _again(self, text: str) -> Intent | None:
        """ "And 4712?" after a call: the same one with another value, where nothing else was said."""
        if self.last is None or any(not any(c.isdigit() for c in word) for word in stems(text, self.known)):
            return None
        given = fill(slots_of(self.last), text, self.known, self.today, asked=_first_required(self.last))
        return Intent(self.last, {**self._used_for(self.last), **given}, 1.0, True) if given else None

    def _used_for(self, tool: ToolDeclaration) -> dict[str, Any]:
        return {slot.name: self._used[slot.name] for slot in slots_of(tool) if slot.name in self._used}


def _first_required(tool: ToolDeclaration) -> str | None:
    return next((slot.name for slot in slots_of(tool) if slot.required), None)
