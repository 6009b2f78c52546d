from __future__ import annotations

import asyncio
from collections.abc import Sequence

from media_worker.pipeline.voice_activity import VoiceActivity, Window
from tests.fakes.engines import EnergyBank
from tests.fakes.virtual_time import virtual_time

QUIET = bytes(512)


class Once(EnergyBank):
    """A state may be used once in a batch."""

    def judge(self, rows: Sequence[int], windows: Sequence[bytes]) -> list[float]:
        assert rows, "a batch of nobody"
        assert len(set(rows)) == len(rows)
        return super().judge(rows, windows)


def window(position: int = 0) -> Window:
    return Window(QUIET, QUIET, position, 0.0)


@virtual_time
async def test_everybodys_windows_go_in_one_batch_up_to_its_size() -> None:
    bank = Once()
    activity = VoiceActivity(bank, batch=64)
    judged: list[int] = []
    seats = [activity.join(lambda window, _: judged.append(window.position)) for _ in range(100)]
    for number, seat in enumerate(seats):
        seat.waiting.append(window(number))
    await activity.drain()
    assert bank.batches == [64, 36]
    assert sorted(judged) == list(range(100))


@virtual_time
async def test_who_is_behind_is_caught_up_with_in_order() -> None:
    bank = Once()
    activity = VoiceActivity(bank)
    judged: list[int] = []
    seat = activity.join(lambda window, _: judged.append(window.position))
    seat.waiting.extend(window(number) for number in range(10))
    await activity.drain()
    assert judged == list(range(10))


@virtual_time
async def test_it_says_how_late_it_is_for_who_waits_longest() -> None:
    bank = Once()
    activity = VoiceActivity(bank)
    seats = [activity.join(lambda _window, _: None) for _ in range(2)]
    assert activity.late_ms == 0
    seats[1].waiting.extend(window(number) for number in range(10))
    assert activity.late_ms == 320
    await activity.drain()
    assert activity.late_ms == 0


@virtual_time
async def test_ticks_keep_up_with_windows_for_a_minute() -> None:
    bank = Once()
    activity = VoiceActivity(bank)
    judged: list[float] = []
    seat = activity.join(lambda window, _: judged.append(asyncio.get_running_loop().time() - window.arrived_at))
    running = asyncio.create_task(activity.run())
    for number in range(60_000 // 32):
        seat.waiting.append(Window(QUIET, QUIET, number, asyncio.get_running_loop().time()))
        await asyncio.sleep(0.032)
    running.cancel()
    assert len(judged) >= 60_000 // 32 - 2
    assert max(judged) <= 0.032 * 2


@virtual_time
async def test_a_listener_that_fails_does_not_stop_the_others() -> None:
    bank = Once()
    activity = VoiceActivity(bank)
    judged: list[int] = []

    def fails(window: Window, probability: float) -> None:
        raise ValueError("a bug in one call")

    for listener in (fails, lambda window, _: judged.append(window.position)):
        activity.join(listener).waiting.append(window(7))
    await activity.drain()
    assert judged == [7]


@virtual_time
async def test_who_leaves_between_batches_is_told_nothing() -> None:
    bank = Once()
    activity = VoiceActivity(bank, batch=1)
    judged: list[int] = []
    seats = [activity.join(lambda window, _: judged.append(window.position)) for _ in range(2)]
    for seat in seats:
        seat.waiting.append(window())
    running = asyncio.create_task(activity.drain())
    await asyncio.sleep(0)
    for seat in seats:
        activity.leave(seat)
        activity.leave(seat)
    await running
    assert len(judged) == 1, "who was judged before it left"


@virtual_time
async def test_whoever_is_told_may_make_somebody_else_leave() -> None:
    bank = Once()
    activity = VoiceActivity(bank)
    judged: list[int] = []

    def tells(window: Window, probability: float) -> None:
        judged.append(window.position)
        for other in seats:
            activity.leave(other)

    seats = [activity.join(tells) for _ in range(2)]
    for seat in seats:
        seat.waiting.append(window())
    await activity.drain()
    assert len(judged) == 1


@virtual_time
async def test_between_two_batches_everything_else_has_its_turn() -> None:
    bank = Once()
    activity = VoiceActivity(bank, batch=1)
    for seat in [activity.join(lambda window, _: None) for _ in range(3)]:
        seat.waiting.append(window())
    seen: list[int] = []

    async def others() -> None:
        while len(bank.batches) < 3:
            seen.append(len(bank.batches))
            await asyncio.sleep(0)

    await asyncio.gather(activity.drain(), others())
    assert seen == [1, 2]


@virtual_time
async def test_a_seat_holds_ten_seconds_and_then_forgets_the_oldest() -> None:
    bank = Once()
    seat = VoiceActivity(bank).join(lambda window, _: None)
    seat.waiting.extend(window(number) for number in range(400))
    assert (seat.waiting[0].position, len(seat.waiting)) == (88, 312)
