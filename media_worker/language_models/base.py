"""What a language model is asked and what it answers, whoever runs it.

A model writes one method: what is to be said comes in pieces, in between what it wants done. Closing the iterator
stops the work, at once and for good.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from core.domain.agents import ToolDeclaration
from core.domain.knowledge import Passage
from core.errors import ModelError

__all__ = ["LanguageModel", "Message", "ModelError", "Piece", "Prompt", "Speaker", "Spent", "Text", "ToolRequest"]


class Speaker(StrEnum):
    CALLER = "caller"
    AGENT = "agent"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """The model's wish, unchecked: `arguments` may not fit what was declared. `id` is the model's own."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One step of the conversation, in the agent's language. `requests` go with the agent's; a tool's names the
    request it answers and has the result as JSON in `text`, or with `failed` what went wrong, as `{"error": code}`."""

    speaker: Speaker
    text: str = ""
    requests: tuple[ToolRequest, ...] = ()
    answers: str | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything a model needs for one answer. The last message is the caller's or a tool's; without any the agent
    opens the conversation. A statement that rests on `passages[n]` is to be marked `[n+1]`: marks are taken out
    before anything is spoken. `language` is ISO 639-1, `max_tokens` holds for this answer."""

    system: str
    messages: tuple[Message, ...]
    language: str
    tools: tuple[ToolDeclaration, ...] = ()
    passages: tuple[Passage, ...] = ()
    temperature: float | None = None
    max_tokens: int = 512
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of what is to be said; words may be cut anywhere."""

    text: str


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens of this answer, once, at its end. A model that counts none says nothing."""

    read: int
    written: int


Piece = Text | ToolRequest | Spent


class LanguageModel(Protocol):
    def answer(self, prompt: Prompt) -> AsyncIterator[Piece]:
        """Raises ModelError, also in the middle."""
        ...

    async def close(self) -> None: ...
