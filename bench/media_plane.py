"""What a frame costs the media worker, and how many streams a core carries (engines stubbed, the rest as it is).

The worker is pinned to one core, the load generator to another; both on loopback.
"""

from __future__ import annotations

import audioop
import json
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import soxr

HERE = Path(__file__).parent
LIMIT_MS = 20.0
_WORKER_CORE, _LOAD_CORE = "0", "1"
_LATE_MS = 10.0
_TEXT = (
    "Good morning, how can I help you? I have a question about my order, it has not arrived yet. "
    "Could you give me the number please? Of course, it is four seven two nine. Thank you, one moment. "
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured window. `contended` when the load generator itself came late: others wanted the cores, too."""

    calls: int
    us_per_frame: float
    cores: float
    p50_ms: float
    p99_ms: float
    answered: float
    dead: int
    rss_mb: float
    contended: bool

    @property
    def holds(self) -> bool:
        return self.p99_ms <= LIMIT_MS and self.answered >= 0.99 and self.dead == 0


@contextmanager
def bench_of(*, preferred: bool = False) -> Iterator[Bench]:
    """`preferred`: the scheduler puts the bench before everything else on this machine (root only)."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        yield Bench(Path(folder), preferred=preferred)


class Bench:
    def __init__(self, folder: Path, *, preferred: bool) -> None:
        self._folder = folder
        self._preferred = preferred
        self._loadgen = folder / "loadgen"
        subprocess.run(["gcc", "-O2", "-o", str(self._loadgen), str(HERE / "loadgen.c")], check=True)
        self._speech = folder / "speech.ulaw"
        self._speech.write_bytes(speech())

    def measure(self, calls: int, seconds: float = 4.0, warm_s: float = 2.0) -> Figure:
        paths = self._folder / "paths.txt"
        worker = subprocess.Popen(
            ["taskset", "-c", _WORKER_CORE, sys.executable, "-m", "bench.stubbed_worker", str(calls), str(paths)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._prefer(worker.pid)
        try:
            assert worker.stdout is not None
            port = json.loads(worker.stdout.readline())["port"]
            load = [str(self._loadgen), str(port), str(warm_s), str(seconds), str(worker.pid)]
            command = ["taskset", "-c", _LOAD_CORE, *load, str(self._speech), str(paths)]
            loading = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
            self._prefer(loading.pid)
            seen = json.loads(loading.communicate()[0])
            return _figure(seen, _rss_mb(worker.pid))
        finally:
            worker.kill()
            worker.communicate()

    def _prefer(self, pid: int) -> None:
        """A machine that others use gives half a core to each, and then the figures say nothing."""
        if self._preferred:
            Path(f"/proc/{pid}/autogroup").write_text("-19")

    def most(self, start: int = 150, factor: float = 1.12, tries: int = 3) -> tuple[Figure | None, list[Figure]]:
        """The largest number of calls that holds, climbing until one fails; a contended failure is tried again."""
        best: Figure | None = None
        seen: list[Figure] = []
        calls = start
        while True:
            figure = self._best_of(calls, tries, seen)
            if not figure.holds:
                return best, seen
            best, calls = figure, int(calls * factor) + 1

    def _best_of(self, calls: int, tries: int, seen: list[Figure]) -> Figure:
        for _ in range(tries):
            figure = self.measure(calls)
            seen.append(figure)
            if figure.holds or not figure.contended:
                break
        return figure


def speech() -> bytes:
    """Half a minute of synthetic speech with pauses, mu-law at 8 kHz, so that the detector finds turns."""
    wav = subprocess.run(["espeak-ng", "--stdout", "-s", "150", _TEXT * 2], check=True, capture_output=True).stdout
    with wave.open(BytesIO(wav)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        spoken: bytes = soxr.resample(samples, file.getframerate(), 8000).astype("<i2").tobytes()
    return audioop.lin2ulaw(spoken + bytes(16000 * 2), 2)


def _figure(seen: dict[str, Any], rss_mb: float) -> Figure:
    return Figure(
        calls=seen["calls"],
        us_per_frame=seen["us_per_frame"],
        cores=seen["worker_cores"],
        p50_ms=seen["p50_ms"],
        p99_ms=seen["p99_ms"],
        answered=seen["frames_out"] / max(1, seen["frames_in"]),
        dead=seen["dead"],
        rss_mb=rss_mb,
        contended=seen["loadgen_late_ms"] > _LATE_MS,
    )


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1e6
