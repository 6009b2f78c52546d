"""From what the memory holds to an answer's script: look things up, ask the model, do what it wants done, ask again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import cast

from core.domain.agents import TRANSFER_TOOL, AgentSpec, ToolDeclaration
from core.domain.knowledge import Passage
from media_worker.agent.clauses import Clauses
from media_worker.agent.memory import Memory
from media_worker.agent.phrases import Phrase, phrase
from media_worker.agent.script import Script
from media_worker.agent.toolbox import Toolbox
from media_worker.language_models.base import LanguageModel, ModelError, Piece, Prompt, Text, ToolRequest

_MOST_ROUNDS = 6
TRANSFER = ToolDeclaration(
    TRANSFER_TOOL,
    "Hand the call over to a human colleague, when the caller asks for one or you cannot help.",
    {"type": "object", "properties": {"reason": {"type": "string"}}},
)


@dataclass(slots=True)
class _Round:
    """What came of asking the model once."""

    said: list[str] = field(default_factory=list)
    requests: list[ToolRequest] = field(default_factory=list)


@dataclass(slots=True)
class Composer:
    """`look_up` finds passages for a question; `leave` hands the call over."""

    spec: AgentSpec
    language: str
    model: LanguageModel
    memory: Memory
    toolbox: Toolbox
    look_up: Callable[[str], Awaitable[Sequence[Passage]]]
    leave: Callable[[], None]
    patience_s: float

    async def __call__(self, script: Script) -> None:
        """Raises ModelError."""
        said: list[str] = []
        for _ in range(_MOST_ROUNDS):
            made = await self._ask(script, " ".join(said))
            said += made.said
            if not made.requests or await self._transfers(made, script):
                return
            await asyncio.gather(*(self._carry_out(request) for request in made.requests))
        raise ModelError("too_many_tool_calls")

    async def _ask(self, script: Script, said: str) -> _Round:
        passages = tuple(await self.look_up(self.memory.question))
        made, clauses = _Round(), Clauses()
        prompt = self._prompt(said, passages)
        async with aclosing(_patient(self.model, prompt, self.patience_s)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Text):
                    for clause in clauses.add(piece.text):
                        await self._say(clause, script, made)
                elif isinstance(piece, ToolRequest):
                    made.requests.append(piece)
        for clause in clauses.rest():
            await self._say(clause, script, made)
        return made

    async def _say(self, clause: str, script: Script, made: _Round) -> None:
        made.said.append(clause)
        await script.add(clause)

    def _prompt(self, said: str, passages: tuple[Passage, ...]) -> Prompt:
        return Prompt(
            system=self.spec.system_prompt,
            messages=self.memory.messages(said),
            language=self.language,
            tools=(*self.spec.tools, *((TRANSFER,) if self.spec.transfer else ())),
            passages=passages,
            temperature=self.spec.temperature,
            max_tokens=self.spec.caps.answer_tokens,
            model=self.spec.model,
        )

    async def _transfers(self, made: _Round, script: Script) -> bool:
        if not (self.spec.transfer and any(request.name == TRANSFER_TOOL for request in made.requests)):
            return False
        if not script.said_anything:
            await script.add(phrase(Phrase.TRANSFER, self.language))
        script.after = self.leave
        return True

    async def _carry_out(self, request: ToolRequest) -> None:
        self.memory.asked(request)
        result = await self.toolbox.run(request)
        self.memory.answered(request.id, result.text, failed=result.failed)


async def _patient(model: LanguageModel, prompt: Prompt, patience_s: float) -> AsyncGenerator[Piece, None]:
    """Its pieces, each of them in time. Closing this closes the model's iterator."""
    answer = cast("AsyncGenerator[Piece, None]", model.answer(prompt))
    async with aclosing(answer):
        while True:
            try:
                piece = await asyncio.wait_for(anext(answer), patience_s)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise ModelError("model_too_slow", retryable=True) from error
            yield piece
