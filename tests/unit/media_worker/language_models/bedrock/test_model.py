import threading
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any, cast

import pytest

from media_worker.language_models.base import ModelError, Piece, Prompt, Text
from media_worker.language_models.bedrock.bridge import Event
from media_worker.language_models.bedrock.model import BedrockModel
from media_worker.language_models.names import ModelNames
from tests.fakes.language_models import answer

PROMPT = Prompt("", (), "en")


class Waiting:
    """Says one word, then nothing until it is closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[Event]:
        yield {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Hm"}}}
        self.closed.wait(5)

    def close(self) -> None:
        self.closed.set()


class Service:
    closed = False

    def open(self, request: Mapping[str, Any]) -> Waiting:
        return Waiting()

    def close(self) -> None:
        self.closed = True


async def test_more_answers_than_threads_are_refused_and_places_come_back() -> None:
    service = Service()
    model = BedrockModel(service, ModelNames("m"), parallel=1)
    first = cast("AsyncGenerator[Piece, None]", model.answer(PROMPT))
    assert await anext(first) == Text("Hm")
    with pytest.raises(ModelError) as refused:
        await answer(model, PROMPT)
    assert (refused.value.code, refused.value.retryable) == ("model_busy", True)
    await first.aclose()
    second = cast("AsyncGenerator[Piece, None]", model.answer(PROMPT))
    assert await anext(second) == Text("Hm")
    await second.aclose()
    await model.close()
    assert service.closed
