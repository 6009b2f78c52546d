import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from media_worker.language_models.base import ModelError, Piece, Prompt, Text
from media_worker.language_models.bounded import BoundedModel, Bounds
from tests.fakes.language_models import answer
from tests.fakes.virtual_time import virtual_time

PROMPT = Prompt("", (), "en")


class Scripted:
    """Plays one row for each try: texts, waits in seconds, errors."""

    def __init__(self, *rows: Sequence[str | float | ModelError]) -> None:
        self.rows = list(rows)
        self.open = 0

    async def answer(self, prompt: Prompt) -> AsyncIterator[Piece]:
        self.open += 1
        try:
            for step in self.rows.pop(0):
                if isinstance(step, ModelError):
                    raise step
                if isinstance(step, str):
                    yield Text(step)
                else:
                    await asyncio.sleep(step)
        finally:
            self.open -= 1

    async def close(self) -> None:
        self.rows.clear()


MAY_PASS = ModelError("model_unavailable", retryable=True)


async def taken(model: Scripted, bounds: Bounds | None = None) -> str:
    return (await answer(BoundedModel(model, bounds or Bounds()), PROMPT)).text


async def code_of(model: Scripted, bounds: Bounds | None = None) -> str:
    with pytest.raises(ModelError) as error:
        await taken(model, bounds)
    assert model.open == 0
    return error.value.code


@virtual_time
async def test_what_may_pass_is_tried_once_more_before_the_first_piece() -> None:
    assert await taken(Scripted([MAY_PASS], ["a", "b"])) == "ab"
    assert await code_of(Scripted([MAY_PASS], [MAY_PASS], ["a"])) == "model_unavailable"


@virtual_time
async def test_what_will_not_pass_is_not_tried_again() -> None:
    model = Scripted([ModelError("model_refused")], ["a"])
    assert await code_of(model) == "model_refused"
    assert len(model.rows) == 1


@virtual_time
async def test_an_answer_that_has_begun_is_not_begun_again() -> None:
    model = Scripted(["a", MAY_PASS], ["b"])
    assert await code_of(model) == "model_unavailable"
    assert len(model.rows) == 1


@virtual_time
async def test_the_first_piece_has_longer_than_the_next_ones() -> None:
    bounds = Bounds(first_s=8.0, next_s=5.0)
    assert await taken(Scripted([7.9, "a", 4.9, "b"]), bounds) == "ab"
    assert await code_of(Scripted([8.1, "a"], [8.1, "a"]), bounds) == "model_timeout"
    assert await code_of(Scripted(["a", 5.1, "b"]), bounds) == "model_timeout"


@virtual_time
async def test_a_first_try_that_was_too_slow_is_followed_by_another() -> None:
    assert await taken(Scripted([8.1, "a"], ["b"])) == "b"


@virtual_time
async def test_all_of_it_has_an_end() -> None:
    rows = [step for _ in range(20) for step in (4.0, "a")]
    assert await code_of(Scripted(rows), Bounds(total_s=60.0)) == "model_timeout"


@virtual_time
async def test_an_endless_answer_is_cut_off() -> None:
    assert await code_of(Scripted(["a" * 100] * 300)) == "answer_too_long"


async def test_closing_closes_what_is_inside() -> None:
    model = Scripted(["a", "b"])
    pieces = BoundedModel(model).answer(PROMPT)
    assert await anext(pieces) == Text("a")
    assert model.open == 1
    await pieces.aclose()  # type: ignore[attr-defined]
    assert model.open == 0
    await BoundedModel(model).close()
    assert model.rows == []
