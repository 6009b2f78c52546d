"""Time limits, a size and one more try around a language model, once for all that are asked over a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from media_worker.language_models.base import LanguageModel, ModelError, Piece, Prompt, Text

_TRIES = 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """`first_s` is for the first piece of each try, `next_s` for each one after it, `total_s` for everything. `letters`
    are those of an answer's text; more is cut off."""

    first_s: float = 8.0
    next_s: float = 5.0
    total_s: float = 60.0
    letters: int = 20_000


@dataclass(frozen=True, slots=True)
class BoundedModel:
    """Tries again once, at once, what may pass: only as long as nothing of the answer has been given out."""

    model: LanguageModel
    bounds: Bounds = Bounds()

    async def answer(self, prompt: Prompt) -> AsyncIterator[Piece]:
        ends = asyncio.get_running_loop().time() + self.bounds.total_s
        for left in reversed(range(_TRIES)):
            given = False
            try:
                async with aclosing(self._pieces(prompt, ends)) as pieces:
                    async for piece in pieces:
                        given = True
                        yield piece
                return
            except ModelError as error:
                if given or not left or not error.retryable:
                    raise

    async def close(self) -> None:
        await self.model.close()

    async def _pieces(self, prompt: Prompt, ends: float) -> AsyncGenerator[Piece, None]:
        letters, wait_s = 0, self.bounds.first_s
        async with aclosing(cast("AsyncGenerator[Piece, None]", self.model.answer(prompt))) as pieces:
            while (piece := await _in_time(pieces, wait_s, ends)) is not None:
                wait_s = self.bounds.next_s
                letters += len(piece.text) if isinstance(piece, Text) else 0
                if letters > self.bounds.letters:
                    raise ModelError("answer_too_long")
                yield piece


async def _in_time(pieces: AsyncGenerator[Piece, None], wait_s: float, ends: float) -> Piece | None:
    """None at the end."""
    try:
        async with asyncio.timeout_at(min(ends, asyncio.get_running_loop().time() + wait_s)):
            return await anext(pieces, None)
    except TimeoutError as error:
        raise ModelError("model_timeout", retryable=True) from error
