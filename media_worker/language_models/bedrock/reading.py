"""Events of ConverseStream → pieces of an answer. Pure; what comes is believed in nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from media_worker.language_models.base import ModelError, Piece, Prompt, Spent, Text, ToolRequest
from media_worker.language_models.budget import estimated

_FILTERED = "content_filtered"
_UNREADABLE = ("malformed_tool_use", "malformed_model_output")
_TOO_LONG = "model_context_window_exceeded"
_MOST_CALLS = 16
_MOST_ARGUMENTS = 64_000
_READ = ("inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")


@dataclass(slots=True)
class Reading:
    """One answer."""

    prompt: Prompt
    _said: list[str] = field(default_factory=list)
    _calls: dict[int, tuple[str, str]] = field(default_factory=dict)
    _arguments: dict[int, str] = field(default_factory=dict)
    _ended: str | None = None
    _spent: Spent | None = None

    def read(self, event: Mapping[str, Any]) -> Iterator[Piece]:
        """Raises ModelError for what is no event of a conversation."""
        try:
            yield from self._read(event)
        except (AttributeError, TypeError, KeyError, ValueError) as error:
            raise ModelError("model_answer_unreadable", retryable=True) from error

    def end(self) -> Iterator[Piece]:
        """Raises ModelError for an answer without an end, or one that the service took back."""
        if self._ended is None:
            raise ModelError("answer_cut_off", retryable=True)
        if self._ended == _FILTERED:
            raise ModelError("answer_filtered")
        if self._ended == _TOO_LONG:
            raise ModelError("prompt_too_long")
        if self._ended in _UNREADABLE:
            raise ModelError("tool_arguments_unreadable", retryable=True)
        for index, (id_, name) in self._calls.items():
            yield ToolRequest(id_, name, _arguments(self._arguments[index]))
        yield self._spent or estimated(self.prompt, "".join(self._said))

    def _read(self, event: Mapping[str, Any]) -> Iterator[Piece]:
        """What a model thinks to itself is left out, and so are kinds of events that come one day."""
        if (started := event.get("contentBlockStart")) is not None:
            self._start(started["contentBlockIndex"], started["start"].get("toolUse"))
        if (told := event.get("contentBlockDelta")) is not None:
            yield from self._delta(told["contentBlockIndex"], told["delta"])
        if (stopped := event.get("messageStop")) is not None:
            self._ended = str(stopped["stopReason"])
        if (metadata := event.get("metadata")) is not None:
            usage = metadata["usage"]
            self._spent = Spent(sum(int(usage.get(name) or 0) for name in _READ), int(usage["outputTokens"]))

    def _start(self, index: int, call: Mapping[str, Any] | None) -> None:
        if call is None:
            return
        if len(self._calls) == _MOST_CALLS:
            raise ValueError("too many calls")
        self._calls[index] = (str(call["toolUseId"]), str(call["name"]))
        self._arguments[index] = ""

    def _delta(self, index: int, delta: Mapping[str, Any]) -> Iterator[Piece]:
        if said := delta.get("text"):
            self._said.append(said)
            yield Text(said)
        if call := delta.get("toolUse"):
            self._arguments[index] += call["input"]
            if len(self._arguments[index]) > _MOST_ARGUMENTS:
                raise ValueError("arguments are too long")


def _arguments(text: str) -> dict[str, Any]:
    """A tool without parameters is asked for with no letter at all."""
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise ModelError("tool_arguments_unreadable", retryable=True) from error
    if not isinstance(found, dict):
        raise ModelError("tool_arguments_unreadable", retryable=True)
    return found
