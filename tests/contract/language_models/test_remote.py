"""Models that are asked over a network, against servers of our own that speak as the providers document it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import cast

import pytest

from media_worker.language_models.base import LanguageModel, ModelError, Piece, Prompt, Spent, Text, ToolRequest
from tests.contract.language_models.kinds import Kind
from tests.fakes.language_models import ORDER_STATUS, answer, caller, converse, passage, result
from tests.fakes.model_servers import Cut, Fail, Garbage, Hang, ModelServer, Play, Refuse, Say

PROMPT = Prompt("You are Anna.", (caller("When do you ship?"),), "en", (ORDER_STATUS,), (passage("Two days."),))
CALL = Say(("One moment.",), (("call-1", "order_status", '{"order_number": "4711"}'),))
LEFT_WITHIN_S = 0.1


def stream(model: LanguageModel, prompt: Prompt = PROMPT) -> AsyncGenerator[Piece, None]:
    return cast("AsyncGenerator[Piece, None]", model.answer(prompt))


async def test_text_comes_in_the_pieces_it_was_sent_in_and_the_usage_at_its_end(model: LanguageModel) -> None:
    found = await answer(model, PROMPT)
    assert found.pieces == [Text("We ship"), Text(" within"), Text(" two days."), Spent(120, 7)]


async def test_the_first_piece_is_there_before_the_last_was_sent(model: LanguageModel, server: ModelServer) -> None:
    server.plays = [Say(pause_s=0.2)]
    started = time.monotonic()
    async with aclosing(stream(model)) as pieces:
        assert await anext(pieces) == Text("We ship")
        # Sent after one or two pauses, of at least five.
        assert time.monotonic() - started < 0.7
        assert [piece async for piece in pieces][-1] == Spent(120, 7)


async def test_a_tool_is_asked_for_and_its_answer_goes_back(model: LanguageModel, server: ModelServer) -> None:
    server.plays = [CALL, Say(("It is on its way.",))]
    first, second = await converse(
        model, replace(PROMPT, messages=()), "Where is 4711?", result('{"status": "shipped"}')
    )
    assert first.text == "One moment."
    assert first.requests == [ToolRequest("call-1", "order_status", {"order_number": "4711"})]
    assert second.text == "It is on its way."
    assert "shipped" in str(server.asked[1]["messages"])
    assert "order_status" in str(server.asked[0])


async def test_two_tools_at_once_and_one_without_arguments(model: LanguageModel, server: ModelServer) -> None:
    server.plays = [Say((), (("a", "order_status", '{"order_number": "1"}'), ("b", "hang_up", "")))]
    found = await answer(model, PROMPT)
    assert found.requests == [
        ToolRequest("a", "order_status", {"order_number": "1"}),
        ToolRequest("b", "hang_up", {}),
    ]


async def test_instructions_and_passages_go_with_the_prompt(model: LanguageModel, server: ModelServer) -> None:
    await answer(model, replace(PROMPT, max_tokens=77, temperature=0.25))
    sent = str(server.asked[0])
    assert "You are Anna." in sent
    assert "<passages>" in sent
    assert "77" in sent
    assert "0.25" in sent


async def test_an_agent_may_name_another_of_the_deployments_models(model: LanguageModel, server: ModelServer) -> None:
    await answer(model, replace(PROMPT, model="fast"))
    assert "small" in str(server.asked[0]) + server.paths[0]
    with pytest.raises(ModelError) as refused:
        await answer(model, replace(PROMPT, model="slow"))
    assert (refused.value.code, refused.value.retryable) == ("model_not_known", False)
    assert len(server.asked) == 1


async def test_without_usage_tokens_are_estimated(model: LanguageModel, server: ModelServer) -> None:
    server.plays = [Say(usage=False)]
    (spent,) = (await answer(model, PROMPT)).spent
    assert spent.read > 50
    assert spent.written >= 5


async def left_after_s(server: ModelServer, leave: Callable[[], Awaitable[None]]) -> float:
    """How long the server took to see it, from when the client decided to leave."""
    server.gone.clear()
    started = time.monotonic()
    await leave()
    assert await asyncio.to_thread(server.gone.wait, 5)
    return server.gone_at - started


async def test_closing_ends_the_connection_at_once(model: LanguageModel, server: ModelServer) -> None:
    """While the next piece is waited for. Machines are busy: one of five times shows what it takes."""
    server.plays = [Say(pause_s=20.0)]

    async def once() -> float:
        pieces = stream(model)
        assert await anext(pieces) == Text("We ship")
        reading = asyncio.create_task(anext(pieces))
        await asyncio.sleep(0)

        async def leave() -> None:
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            await pieces.aclose()

        return await left_after_s(server, leave)

    assert min([await once() for _ in range(5)]) < LEFT_WITHIN_S


async def test_closing_between_two_pieces_ends_the_connection_at_once(
    model: LanguageModel, server: ModelServer
) -> None:
    server.plays = [Say(pause_s=20.0)]

    async def once() -> float:
        pieces = stream(model)
        assert await anext(pieces) == Text("We ship")
        return await left_after_s(server, pieces.aclose)

    assert min([await once() for _ in range(5)]) < LEFT_WITHIN_S
    assert len(server.asked) == 5


async def test_many_answers_at_once_do_not_mix(model: LanguageModel, server: ModelServer) -> None:
    server.plays = [Say((f"{number} is", " it")) for number in range(8)]
    found = await asyncio.gather(*(answer(model, PROMPT) for _ in range(8)))
    assert sorted(one.text for one in found) == [f"{number} is it" for number in range(8)]


async def refused(model: LanguageModel) -> tuple[str, bool]:
    with pytest.raises(ModelError) as error:
        await answer(model, PROMPT)
    assert "when" not in str(error.value).lower()
    return error.value.code, error.value.retryable


@pytest.mark.parametrize(
    ("what", "code", "retryable"),
    [
        ("throttled", "model_throttled", True),
        ("used_up", "model_quota_used_up", False),
        ("forbidden", "model_refused", False),
        ("unknown", "model_not_found", False),
        ("invalid", "model_request_rejected", False),
        ("broken", "model_unavailable", True),
    ],
)
async def test_refusals_are_told_by_their_kind(
    what: str, code: str, retryable: bool, kind: Kind, model: LanguageModel, server: ModelServer
) -> None:
    server.plays = [Refuse(*getattr(kind, what))]
    assert await refused(model) == (code, retryable)
    assert len(server.asked) == (2 if retryable else 1)


async def test_what_may_pass_is_tried_once_more(kind: Kind, model: LanguageModel, server: ModelServer) -> None:
    server.plays = [Refuse(*kind.broken), Say()]
    assert (await answer(model, PROMPT)).text == "We ship within two days."


async def test_an_answer_that_has_begun_is_not_begun_again(
    kind: Kind, model: LanguageModel, server: ModelServer
) -> None:
    server.plays = [Fail(kind.failing), Say()]
    said: list[Piece] = []
    with pytest.raises(ModelError) as error:
        async for piece in model.answer(PROMPT):
            said.append(piece)
    assert said == [Text("We ship")]
    assert (error.value.code, error.value.retryable) == ("model_failed", True)
    assert len(server.asked) == 1


async def test_a_failure_before_the_first_piece_is_tried_again(
    kind: Kind, model: LanguageModel, server: ModelServer
) -> None:
    server.plays = [Fail(kind.failing, said=""), Say()]
    assert (await answer(model, PROMPT)).text == "We ship within two days."


HOSTILE: list[tuple[Play, set[str]]] = [
    (Cut(), {"model_unavailable", "model_answer_unreadable"}),
    (Say(("We ship",), ends=False), {"answer_cut_off"}),
    (Garbage(), {"model_answer_unreadable"}),
    (Say((), (("a", "order_status", '{"order_number": '),)), {"tool_arguments_unreadable"}),
    (Say((), (("a", "order_status", '["4711"]'),)), {"tool_arguments_unreadable"}),
]


@pytest.mark.parametrize(("play", "codes"), HOSTILE, ids=lambda given: type(given).__name__)
async def test_broken_answers_are_errors_and_never_ends(
    play: Play, codes: set[str], model: LanguageModel, server: ModelServer
) -> None:
    server.plays = [play]
    code, retryable = await refused(model)
    assert code in codes
    assert retryable


async def test_what_a_filter_took_back_is_no_answer(kind: Kind, model: LanguageModel, server: ModelServer) -> None:
    server.plays = [Say(("We",), stop=kind.filtered)]
    assert await refused(model) == ("answer_filtered", False)


async def test_nobody_waits_for_ever(kind: Kind, server: ModelServer) -> None:
    server.plays = [Hang()]
    model = kind.build(server, first_s="0.3")
    started = time.monotonic()
    assert await refused(model) == ("model_timeout", True)
    assert time.monotonic() - started < 2.0
    await model.close()


async def test_a_stream_that_stands_still_is_given_up(kind: Kind, server: ModelServer) -> None:
    server.plays = [Say(pause_s=1.5)]
    model = kind.build(server, first_s="5", next_s="0.3")
    assert await refused(model) == ("model_timeout", True)
    assert len(server.asked) == 1
    await model.close()


async def test_nobody_at_the_address(kind: Kind) -> None:
    server = ModelServer(kind.wire())
    server.stop()
    model = kind.build(server, first_s="3")
    assert await refused(model) == ("model_unavailable", True)
    await model.close()
