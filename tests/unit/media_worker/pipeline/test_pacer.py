from __future__ import annotations

import asyncio

import pytest

from media_worker.pipeline.pacer import TICK_S, Pacer
from tests.fakes.virtual_time import VirtualTimeLoop, virtual_time


class Metronome:
    """Plays so many times and notes when."""

    def __init__(self, times: int, fails: bool = False) -> None:
        self.left = times
        self.fails = fails
        self.played: list[float] = []

    def play_due(self, now: float) -> bool:
        self.played.append(now)
        self.left -= 1
        if self.fails:
            raise RuntimeError("a leg has a fault")
        return self.left > 0


def pacer() -> Pacer:
    return Pacer(asyncio.get_running_loop().time)


@virtual_time
async def test_ticks_do_not_drift_in_ten_minutes() -> None:
    player = Metronome(30_000)
    pacer().join(player)
    await asyncio.sleep(601)
    assert len(player.played) == 30_000
    assert player.played[-1] == pytest.approx(29_999 * TICK_S, abs=1e-6)


@virtual_time
async def test_the_first_frame_goes_out_at_once_and_the_timer_rests_afterwards() -> None:
    clock, player = pacer(), Metronome(2)
    await asyncio.sleep(0.013)
    clock.join(player)
    assert player.played == [0.013]
    await asyncio.sleep(1)
    assert (len(player.played), len(clock), clock._timer) == (2, 0, None)


@virtual_time
async def test_all_players_share_the_ticks_and_joining_twice_changes_nothing() -> None:
    clock, players = pacer(), [Metronome(10) for _ in range(3)]
    for player in players:
        clock.join(player)
        clock.join(player)
    await asyncio.sleep(1)
    assert [len(player.played) for player in players] == [10, 10, 10]
    assert len({tuple(player.played) for player in players}) == 1


@virtual_time
async def test_a_loop_that_was_held_up_goes_on_with_the_next_tick_and_not_with_all_missed_ones() -> None:
    clock, player = pacer(), Metronome(100)
    clock.join(player)
    await asyncio.sleep(0.045)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    loop.now = 1.009
    await asyncio.sleep(0)
    before = len(player.played)
    await asyncio.sleep(0.1)
    assert len(player.played) - before <= 6
    assert player.played[-1] % TICK_S == pytest.approx(0.0, abs=1e-6) or player.played[-1] % TICK_S > TICK_S - 1e-6


@virtual_time
async def test_a_fault_in_one_leg_is_its_own(caplog: pytest.LogCaptureFixture) -> None:
    clock, broken, sound = pacer(), Metronome(10, fails=True), Metronome(10)
    clock.join(sound)
    clock.join(broken)
    await asyncio.sleep(1)
    assert (len(broken.played), len(sound.played)) == (1, 10)
    assert "playing to a leg failed" in caplog.text


@virtual_time
async def test_who_leaves_is_not_played_to_any_more() -> None:
    clock, player = pacer(), Metronome(100)
    clock.join(player)
    await asyncio.sleep(0.1)
    clock.leave(player)
    played = len(player.played)
    await asyncio.sleep(1)
    assert len(player.played) == played
