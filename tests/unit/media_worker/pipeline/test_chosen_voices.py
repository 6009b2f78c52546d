from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from media_worker.engines.base import EngineError, SpeechRequest
from media_worker.pipeline.chosen_voices import ChosenVoices
from tests.fakes.engines import FakeEngines
from tests.fakes.virtual_time import virtual_time


async def said(chosen: ChosenVoices, language: str = "en") -> bytes:
    return b"".join([pcm async for pcm in chosen.speak("hello", language, 8000)])


@virtual_time
async def test_a_language_has_its_own_voice_or_its_default() -> None:
    engines = FakeEngines()
    chosen = ChosenVoices({"en": "Joanna"}, engines)
    assert await said(chosen) and await said(chosen, "es")
    assert engines.spoken == [SpeechRequest("hello", "en", 8000, "Joanna"), SpeechRequest("hello", "es", 8000, None)]


@virtual_time
async def test_an_unknown_voice_is_asked_for_once_told_once_and_the_default_speaks() -> None:
    engines, told = FakeEngines(), list[str]()
    chosen = ChosenVoices({"en": "nobody", "es": "Joanna"}, engines, told.append)
    pcm = await asyncio.gather(said(chosen), said(chosen))
    assert pcm[0] and pcm[0] == pcm[1] == await said(chosen)
    assert told == ["en"]
    assert [request.voice for request in engines.spoken] == ["nobody", "nobody", None, None, None]
    assert await said(chosen, "es")
    assert engines.spoken[-1].voice == "Joanna"


class Failing(FakeEngines):
    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code

    async def speak(self, request: SpeechRequest) -> AsyncIterator[bytes]:
        self.spoken.append(request)
        yield b"hel"
        raise EngineError(self.code)


@virtual_time
@pytest.mark.parametrize(("voice", "code"), [("Joanna", "voice_failed"), (None, "voice_unknown")])
async def test_any_other_failure_is_the_callers_and_says_nothing_of_the_voice(voice: str | None, code: str) -> None:
    engines, told = Failing(code), list[str]()
    chosen = ChosenVoices({"en": voice} if voice else {}, engines, told.append)
    with pytest.raises(EngineError, match=code):
        await said(chosen)
    assert (len(engines.spoken), told) == (1, [])


@virtual_time
@pytest.mark.parametrize("voice", ["Joanna", "nobody"])
async def test_who_stops_listening_stops_the_work(voice: str) -> None:
    engines = FakeEngines()
    engines.speech_s = 60.0
    pieces = ChosenVoices({"en": voice}, engines).speak("hello", "en", 8000)
    assert await anext(pieces)
    assert engines.open_speech == 1
    await pieces.aclose()
    assert engines.open_speech == 0
