"""From what the memory holds to an answer's script: look things up, ask the model, do what it wants done, ask again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from core.domain.agents import TRANSFER_TOOL, AgentSpec, ToolDeclaration
from core.domain.knowledge import Passage
from media_worker.agent.clauses import Clauses
from media_worker.agent.memory import Memory
from media_worker.agent.phrases import Phrase, phrase
from media_worker.agent.script import Script
from media_worker.agent.toolbox import Toolbox
from media_worker.language_models.base import LanguageModel, ModelError, Prompt, Text, ToolRequest
from media_worker.language_models.budget import Budget
from media_worker.language_models.citations import Citations
from media_worker.language_models.leaks import Leaks
from media_worker.language_models.metered import metered

_log = logging.getLogger(__name__)
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


class _Indiscreet(Exception):
    """The model was about to say what it was told in confidence."""


@dataclass(frozen=True, slots=True)
class Exits:
    """How a call goes on without the agent: a human takes over, or it ends."""

    leave: Callable[[], None]
    end: Callable[[], None]


@dataclass(slots=True)
class Composer:
    """`look_up` finds passages for a question. `leaks` and `budget` are the session's."""

    spec: AgentSpec
    language: str
    model: LanguageModel
    memory: Memory
    toolbox: Toolbox
    look_up: Callable[[str], Awaitable[Sequence[Passage]]]
    exits: Exits
    leaks: Leaks
    budget: Budget
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    async def __call__(self, script: Script) -> None:
        """Raises ModelError."""
        self.leaks.begin()
        try:
            await self._rounds(script)
        except _Indiscreet:
            _log.warning("an answer would have given the system prompt away")
            await script.add(phrase(Phrase.PRIVATE, self.language))

    async def _rounds(self, script: Script) -> None:
        said: list[str] = []
        passages = tuple(await self.look_up(self.memory.question))
        for _ in range(_MOST_ROUNDS):
            if self.budget.is_used_up:
                await self._stop(script)
                return
            made = await self._ask(script, " ".join(said), passages)
            said += made.said
            if not made.requests or await self._transfers(made, script):
                return
            await asyncio.gather(*(self._begun(request) for request in made.requests))
        raise ModelError("too_many_tool_calls")

    async def _stop(self, script: Script) -> None:
        """Nothing more may be spent: a human takes over where that is allowed, else the call ends."""
        which = Phrase.TRANSFER if self.spec.transfer else Phrase.LIMIT
        await script.add(phrase(which, self.language))
        script.after = self.exits.leave if self.spec.transfer else self.exits.end

    async def _ask(self, script: Script, said: str, passages: tuple[Passage, ...]) -> _Round:
        made, clauses, citations = _Round(), Clauses(), Citations(len(passages))
        async with aclosing(metered(self.model, self._prompt(said, passages), self.budget)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Text):
                    await self._say(clauses.add(citations.take(piece.text)), script, made)
                else:
                    made.requests.append(piece)
        await self._say([*clauses.add(citations.rest()), *clauses.rest()], script, made)
        script.sources += [passages[number - 1].source for number in citations.used]
        return made

    async def _say(self, clauses: Sequence[str], script: Script, made: _Round) -> None:
        for clause in clauses:
            if self.leaks.found_in(clause):
                raise _Indiscreet
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
            max_tokens=self.budget.answer_tokens,
            model=self.spec.model,
        )

    async def _transfers(self, made: _Round, script: Script) -> bool:
        if not (self.spec.transfer and any(request.name == TRANSFER_TOOL for request in made.requests)):
            return False
        if not script.said_anything:
            await script.add(phrase(Phrase.TRANSFER, self.language))
        script.after = self.exits.leave
        return True

    async def close(self) -> None:
        tasks = tuple(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begun(self, request: ToolRequest) -> asyncio.Future[None]:
        """What was begun goes on when the caller interrupts: it may have been done, and the agent has to know."""
        task = asyncio.create_task(self._carry_out(request))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return asyncio.shield(task)

    async def _carry_out(self, request: ToolRequest) -> None:
        self.memory.asked(request)
        result = await self.toolbox.run(request)
        self.memory.answered(request.id, result.text, failed=result.failed)
