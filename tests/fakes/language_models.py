"""What tests ask of language models, and how they take an answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core.domain.agents import ToolDeclaration
from core.domain.knowledge import Passage, Source
from media_worker.language_models.base import (
    LanguageModel,
    Message,
    Piece,
    Prompt,
    Speaker,
    Spent,
    Text,
    ToolRequest,
)

ORDER_STATUS = ToolDeclaration(
    "order_status",
    "Tells where an order is",
    {
        "type": "object",
        "properties": {"order_number": {"type": "string"}},
        "required": ["order_number"],
    },
)


@dataclass
class Answer:
    """An answer as it came."""

    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces if isinstance(piece, Text))

    @property
    def requests(self) -> list[ToolRequest]:
        return [piece for piece in self.pieces if isinstance(piece, ToolRequest)]

    @property
    def spent(self) -> list[Spent]:
        return [piece for piece in self.pieces if isinstance(piece, Spent)]


async def answer(model: LanguageModel, prompt: Prompt) -> Answer:
    return Answer([piece async for piece in model.answer(prompt)])


def passage(text: str, title: str = "FAQ", place: str | None = None) -> Passage:
    return Passage(text, Source("doc_1", title, place))


def caller(text: str) -> Message:
    return Message(Speaker.CALLER, text)


async def converse(model: LanguageModel, prompt: Prompt, *said: str | Message) -> list[Answer]:
    """The caller's turns, or tools' messages, one after the other; every answer becomes part of the conversation."""
    answers: list[Answer] = []
    for turn in said:
        heard = caller(turn) if isinstance(turn, str) else _answering(turn, prompt)
        prompt = replace(prompt, messages=(*prompt.messages, heard))
        answers.append(await answer(model, prompt))
        spoken = Message(Speaker.AGENT, answers[-1].text, tuple(answers[-1].requests))
        prompt = replace(prompt, messages=(*prompt.messages, spoken))
    return answers


def result(text: str, *, failed: bool = False) -> Message:
    """A tool's answer to the request before it."""
    return Message(Speaker.TOOL, text, failed=failed)


def _answering(turn: Message, prompt: Prompt) -> Message:
    return replace(turn, answers=prompt.messages[-1].requests[-1].id)
