"""What the media plane may count on, whichever language model is behind it. What only those over a network can do is in
`test_remote.py`."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import cast

import pytest

from media_worker.language_models import registry
from media_worker.language_models.base import LanguageModel, ModelError, Piece, Prompt, Spent, Text, ToolRequest
from media_worker.language_models.registry import MODELS, ModelSettings
from tests.contract.language_models.kinds import REMOTE
from tests.fakes.language_models import ORDER_STATUS, answer, caller, converse, passage, result
from tests.fakes.model_servers import ModelServer, Say

PROMPT = Prompt("You are Anna.", (), "en", (ORDER_STATUS,), (passage("We ship within two days."),))
ASKED = replace(PROMPT, messages=(caller("When do you ship?"),))
PLAYS = [
    Say((), (("call_1", "order_status", '{"order_number": "4711"}'),)),
    Say(("Status:", " shipped.")),
    Say(),
]
TESTED = ("embedded", *(kind.name for kind in REMOTE))


@pytest.fixture(params=TESTED)
async def model(request: pytest.FixtureRequest) -> AsyncIterator[LanguageModel]:
    """Behind those over a network, a server that answers as the embedded one does."""
    kind = next((kind for kind in REMOTE if kind.name == request.param), None)
    if kind is None:
        yield registry.build("embedded", ModelSettings())
        return
    server = ModelServer(kind.wire(), PLAYS if "tool" in request.node.name else [Say()])
    model = kind.build(server)
    yield model
    await model.close()
    server.stop()


def test_every_model_is_tested() -> None:
    assert set(TESTED) == set(MODELS)


async def test_text_streams_in_pieces(model: LanguageModel) -> None:
    found = await answer(model, ASKED)
    assert len([piece for piece in found.pieces if isinstance(piece, Text)]) > 1
    assert found.text.replace(" [1]", "") == "We ship within two days."


async def test_a_tool_is_asked_for_and_its_answer_said(model: LanguageModel) -> None:
    first, second = await converse(model, PROMPT, "Where is my order 4711?", result('{"status": "shipped"}'))
    assert first.requests == [ToolRequest("call_1", "order_status", {"order_number": "4711"})]
    assert second.text == "Status: shipped."
    assert second.requests == []


async def test_usage_comes_last_once_or_never(model: LanguageModel) -> None:
    found = await answer(model, ASKED)
    assert len(found.spent) <= 1
    assert not any(isinstance(piece, Spent) for piece in found.pieces[:-1])


async def test_an_answer_can_be_closed_after_its_first_piece_and_the_next_one_is_whole(model: LanguageModel) -> None:
    async with aclosing(cast("AsyncGenerator[Piece, None]", model.answer(ASKED))) as pieces:
        assert isinstance(await anext(pieces), Text)
    assert (await answer(model, ASKED)).text.replace(" [1]", "") == "We ship within two days."


async def test_a_model_that_the_deployment_has_not_is_an_error(model: LanguageModel) -> None:
    with pytest.raises(ModelError) as refused:
        await answer(model, replace(ASKED, model="another"))
    assert (refused.value.code, refused.value.retryable) == ("model_not_known", False)
