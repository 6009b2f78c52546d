from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from media_worker.sip.rtp.ticker import TICK_S, Ticker
from tests.fakes.virtual_time import VirtualTimeLoop, virtual_time


class Member:
    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.ticks: list[tuple[float, int]] = []
        self.then = then

    def tick(self, now: float, ticks: int) -> None:
        self.ticks.append((now, ticks))
        self.then()


def ticker() -> Ticker:
    return Ticker(asyncio.get_running_loop().time)


@virtual_time
async def test_ticks_do_not_drift_in_ten_minutes() -> None:
    clock, member = ticker(), Member()
    clock.join(member)
    await asyncio.sleep(600.001)
    assert sum(ticks for _, ticks in member.ticks) == 30_000
    assert member.ticks[-1][0] == pytest.approx(600.0, abs=1e-6)


@virtual_time
async def test_a_loop_that_was_held_up_tells_how_many_ticks_were_missed() -> None:
    clock, member = ticker(), Member()
    clock.join(member)
    await asyncio.sleep(0.105)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    loop.now = 1.009
    await asyncio.sleep(0.1)
    assert [ticks for _, ticks in member.ticks[:7]] == [1, 1, 1, 1, 1, 45, 1]
    assert member.ticks[6][0] == pytest.approx(1.02)


@virtual_time
async def test_it_rests_without_members_and_begins_anew() -> None:
    clock, member = ticker(), Member()
    clock.join(member)
    await asyncio.sleep(0.05)
    clock.leave(member)
    clock.leave(member)
    await asyncio.sleep(1.003)
    assert (len(clock), len(member.ticks), clock._timer) == (0, 2, None)
    clock.join(member)
    await asyncio.sleep(TICK_S + 0.001)
    assert [round(at, 6) for at, _ in member.ticks[2:]] == [1.073]


@virtual_time
async def test_who_leaves_and_joins_during_a_tick_does_not_double_the_clock() -> None:
    clock = ticker()
    second = Member()

    def change() -> None:
        clock.leave(first)
        clock.join(second)

    first = Member(change)
    clock.join(first)
    await asyncio.sleep(1.001)
    assert (len(first.ticks), len(second.ticks)) == (1, 49)


@virtual_time
async def test_a_fault_of_one_call_is_its_own(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> None:
        raise RuntimeError("a call has a fault")

    clock, broken, sound = ticker(), Member(fails), Member()
    clock.join(broken)
    clock.join(sound)
    await asyncio.sleep(0.101)
    assert (len(broken.ticks), len(sound.ticks)) == (5, 5)
    assert "a call's tick failed" in caplog.text
