"""What the demo says: the call as it runs, the figures after it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from kallglot.stream.messages import Ended, Latency, Message, Ready, StreamError, Transcript
from local.dialogue import Line
from local.progress import Progress


class Screen:
    """Prints a call: partials pass by, finals stay."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def spoken(self, line: Line) -> None:
        how = "types" if line.typed else "says"
        self._say(self._progress.dim(f"\n{line.speaker} {how}: {line.text}"))

    def message(self, message: Message) -> None:
        match message:
            case Ready():
                self._say(f"stream ready: {message.encoding} at {message.sample_rate_hz} Hz")
            case Transcript(is_final=False):
                self._progress.passing(f"  … {message.text}")
            case Transcript():
                self._final(message)
            case Latency():
                self._say(self._progress.dim(f"  {latency_line(message)}"))
            case StreamError():
                self._say(f"  ! {message.code}: {message.message}")
            case Ended():
                self._say(f"\nsession ended: {message.reason}")

    def _final(self, final: Transcript) -> None:
        self._say(f"{final.speaker} [{final.language}] {final.text}")
        if final.translation:
            self._say(f"  → [{final.translation_language}] {final.translation}")

    def _say(self, text: str) -> None:
        self._progress.settle()
        self._progress.say(text)


def latency_line(latency: Latency) -> str:
    parts = {
        "recognise": latency.asr_ms,
        "translate": latency.mt_ms,
        "speak": latency.tts_ms,
        "queue": latency.queue_ms,
    }
    work = ", ".join(f"{name} {ms:.0f}" for name, ms in parts.items())
    return f"{latency.work_ms:.0f} ms of work ({work}) after {latency.endpoint_ms:.0f} ms of waiting for the end"


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """Milliseconds over the spoken segments. Work is what follows the decision that a phrase has ended."""

    segments: int
    work_p50_ms: float
    work_p95_ms: float
    endpoint_p50_ms: float
    endpoint_p95_ms: float

    @classmethod
    def of(cls, latencies: Sequence[Latency]) -> LatencySummary | None:
        """None when nothing was spoken; typed text has no endpoint and is left out."""
        spoken = [latency for latency in latencies if latency.endpoint_ms > 0]
        if not spoken:
            return None
        work = [latency.work_ms for latency in spoken]
        endpoint = [latency.endpoint_ms for latency in spoken]
        figures = (percentile(work, 50), percentile(work, 95), percentile(endpoint, 50), percentile(endpoint, 95))
        return cls(len(spoken), *figures)

    def __str__(self) -> str:
        return (
            f"work after the end of a phrase: p50 {self.work_p50_ms:.0f} ms, p95 {self.work_p95_ms:.0f} ms; "
            f"waiting for that end: p50 {self.endpoint_p50_ms:.0f} ms, p95 {self.endpoint_p95_ms:.0f} ms "
            f"({self.segments} spoken segments)"
        )

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def percentile(values: Sequence[float], percent: int) -> float:
    """With linear interpolation; of few values, p95 is close to the largest."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
