"""A recogniser that stands still, dies or fails, as a test says; nothing waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from media_worker.engines.base import Capabilities, EngineError, LanguageNotServed, Recognition, StreamSpec
from media_worker.engines.circuit import CircuitRules
from media_worker.engines.guard import Guard
from media_worker.engines.guarded_engines import GuardedEngines
from media_worker.engines.watchdog import WatchRules
from tests.fakes.engines import FakeEngines, FakeListener

SPEC = StreamSpec("en", 8000)
SECOND = bytes(16000)
DIED = EngineError("engine_process_died", retryable=True)
BROKEN = EngineError("engine_failed")


class Engines(FakeEngines):
    def __init__(self, *lines: str | EngineError) -> None:
        super().__init__(*lines)
        self.heard_again: list[int] = []

    def listen(self, spec: StreamSpec, on_partial: Callable[[str], None]) -> Listener:
        listener = Listener(self, spec, on_partial)
        self.listeners.append(listener)
        return listener


class Listener(FakeListener):
    broken: EngineError | None = None

    def begin(self, pcm: bytes = b"") -> None:
        super().begin()
        assert isinstance(self.engines, Engines)
        self.broken = None
        self.utterances[-1] += pcm
        if pcm:
            self.engines.heard_again.append(len(pcm))


class World:
    def __init__(self, first: Engines, second: Engines | None = None) -> None:
        self.now = 0.0
        self.told: list[str] = []
        self.partials: list[str] = []
        self.guard = Guard(
            first,
            second,
            lambda: self.now,
            lambda: 0.0,
            self._pause,
            watch=WatchRules(silent_s=3.0, restarts=2, restarts_in_window=4, window_s=60.0, ring_s=10.0),
            rules=CircuitRules(failures=2, open_s=30.0),
        )
        self.listener = GuardedEngines(self.guard).telling(self.told.append).listen(SPEC, self.partials.append)

    async def _pause(self, pause_s: float) -> None:
        self.now += pause_s

    def say(self, seconds: int) -> None:
        self.listener.begin()
        for _ in range(seconds):
            self.listener.feed(SECOND)

    async def hear(self, seconds: int = 1) -> Recognition:
        self.say(seconds)
        return await self.listener.finish()


async def test_a_recogniser_that_hears_is_left_alone() -> None:
    first = Engines("one", "two")
    first.partial = "on"
    world = World(first)
    assert [(await world.hear(9)).text, (await world.hear(9)).text] == ["one", "two"]
    assert len(first.listeners) == 1
    assert (world.told, dict(world.guard.counts)) == ([], {})


async def test_audio_in_and_no_text_out_is_heard_again_from_the_beginning_and_said() -> None:
    first = Engines("all of it")
    world = World(first)
    world.say(4)
    assert len(first.listeners) == 2
    assert first.heard_again == [3 * len(SECOND)]
    assert len(first.listeners[-1].utterances[0]) == 4 * len(SECOND)
    assert world.told == ["recognition_restarted"]
    assert world.guard.counts == {"recognition_restarted": 1}
    assert (await world.listener.finish()).text == "all of it"
    assert first.listeners[0].closed


async def test_it_is_started_again_so_often_and_no_more() -> None:
    first = Engines("")
    world = World(first)
    assert not (await world.hear(30)).understood
    assert len(first.listeners) == 3
    assert world.told == ["recognition_restarted"] * 2


async def test_noise_is_not_held_against_the_engines() -> None:
    world = World(Engines(*[""] * 4), Engines())
    world.guard.watch = replace(world.guard.watch, restarts=1)
    for _ in range(2):
        await world.hear(4)
    assert not any(circuit.is_open for circuit in world.guard.circuits.values())


async def test_a_recogniser_that_has_died_is_heard_again_while_somebody_still_speaks() -> None:
    first = Engines("all of it")
    world = World(first)
    world.say(2)
    dead = first.listeners[0]
    assert isinstance(dead, Listener)
    dead.broken = DIED
    world.listener.feed(SECOND)
    assert first.heard_again == [3 * len(SECOND)]
    assert (await world.listener.finish()).text == "all of it"
    assert world.told == ["recognition_restarted"]


async def test_what_the_old_one_still_says_is_not_shown_and_nothing_shown_is_taken_back() -> None:
    first = Engines()
    world = World(first)
    world.say(1)
    first.listeners[0].on_partial("hello how")
    world.listener.feed(SECOND * 3)
    first.listeners[0].on_partial("an old word that comes late")
    first.listeners[1].on_partial("hello")
    first.listeners[1].on_partial("hello how are")
    assert world.partials == ["hello how", "hello how are"]


async def test_an_end_that_failed_is_tried_again_with_everything() -> None:
    first = Engines(DIED, "all of it")
    world = World(first)
    assert (await world.hear(2)).text == "all of it"
    assert first.heard_again == [2 * len(SECOND)]
    assert world.told == ["recognition_restarted"]


async def test_without_others_an_end_that_will_not_pass_fails() -> None:
    for fault in (BROKEN, EngineError("recogniser_overloaded", retryable=True)):
        first = Engines(fault)
        world = World(first)
        with pytest.raises(EngineError, match=fault.code):
            await world.hear()
        assert (len(first.listeners), world.told) == (1, [])


async def test_it_ends_failing_when_it_keeps_failing() -> None:
    world = World(Engines(*[DIED] * 9))
    with pytest.raises(EngineError, match="engine_process_died"):
        await world.hear()
    assert world.told == ["recognition_restarted"] * 2


async def test_other_engines_hear_what_these_could_not() -> None:
    second = Engines("by others", "by others again")
    world = World(Engines(BROKEN, "by the first"), second)
    assert (await world.hear(2)).text == "by others"
    assert second.heard_again == [2 * len(SECOND)]
    assert world.told == ["recognition_fell_back"]
    assert (await world.hear()).text == "by the first"


async def test_engines_that_keep_failing_are_left_alone_and_come_back() -> None:
    first, second = Engines(BROKEN, BROKEN, "back"), Engines("a", "b", "c")
    world = World(first, second)
    assert [(await world.hear()).text for _ in range(3)] == ["a", "b", "c"]
    assert sum(len(listener.utterances) for listener in first.listeners) == 2
    world.now += 30.0
    assert (await world.hear()).text == "back"
    assert world.guard.counts["recognition_recovered"] == 1
    assert set(world.told) == {"recognition_fell_back"}
    assert len(world.told) == 1


async def test_others_that_do_not_know_the_language_are_not_asked() -> None:
    second = Engines()
    second.capabilities = Capabilities("second", frozenset({"de"}), frozenset(), frozenset())
    world = World(Engines(BROKEN), second)
    with pytest.raises(EngineError, match="engine_failed"):
        await world.hear()
    assert second.listeners == []


async def test_an_utterance_longer_than_any_keeps_its_end() -> None:
    first = Engines("x")
    first.partial = "x"
    world = World(first)
    world.say(12)
    dead = first.listeners[0]
    assert isinstance(dead, Listener)
    dead.broken = DIED
    world.listener.feed(SECOND)
    assert first.heard_again == [10 * len(SECOND)]


async def test_a_language_that_is_not_served_is_said_at_once() -> None:
    with pytest.raises(LanguageNotServed):
        GuardedEngines(Guard(Engines(), None, lambda: 0.0, lambda: 0.0)).listen(StreamSpec("qq", 8000), print)


async def test_what_did_not_begin_cannot_end() -> None:
    with pytest.raises(EngineError, match="utterance_not_begun"):
        await World(Engines()).listener.finish()
