from collections.abc import AsyncIterator

import pytest

from core.domain.agents import Caps
from media_worker.language_models.base import ModelError, Piece, Prompt, Spent, Text, ToolRequest
from media_worker.language_models.budget import Budget
from media_worker.language_models.metered import metered

PROMPT = Prompt("x" * 30, (), "en")


class Told:
    """Says what it was given; an error is raised."""

    def __init__(self, *pieces: Piece | ModelError) -> None:
        self._pieces = pieces
        self.closed = False

    async def answer(self, prompt: Prompt) -> AsyncIterator[Piece]:
        try:
            for piece in self._pieces:
                if isinstance(piece, ModelError):
                    raise piece
                yield piece
        finally:
            self.closed = True

    async def close(self) -> None:
        """Holds nothing."""


def counting() -> Budget:
    budget = Budget(Caps())
    budget.add(Spent(1, 1))
    return budget


async def test_usage_goes_to_the_budget_and_the_rest_through() -> None:
    budget, wish = counting(), ToolRequest("a", "b", {})
    pieces = metered(Told(Text("Yes"), wish, Spent(10, 2)), PROMPT, budget)
    assert [piece async for piece in pieces] == [Text("Yes"), wish]
    assert (budget.read, budget.written) == (11, 3)


async def test_an_answer_that_is_closed_before_its_end_is_estimated() -> None:
    budget, model = counting(), Told(Text("four"), Text("more"), Spent(10, 2))
    pieces = metered(model, PROMPT, budget)
    await anext(pieces)
    await pieces.aclose()
    assert model.closed
    assert (budget.read, budget.written) == (11, 3)


async def test_one_that_fails_has_cost_something_too() -> None:
    budget = counting()
    with pytest.raises(ModelError):
        [piece async for piece in metered(Told(Text("four"), ModelError("model_failed")), PROMPT, budget)]
    assert (budget.read, budget.written) == (11, 3)
