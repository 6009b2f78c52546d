"""An answer whose cost is counted, also when nobody hears it to its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from media_worker.language_models.base import LanguageModel, Piece, Prompt, Spent, Text, ToolRequest
from media_worker.language_models.budget import Budget


async def metered(model: LanguageModel, prompt: Prompt, budget: Budget) -> AsyncGenerator[Text | ToolRequest, None]:
    """What is to be said and done; what was spent goes to the budget. Closing it closes the model's answer."""
    said: list[str] = []
    told = False
    try:
        async with aclosing(cast("AsyncGenerator[Piece, None]", model.answer(prompt))) as pieces:
            async for piece in pieces:
                if isinstance(piece, Spent):
                    told = True
                    budget.add(piece)
                    continue
                if isinstance(piece, Text):
                    said.append(piece.text)
                yield piece
    finally:
        if not told:
            budget.add_untold(prompt, "".join(said))
