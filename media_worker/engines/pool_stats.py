"""What the pool tells about itself, for metrics and latency parts."""

from __future__ import annotations

from dataclasses import dataclass

from media_worker.engines.pool_messages import Spent


@dataclass(slots=True)
class StageCost:
    """Running totals of one stage: engine calls, items in them, and their time.

    `cpu_s` is the engine thread's own; programs that an engine runs (Apertium, espeak-ng) are not in it.
    """

    calls: int = 0
    items: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def add(self, spent: Spent) -> None:
        self.calls += 1
        self.items += spent.count
        self.wall_s += spent.wall_s
        self.cpu_s += spent.cpu_s


@dataclass(frozen=True, slots=True)
class ProcessStats:
    """`unheard_s` is audio of all its streams that is not worked off, `requests` what is under way."""

    pid: int | None
    ready: bool
    streams: int
    unheard_s: float
    requests: int
    restarts: int


@dataclass(frozen=True, slots=True)
class PoolStats:
    """Stages are hear, finish, translate and speak: totals since start, over all processes."""

    processes: tuple[ProcessStats, ...]
    stages: dict[str, StageCost]
