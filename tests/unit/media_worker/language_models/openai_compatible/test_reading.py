from types import SimpleNamespace as Made
from typing import Any

import pytest

from media_worker.language_models.base import ModelError, Prompt, Spent, ToolRequest
from media_worker.language_models.openai_compatible.reading import Reading


def call(index: int, arguments: str, id: str | None = None, name: str | None = None) -> Any:
    return Made(index=index, id=id, function=Made(name=name, arguments=arguments))


def chunk(*calls: Any, finish: str | None = None, usage: Any = None, content: str | None = None) -> Any:
    delta = Made(content=content, refusal=None, tool_calls=list(calls))
    return Made(choices=[Made(delta=delta, finish_reason=finish)], usage=usage)


def reading() -> Reading:
    return Reading(Prompt("", (), "en"))


def test_calls_that_a_server_numbers_alike_are_told_apart_by_their_ids() -> None:
    answer = reading()
    whole = chunk(call(0, '{"a": 1}', "x", "one"), call(0, '{"b": 2}', "y", "two"), finish="tool_calls")
    assert list(answer.read(whole)) == []
    assert list(answer.end())[:2] == [ToolRequest("x", "one", {"a": 1}), ToolRequest("y", "two", {"b": 2})]


def test_an_id_that_is_said_again_begins_no_other_call() -> None:
    answer = reading()
    list(answer.read(chunk(call(0, '{"a"', "x", "one"))))
    list(answer.read(chunk(call(0, ": 1}", "x", None), finish="tool_calls")))
    assert next(iter(answer.end())) == ToolRequest("x", "one", {"a": 1})


def test_a_call_without_an_id_gets_one() -> None:
    answer = reading()
    list(answer.read(chunk(call(0, "", None, "one"), finish="stop", usage=Made(prompt_tokens=3, completion_tokens=1))))
    assert list(answer.end()) == [ToolRequest("call_1", "one", {}), Spent(3, 1)]


@pytest.mark.parametrize(
    "garbage",
    [
        Made(),
        Made(choices=None, usage=None),
        Made(choices="ab", usage=None),
        chunk(Made(index=0, id="x", function=None)),
        chunk(content=3),  # type: ignore[arg-type]
        chunk(usage=Made(prompt_tokens="many", completion_tokens=1)),
        chunk(*(call(index, "", "x", "one") for index in range(17))),
        chunk(call(0, "a" * 70_000, "x", "one")),
    ],
)
def test_what_is_no_chunk_is_an_error(garbage: Any) -> None:
    with pytest.raises(ModelError) as error:
        list(reading().read(garbage))
    assert (error.value.code, error.value.retryable) == ("model_answer_unreadable", True)


def test_a_refusal_of_the_model_is_what_it_says() -> None:
    delta = Made(content=None, refusal="I cannot.", tool_calls=None)
    (text,) = reading().read(Made(choices=[Made(delta=delta, finish_reason=None)], usage=None))
    assert text.text == "I cannot."  # type: ignore[union-attr]
