"""What a worker tells about itself: once a minute a line in CloudWatch's embedded metric format, of numbers alone.

Format: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
Values that were measured go out one by one, so that percentiles are those of all workers' calls together; of more than
a hundred, which is what a line may hold, a fair sample.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.ports import Clock
from media_worker.messages import Failure, Latency
from media_worker.pipeline.latency import Stage

SERVICE = "media_worker"
_PERIOD_S = 60.0
_VALUES = 100
# Sentences of a minute, from which on a share of them says something.
_ENOUGH = 10
# What a client was told that is a fault of ours or of our engines, and of nobody else.
FAULTS = frozenset(
    {
        "recognition_failed",
        "recogniser_overloaded",
        "translation_failed",
        "speech_failed",
        "transcript_not_saved",
        "internal_error",
    }
)


@dataclass(frozen=True, slots=True)
class Levels:
    """How full a worker is now. `load_percent` is of what it takes on; at 100 it answers 503.

    None: it takes on nothing new, and must not make those that do look idle.
    """

    sessions: int
    sockets: int
    load_percent: float | None


class Sample:
    """At most a hundred of all values, each with the same chance (Vitter's algorithm R)."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._seen = 0
        self.values: list[float] = []

    def add(self, value: float) -> None:
        self._seen += 1
        if len(self.values) < _VALUES:
            self.values.append(value)
        elif (place := int(self._chance() * self._seen)) < _VALUES:
            self.values[place] = value


@dataclass(slots=True)
class Telemetry:
    """What all conversations of a worker tell, since it was last asked for."""

    chance: Callable[[], float] = random.random
    segments: int = 0
    faults: int = 0
    first_audio_ms: Sample = field(init=False)
    recognition_ms: Sample = field(init=False)

    def __post_init__(self) -> None:
        self._begin()

    def note(self, message: object) -> None:
        """A message that everybody in a conversation is told."""
        match message:
            case Latency(parts_ms=parts, total_ms=total):
                self.segments += 1
                # What was typed was not recognised, and to somebody who reads nothing was spoken.
                if parts[Stage.ASR]:
                    self.recognition_ms.add(parts[Stage.ASR])
                if parts[Stage.TTS]:
                    self.first_audio_ms.add(total)
            case Failure(code=code) if code in FAULTS:
                self.faults += 1

    def take(self) -> dict[str, float | list[float]]:
        """By name, as `UNITS` has them; what was measured not once is left out. Counting begins again."""
        measured = {"FirstAudioMs": self.first_audio_ms.values, "RecognitionMs": self.recognition_ms.values}
        taken: dict[str, float | list[float]] = {"Segments": self.segments, "Faults": self.faults}
        if (said := self.segments + self.faults) >= _ENOUGH:
            taken["FaultPercent"] = round(100 * self.faults / said, 1)
        taken |= {name: values for name, values in measured.items() if values}
        self._begin()
        return taken

    def _begin(self) -> None:
        self.segments = self.faults = 0
        self.first_audio_ms, self.recognition_ms = Sample(self.chance), Sample(self.chance)


UNITS = {
    "Load": "Percent",
    "Sessions": "Count",
    "Sockets": "Count",
    "Segments": "Count",
    "Faults": "Count",
    "FaultPercent": "Percent",
    "FirstAudioMs": "Milliseconds",
    "RecognitionMs": "Milliseconds",
}


@dataclass(frozen=True, slots=True)
class Reporter:
    """`write` takes a line. The worker's id is a field to search by and no dimension: each would be paid for."""

    telemetry: Telemetry
    namespace: str
    worker_id: str
    clock: Clock
    write: Callable[[str], None]

    async def run(self, levels: Callable[[], Levels]) -> None:
        """At once, because scaling waits for a number, and every minute after."""
        while True:
            self.write(self._line(levels()))
            await asyncio.sleep(_PERIOD_S)

    def _line(self, levels: Levels) -> str:
        values: dict[str, float | list[float]] = {
            "Sessions": levels.sessions,
            "Sockets": levels.sockets,
        }
        if levels.load_percent is not None:
            values["Load"] = round(levels.load_percent, 1)
        values |= self.telemetry.take()
        named = {"service": SERVICE, "worker_id": self.worker_id}
        return metric_line(self.namespace, named, values, UNITS, self.clock.now())


def metric_line(
    namespace: str,
    named: Mapping[str, str],
    values: Mapping[str, float | list[float]],
    units: Mapping[str, str],
    at: datetime,
) -> str:
    """`named` are fields beside the numbers; `service` among them is their dimension."""
    directive = {
        "Namespace": namespace,
        "Dimensions": [["service"]],
        "Metrics": [{"Name": name, "Unit": units[name]} for name in values],
    }
    stamped = {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": stamped, **named, **values})
