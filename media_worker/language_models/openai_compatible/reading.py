"""Chunks of a chat completion → pieces of an answer. Pure; what a server sends is believed in nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from media_worker.language_models.base import ModelError, Piece, Prompt, Spent, Text, ToolRequest
from media_worker.language_models.budget import estimated
from media_worker.language_models.openai_compatible.thoughts import Thoughts

_MOST_CALLS = 16
_MOST_ARGUMENTS = 64_000


@dataclass(slots=True)
class _Call:
    """A request of the model, as far as it has come."""

    index: int
    id: str
    name: str
    arguments: str = ""


@dataclass(slots=True)
class Reading:
    """One answer. A server that tells no usage is answered for by an estimate."""

    prompt: Prompt
    _said: list[str] = field(default_factory=list)
    _calls: list[_Call] = field(default_factory=list)
    _ended: str | None = None
    _spent: Spent | None = None
    _thoughts: Thoughts = field(default_factory=Thoughts)

    def read(self, chunk: Any) -> Iterator[Piece]:
        """Raises ModelError for what is no chunk."""
        try:
            yield from self._read(chunk)
        except (AttributeError, TypeError, KeyError, IndexError, ValueError) as error:
            raise ModelError("model_answer_unreadable", retryable=True) from error

    def end(self) -> Iterator[Piece]:
        """Raises ModelError for an answer without an end, and for requests that are none."""
        if self._ended is None:
            raise ModelError("answer_cut_off", retryable=True)
        if self._ended == "content_filter":
            raise ModelError("answer_filtered")
        if told := self._thoughts.rest():
            yield Text(told)
        for call in self._calls:
            yield ToolRequest(call.id, call.name, _arguments(call.arguments))
        yield self._spent or estimated(self.prompt, "".join(self._said))

    def _read(self, chunk: Any) -> Iterator[Piece]:
        if chunk.usage is not None:
            self._spent = Spent(int(chunk.usage.prompt_tokens), int(chunk.usage.completion_tokens))
        for choice in chunk.choices[:1]:
            self._ended = choice.finish_reason or self._ended
            said = (choice.delta.content or "") + (choice.delta.refusal or "")
            for call in choice.delta.tool_calls or ():
                self._add(call)
            self._said.append(said)
            if told := self._thoughts.take(said):
                yield Text(told)

    def _add(self, delta: Any) -> None:
        """By its index. Some servers (Ollama's older ones) give every call the same: another id is another call."""
        found = next((call for call in reversed(self._calls) if call.index == delta.index), None)
        if found is None or (delta.id and delta.id != found.id and delta.function.name):
            if len(self._calls) == _MOST_CALLS:
                raise ValueError("too many calls")
            found = _Call(delta.index, delta.id or f"call_{len(self._calls) + 1}", str(delta.function.name))
            self._calls.append(found)
        found.arguments += (delta.function.arguments or "") if delta.function else ""
        if len(found.arguments) > _MOST_ARGUMENTS:
            raise ValueError("arguments are too long")


def _arguments(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise ModelError("tool_arguments_unreadable", retryable=True) from error
    if not isinstance(found, dict):
        raise ModelError("tool_arguments_unreadable", retryable=True)
    return found
