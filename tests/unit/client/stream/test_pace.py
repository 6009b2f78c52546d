from __future__ import annotations

from kallglot.stream.pace import Pace


class Clock:
    """Time that passes only in `sleep` and `spend`."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now_s += seconds

    def spend(self, seconds: float) -> None:
        self.now_s += seconds


async def test_the_first_tick_is_due_at_once_and_the_others_a_period_apart() -> None:
    clock = Clock()
    pace = Pace(0.02, now=clock.now, sleep=clock.sleep)
    assert [await pace.tick() for _ in range(3)] == [0, 1, 2]
    assert clock.slept == [0, 0.02, 0.02]


async def test_a_late_tick_is_made_up_for() -> None:
    clock = Clock()
    pace = Pace(0.02, now=clock.now, sleep=clock.sleep)
    await pace.tick()
    clock.spend(0.05)
    for _ in range(3):
        await pace.tick()
    assert clock.slept == [0, 0, 0, 0.01]


async def test_time_does_not_drift_over_an_hour() -> None:
    clock = Clock()
    pace = Pace(0.02, now=clock.now, sleep=clock.sleep)
    for _ in range(180_001):
        await pace.tick()
        clock.spend(0.003)
    assert abs(clock.now_s - 0.003 - 100.0 - 3600.0) < 1e-6
