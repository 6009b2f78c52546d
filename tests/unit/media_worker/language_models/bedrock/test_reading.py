from collections.abc import Mapping
from typing import Any

import pytest

from media_worker.language_models.base import ModelError, Piece, Prompt, Spent, Text
from media_worker.language_models.bedrock.reading import Reading

STOP = {"messageStop": {"stopReason": "end_turn"}}


def reading() -> Reading:
    return Reading(Prompt("", (), "en"))


def read(*events: Mapping[str, Any]) -> list[Piece]:
    answer = reading()
    return [piece for event in events for piece in answer.read(event)] + list(answer.end())


def delta(**told: Any) -> Mapping[str, Any]:
    return {"contentBlockDelta": {"contentBlockIndex": 0, "delta": told}}


def test_tokens_from_a_cache_were_read_as_well() -> None:
    usage = {"inputTokens": 10, "cacheReadInputTokens": 80, "cacheWriteInputTokens": 10, "outputTokens": 5}
    assert read(STOP, {"metadata": {"usage": usage}}) == [Spent(100, 5)]


def test_thoughts_and_kinds_of_events_that_come_one_day_are_not_said() -> None:
    thought = delta(reasoningContent={"text": "hm"})
    found = read({"messageStart": {"role": "assistant"}}, thought, {"somethingNew": {}}, delta(text="Yes."), STOP)
    assert [piece for piece in found if isinstance(piece, Text)] == [Text("Yes.")]


@pytest.mark.parametrize(
    ("stop", "code"),
    [
        ("content_filtered", "answer_filtered"),
        ("model_context_window_exceeded", "prompt_too_long"),
        ("malformed_tool_use", "tool_arguments_unreadable"),
    ],
)
def test_ends_that_are_none(stop: str, code: str) -> None:
    with pytest.raises(ModelError) as error:
        read({"messageStop": {"stopReason": stop}})
    assert error.value.code == code


@pytest.mark.parametrize(
    "garbage",
    [
        {"contentBlockDelta": {}},
        {"contentBlockDelta": 3},
        delta(toolUse={"input": "{}"}),
        {"metadata": {"usage": {}}},
        {"messageStop": {}},
        {"contentBlockStart": {"contentBlockIndex": 0, "start": {"toolUse": {"name": "x"}}}},
    ],
)
def test_what_is_no_event_is_an_error(garbage: Mapping[str, Any]) -> None:
    with pytest.raises(ModelError) as error:
        list(reading().read(garbage))
    assert error.value.code == "model_answer_unreadable"
