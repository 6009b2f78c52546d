from __future__ import annotations

import asyncio

import pytest

from media_worker.engines.base import EngineError, StreamSpec
from media_worker.pipeline.ear import Ear
from tests.fakes.engines import FakeEngines, FakeListener
from tests.fakes.virtual_time import virtual_time


def ear(engines: FakeEngines, wait_s: float = 15.0) -> tuple[Ear, FakeListener]:
    listener = engines.listen(StreamSpec("en", 8000), lambda _: None)
    return Ear(listener, wait_s), listener


@virtual_time
async def test_audio_of_the_next_utterance_waits_for_the_result_of_the_last() -> None:
    hearing, listener = ear(FakeEngines("first", "second", asr_s=0.1))
    hearing.begin(b"a")
    hearing.feed(b"b")
    result = asyncio.create_task(hearing.finish())
    await asyncio.sleep(0.05)
    hearing.begin(b"c")
    hearing.feed(b"d")
    assert listener.utterances == [b"ab"]
    assert (await result).text == "first"
    hearing.feed(b"e")
    assert listener.utterances == [b"ab", b"cde"]
    assert (await hearing.finish()).text == "second"


@virtual_time
async def test_several_utterances_may_wait_and_none_runs_into_another() -> None:
    hearing, listener = ear(FakeEngines(asr_s=0.1))
    for first, rest in ((b"a", b"b"), (b"c", b"d"), (b"e", b"f")):
        hearing.begin(first)
        hearing.feed(rest)
    for _ in range(3):
        await hearing.finish()
    assert listener.utterances == [b"ab", b"cd", b"ef"]


@virtual_time
async def test_a_recogniser_that_never_answers_is_an_error_and_the_next_utterance_is_heard() -> None:
    hearing, listener = ear(FakeEngines(asr_s=60), wait_s=1.0)
    hearing.begin(b"a")
    hearing.begin(b"b")
    with pytest.raises(EngineError, match="recogniser_timeout"):
        await hearing.finish()
    assert listener.utterances == [b"a", b"b"]
