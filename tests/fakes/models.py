"""A language model that says what a test says, at its own pace."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from media_worker.language_models.base import ModelError, Piece, Prompt, Text, ToolRequest

Line = str | ToolRequest | ModelError


class FakeModel:
    """`answers` are what it says next: each a list of texts and requests, words in pieces of their own, `first_s` until
    the first and `piece_s` between two."""

    def __init__(self, *answers: str | list[Line], first_s: float = 0.0, piece_s: float = 0.0) -> None:
        self.answers = deque(answers)
        self.first_s, self.piece_s = first_s, piece_s
        self.prompts: list[Prompt] = []
        self.open = 0

    async def answer(self, prompt: Prompt) -> AsyncIterator[Piece]:
        self.prompts.append(prompt)
        given = self.answers.popleft() if self.answers else "yes"
        self.open += 1
        try:
            await asyncio.sleep(self.first_s)
            for line in [given] if isinstance(given, str) else given:
                if isinstance(line, ModelError):
                    raise line
                if isinstance(line, ToolRequest):
                    yield line
                    continue
                for number, word in enumerate(line.split(" ")):
                    yield Text(word if number == 0 else f" {word}")
                    await asyncio.sleep(self.piece_s)
        finally:
            self.open -= 1

    async def close(self) -> None:
        pass
