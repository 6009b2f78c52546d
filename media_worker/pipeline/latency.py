"""Where the time went between the end of speech and the first translated sound. Pure."""

from __future__ import annotations

from enum import StrEnum

from media_worker.messages import Latency


class Stage(StrEnum):
    """The parts, in the order in which they happen; each ends where the next begins."""

    ENDPOINT = "endpoint_ms"
    ASR = "asr_ms"
    MT = "mt_ms"
    MODEL = "model_ms"
    QUEUE = "queue_ms"
    TTS = "tts_ms"


class Stopwatch:
    """Of one segment. Whole tenths of a millisecond, so that the shown parts sum to the shown total exactly."""

    def __init__(self, began_at: float) -> None:
        self._last = self._began = _tenths(began_at)
        self._parts = dict.fromkeys(Stage, 0)

    def lap(self, stage: Stage, now: float) -> None:
        """`stage` has ended."""
        at = max(_tenths(now), self._last)
        self._parts[stage] += at - self._last
        self._last = at

    def copy(self) -> Stopwatch:
        other = Stopwatch(0.0)
        other._last, other._began, other._parts = self._last, self._began, dict(self._parts)
        return other

    def report(self, segment_id: str) -> Latency:
        """The part of a language model is shown where there was one."""
        took = {stage: tenths for stage, tenths in self._parts.items() if tenths or stage is not Stage.MODEL}
        parts = {stage.value: tenths / 10 for stage, tenths in took.items()}
        return Latency(segment_id, parts, (self._last - self._began) / 10)


def _tenths(at_s: float) -> int:
    return round(at_s * 10_000)
