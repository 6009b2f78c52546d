"""What all sessions share of the guard around the engines: circuits, counters, rules. See `guarded_engines`."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from media_worker.engines.circuit import Circuit, CircuitRules
from media_worker.engines.patience import Patience
from media_worker.engines.ports import Engines
from media_worker.engines.watchdog import WatchRules

_log = logging.getLogger(__name__)


class Stage(StrEnum):
    """As clients are told: `<stage>_fell_back`."""

    HEAR = "recognition"
    TRANSLATE = "translation"
    SPEAK = "speech"


@dataclass(slots=True)
class Guard:
    """What all sessions share. `time` is monotonic, in seconds; `counts` by stage and what happened, since start."""

    primary: Engines
    fallback: Engines | None
    time: Callable[[], float]
    random: Callable[[], float]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    patience: Patience = field(default_factory=Patience)
    watch: WatchRules = field(default_factory=WatchRules)
    rules: CircuitRules = field(default_factory=CircuitRules)
    counts: Counter[str] = field(default_factory=Counter)
    circuits: dict[Stage, Circuit] = field(init=False)

    def __post_init__(self) -> None:
        self.circuits = {stage: Circuit(self.rules) for stage in Stage}

    def count(self, stage: Stage, what: str, code: str) -> None:
        """A line of the log per event, from which metrics are made. Never a text."""
        self.counts[f"{stage}_{what}"] += 1
        _log.warning("engines: %s %s", stage, what, extra={"code": code})

    def succeeded(self, stage: Stage) -> None:
        if self.circuits[stage].succeeded():
            self.count(stage, "recovered", "")

    def failed(self, stage: Stage, code: str) -> None:
        if self.circuits[stage].failed(self.time()) and self.fallback is not None:
            self.count(stage, "given_up", code)

    def tries_primary(self, stage: Stage, *, others: bool) -> bool:
        """Without others there is nothing to be gained by not trying."""
        return not others or self.circuits[stage].lets_through(self.time())
