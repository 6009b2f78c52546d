"""A few times a second, the latest words, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from core.domain.events import Event, EventType
from core.domain.sessions import Role
from core.errors import DependencyRefused, Unavailable
from media_worker.messages import Transcript
from media_worker.pipeline.herald import Herald
from tests.fakes.clocks import SequenceIds
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import TENANT, LoopClock, inline


class Bus:
    """Remembers what it took and when; `fails` is what it raises instead, once for each."""

    def __init__(self, fails: Sequence[Exception] = ()) -> None:
        self.fails = list(fails)
        self.taken: list[tuple[float, Event]] = []

    def publish(self, events: Sequence[Event]) -> None:
        if self.fails:
            raise self.fails.pop()
        now = asyncio.get_running_loop().time()
        self.taken += [(now, event) for event in events]

    @property
    def words(self) -> list[str]:
        return [event.data["text"] for _, event in self.taken]


class Square:
    """A herald at work."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.herald = Herald(bus.publish, inline, LoopClock(), SequenceIds())

    async def __aenter__(self) -> Square:
        self._task = asyncio.create_task(self.herald.run())
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def cry(self, text: str, session_id: str = "sess_1", segment_id: str = "seg_1") -> None:
        said = Transcript(segment_id, 1, Role.CUSTOMER, "en", text, False, 1.0, 2.0, 0.0)
        self.herald.cry(TENANT, session_id, said)


@virtual_time
async def test_what_is_said_is_told_at_once_and_as_an_event_of_its_own() -> None:
    async with Square(Bus()) as square:
        square.cry("where is")
        await asyncio.sleep(0.01)
        [(at, event)] = square.bus.taken
        assert at < 0.01
        assert (event.type, event.tenant, event.session_id) == (EventType.TRANSCRIPT_PARTIAL, TENANT, "sess_1")
        assert (event.data["id"], event.data["text"], event.data["is_final"]) == ("seg_1", "where is", False)


@virtual_time
async def test_a_session_is_told_of_four_times_a_second_and_of_the_latest_words() -> None:
    async with Square(Bus()) as square:
        for number in range(100):
            square.cry(str(number))
            await asyncio.sleep(0.02)
        assert 7 <= len(square.bus.taken) <= 9
        assert square.bus.words == sorted(square.bus.words, key=int)
        assert square.bus.words[-1] == "99" or int(square.bus.words[-1]) >= 85


@virtual_time
async def test_two_who_speak_at_once_take_turns_within_the_sessions_rate() -> None:
    async with Square(Bus()) as square:
        for number in range(100):
            square.cry(f"a{number}", segment_id="seg_a")
            square.cry(f"b{number}", segment_id="seg_b")
            await asyncio.sleep(0.02)
        assert 7 <= len(square.bus.taken) <= 9
        speakers = [word[0] for word in square.bus.words]
        assert abs(speakers.count("a") - speakers.count("b")) <= 1


@virtual_time
async def test_sessions_do_not_slow_each_other_down() -> None:
    async with Square(Bus()) as square:
        for number in range(30):
            square.cry("hello", session_id=f"sess_{number}")
        await asyncio.sleep(0.01)
        assert len(square.bus.taken) == 30


@virtual_time
async def test_too_many_sessions_take_turns() -> None:
    async with Square(Bus()) as square:
        for _ in range(10):
            for number in range(100):
                square.cry("hello", session_id=f"sess_{number}")
            await asyncio.sleep(0.25)
        told = [event.session_id for _, event in square.bus.taken]
        assert 360 <= len(told) <= 440
        assert {told.count(f"sess_{number}") for number in range(100)} <= {3, 4, 5}


@virtual_time
async def test_what_has_become_final_is_not_told_any_more() -> None:
    async with Square(Bus()) as square:
        square.cry("where is")
        await asyncio.sleep(0.01)
        square.cry("where is my")
        square.herald.hush("sess_1", "seg_1")
        square.herald.hush("sess_1", "seg_never")
        await asyncio.sleep(1.0)
        assert square.bus.words == ["where is"]


@virtual_time
async def test_of_many_segments_of_a_session_the_last_few_are_kept() -> None:
    async with Square(Bus()) as square:
        for number in range(100):
            square.cry(str(number), segment_id=f"seg_{number}")
        await asyncio.sleep(3.0)
        assert square.bus.words == ["96", "97", "98", "99"]


@pytest.mark.parametrize("error", [Unavailable("dependency_unavailable", "x"), DependencyRefused("no"), KeyError("x")])
def test_a_bus_that_fails_is_left_alone_and_then_told_of_what_is_said_now(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    @virtual_time
    async def story() -> None:
        async with Square(Bus([error])) as square:
            square.cry("lost")
            await asyncio.sleep(1.0)
            square.cry("forgotten", segment_id="seg_2")
            await asyncio.sleep(5.0)
            square.cry("now", segment_id="seg_3")
            await asyncio.sleep(1.0)
            assert square.bus.words == ["now"]

    story()
    assert [record.getMessage() for record in caplog.records] == ["partials were not told"]
    assert "lost" not in str([vars(record) for record in caplog.records])


@virtual_time
async def test_a_bus_that_hangs_is_told_nothing_stale() -> None:
    hung = asyncio.Event()
    bus = Bus()

    async def hangs(call: object, *arguments: object) -> None:
        await hung.wait()
        bus.publish(*arguments)  # type: ignore[arg-type]

    herald = Herald(bus.publish, hangs, LoopClock(), SequenceIds())  # type: ignore[arg-type]
    task = asyncio.create_task(herald.run())
    square = Square(bus)
    square.herald = herald
    square.cry("first")
    await asyncio.sleep(0.1)
    for number in range(500):
        square.cry(f"old {number}", session_id=f"sess_{number}")
    await asyncio.sleep(10)
    square.cry("new", session_id="sess_new")
    hung.set()
    await asyncio.sleep(1)
    task.cancel()
    assert bus.words == ["first", "new"]
