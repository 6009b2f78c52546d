"""The guard around engines that fail as a test says; time stands still but for the pauses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from media_worker.engines.base import Capabilities, EngineError, LanguageNotServed, SpeechRequest
from media_worker.engines.circuit import CircuitRules
from media_worker.engines.guard import Guard
from media_worker.engines.guarded_engines import GuardedEngines
from tests.fakes.engines import FakeEngines

DIED = EngineError("engine_process_died", retryable=True)
BROKEN = EngineError("engine_failed")


class Engines(FakeEngines):
    """Raises what is in `faults`, one at a time, for translations and for speech; says its own name."""

    def __init__(self, name: str, *faults: EngineError | None) -> None:
        super().__init__()
        self.name = name
        self.faults = list(faults)
        self.calls = 0
        self.after: EngineError | None = None

    def _fail(self) -> None:
        self.calls += 1
        if self.faults and (fault := self.faults.pop(0)):
            raise fault

    async def translate(self, text: str, source: str, target: str) -> str:
        self._fail()
        return f"{self.name}: {text}"

    async def speak(self, request: SpeechRequest) -> AsyncIterator[bytes]:
        self.spoken.append(request)
        self._fail()
        yield self.name.encode()
        if self.after is not None:
            raise self.after
        yield b"."


class World:
    def __init__(self, primary: Engines, fallback: Engines | None = None) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.told: list[str] = []
        rules = CircuitRules(failures=2, open_s=30.0)
        self.guard = Guard(primary, fallback, lambda: self.now, lambda: 1.0, self.pause, rules=rules)
        self.engines = GuardedEngines(self.guard).telling(self.told.append)

    async def pause(self, pause_s: float) -> None:
        self.pauses.append(pause_s)
        self.now += pause_s

    async def translate(self) -> str:
        return await self.engines.translate("hello", "en", "es")

    async def speak(self, voice: str | None = None) -> list[bytes]:
        return [pcm async for pcm in self.engines.speak(SpeechRequest("hello", "en", voice=voice))]


async def test_what_may_pass_is_tried_again_after_growing_pauses() -> None:
    world = World(Engines("first", DIED, DIED))
    assert await world.translate() == "first: hello"
    assert world.pauses == [0.1, 0.2]
    assert world.engines.counts == {"translation_retried": 2}
    assert world.told == []


async def test_what_will_not_pass_is_not() -> None:
    for fault in (BROKEN, EngineError("engines_overloaded", retryable=True), LanguageNotServed("x")):
        world = World(Engines("first", fault))
        with pytest.raises(EngineError, match=fault.code):
            await world.translate()
        assert world.pauses == []


async def test_it_is_not_tried_for_ever() -> None:
    first = Engines("first", *[DIED] * 9)
    world = World(first)
    with pytest.raises(EngineError, match="engine_process_died"):
        await world.translate()
    assert first.calls == world.guard.patience.attempts


async def test_engines_that_do_not_answer_are_given_half_of_the_time_where_others_wait() -> None:
    class Silent(Engines):
        async def translate(self, text: str, source: str, target: str) -> str:
            await asyncio.Event().wait()
            raise AssertionError

    world = World(Silent("first"), Engines("second"))
    world.guard.patience = type(world.guard.patience)(answer_s=0.02)
    assert await world.translate() == "second: hello"


@pytest.mark.parametrize("fault", [BROKEN, EngineError("engines_overloaded", retryable=True)])
async def test_other_engines_step_in_and_the_client_is_told_once(
    fault: EngineError, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    world = World(Engines("first", fault, fault), Engines("second"))
    assert [await world.translate(), await world.translate()] == ["second: hello"] * 2
    assert world.told == ["translation_fell_back"]
    assert world.engines.counts["translation_fell_back"] == 2
    assert "fell_back" in caplog.text
    assert "hello" not in caplog.text


async def test_every_session_is_told_of_its_own() -> None:
    world = World(Engines("first", BROKEN, BROKEN), Engines("second"))
    others: list[str] = []
    await world.translate()
    await world.engines.telling(others.append).translate("hello", "en", "es")
    assert (world.told, others) == (["translation_fell_back"], ["translation_fell_back"])


async def test_what_was_asked_for_wrongly_is_nobodys_to_mend() -> None:
    second = Engines("second")
    world = World(Engines("first", EngineError("text_too_long")), second)
    with pytest.raises(EngineError, match="text_too_long"):
        await world.translate()
    assert second.calls == 0


async def test_other_engines_are_asked_only_for_what_they_serve() -> None:
    second = Engines("second")
    second.capabilities = Capabilities("second", frozenset(), frozenset({("en", "de")}), frozenset())
    world = World(Engines("first", BROKEN, BROKEN), second)
    with pytest.raises(EngineError, match="engine_failed"):
        await world.translate()
    with pytest.raises(EngineError, match="engine_failed"):
        await world.speak()
    assert second.calls == 0
    assert world.told == []


async def test_what_is_served_is_what_the_first_engines_serve() -> None:
    first = Engines("first")
    first.capabilities = Capabilities("first", frozenset({"en"}), frozenset(), frozenset())
    assert World(first, Engines("second")).engines.capabilities == first.capabilities


async def test_engines_that_keep_failing_are_left_alone_and_come_back() -> None:
    first = Engines("first", BROKEN, BROKEN, BROKEN)
    world = World(first, Engines("second"))
    for _ in range(4):
        assert await world.translate() == "second: hello"
    assert first.calls == 2
    world.now += 30.0
    assert await world.translate() == "second: hello"  # the probe, which fails
    assert first.calls == 3
    world.now += 30.0
    assert [await world.translate(), await world.translate()] == ["first: hello"] * 2
    assert world.engines.counts["translation_recovered"] == 1


async def test_without_others_they_are_never_left_alone() -> None:
    first = Engines("first", *[BROKEN] * 5)
    world = World(first)
    for _ in range(5):
        with pytest.raises(EngineError):
            await world.translate()
    assert await world.translate() == "first: hello"


async def test_one_stage_that_fails_leaves_the_others_alone() -> None:
    world = World(Engines("first", BROKEN, BROKEN, None), Engines("second"))
    await world.translate()
    await world.translate()
    assert await world.speak() == [b"first", b"."]


async def test_speech_is_tried_again_and_elsewhere_before_its_first_sound() -> None:
    assert await World(Engines("first", DIED)).speak() == [b"first", b"."]
    first, second = Engines("first", BROKEN), Engines("second")
    world = World(first, second)
    assert await world.speak("Joanna") == [b"second", b"."]
    assert world.told == ["speech_fell_back"]
    # A voice is one set's own.
    assert (first.spoken[0].voice, second.spoken[0].voice) == ("Joanna", None)


async def test_a_voice_that_the_first_engines_do_not_have_is_no_reason_to_ask_others() -> None:
    first, second = Engines("first", EngineError("voice_unknown")), Engines("second")
    world = World(first, second)
    with pytest.raises(EngineError, match="voice_unknown"):
        await world.speak("nobody")
    assert (len(first.spoken), second.spoken, world.told) == (1, [], [])
    assert not world.engines.counts


async def test_what_was_heard_is_not_said_again() -> None:
    first, second = Engines("first"), Engines("second")
    first.after = DIED
    world, heard = World(first, second), list[bytes]()
    with pytest.raises(EngineError, match="engine_process_died"):
        async for pcm in world.engines.speak(SpeechRequest("hello", "en")):
            heard.append(pcm)
    assert (heard, second.calls) == ([b"first"], 0)


async def test_speech_that_is_not_wanted_any_more_is_stopped() -> None:
    engines = FakeEngines()
    guard = Guard(engines, None, lambda: 0.0, lambda: 0.0)
    pieces = GuardedEngines(guard).speak(SpeechRequest("hello", "en", 8000))
    await anext(pieces)
    assert engines.open_speech == 1
    await pieces.aclose()
    assert engines.open_speech == 0


async def test_nothing_to_say_is_silence_and_no_failure() -> None:
    engines = FakeEngines()
    engines.speech_s = 0.0
    guard = Guard(engines, None, lambda: 0.0, lambda: 0.0)
    assert [pcm async for pcm in GuardedEngines(guard).speak(SpeechRequest("", "en"))] == []
