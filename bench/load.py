"""One server on one core, the load generator on another, both on loopback; what a measured window shows of them."""

from __future__ import annotations

import audioop
import json
import os
import signal
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import soxr

HERE = Path(__file__).parent
LIMIT_MS = 20.0
DETECTOR_LIMIT_MS = 200.0
SERVER_CORE, LOAD_CORE = "0", "1"
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
    detector_late_ms: float = 0.0

    @property
    def holds(self) -> bool:
        """A server that is late with voice activity does not hold either, however fast it answers."""
        in_time = self.p99_ms <= LIMIT_MS and self.detector_late_ms <= DETECTOR_LIMIT_MS
        return in_time and self.answered >= 0.99 and self.dead == 0


@dataclass(frozen=True, slots=True)
class Server:
    """`command` prints {"port": …} when it listens; `{calls}` and `{listed}` in it are filled in.

    `kind` is the load generator's: in which words it talks to this server.
    """

    name: str
    kind: str
    command: Sequence[str]
    tells_lateness: bool = False

    def words(self, calls: int, listed: Path) -> list[str]:
        return [word.format(calls=calls, listed=listed) for word in self.command]


def our_worker(kind: str) -> Server:
    command = (sys.executable, "-m", "bench.stubbed_worker", kind, "{calls}", "{listed}")
    return Server("media worker", kind, command, tells_lateness=True)


@contextmanager
def load(*, preferred: bool = False) -> Iterator[Load]:
    """`preferred`: the scheduler puts the bench before everything else on this machine (root only)."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        yield Load(Path(folder), preferred=preferred)


class Load:
    def __init__(self, folder: Path, *, preferred: bool) -> None:
        self.folder = folder
        self._preferred = preferred
        self._loadgen = self.compiled("loadgen.c")
        self._speech = folder / "speech.ulaw"
        self._speech.write_bytes(speech())

    def compiled(self, source: str) -> Path:
        program = (self.folder / source).with_suffix("")
        subprocess.run(["gcc", "-O2", "-o", str(program), str(HERE / source)], check=True)
        return program

    def measure(self, server: Server, calls: int, seconds: float = 4.0, warm_s: float = 2.0) -> Figure:
        listed = self.folder / "calls.txt"
        listed.write_text("/\n" * calls)
        with self.running(server.words(calls, listed), SERVER_CORE) as process:
            assert process.stdout is not None
            port = json.loads(process.stdout.readline())["port"]
            words = self.loading(server.kind, port, seconds, process.pid, listed, warm_s)
            with self.running(words, LOAD_CORE) as loading:
                seen = json.loads(loading.communicate()[0])
            rss_mb = _rss_mb(process.pid)
            return _figure(seen, rss_mb, _detector_late_ms(process) if server.tells_lateness else 0.0)

    def loading(self, kind: str, port: int, seconds: float, pid: int, listed: Path, warm_s: float = 2.0) -> list[str]:
        """The load generator's command."""
        of_server = [str(port), str(warm_s), str(seconds), str(pid)]
        return [str(self._loadgen), kind, *of_server, str(self._speech), str(listed)]

    @contextmanager
    def running(self, command: Sequence[str], core: str) -> Iterator[subprocess.Popen[str]]:
        pinned = ["taskset", "-c", core, *command]
        process = subprocess.Popen(
            pinned, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            self._prefer(process.pid)
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def _prefer(self, pid: int) -> None:
        """A machine that others use gives half a core to each, and then the figures say nothing."""
        if self._preferred:
            Path(f"/proc/{pid}/autogroup").write_text("-19")

    def most(
        self, server: Server, start: int, factor: float = 1.12, tries: int = 3
    ) -> tuple[Figure | None, list[Figure]]:
        """The largest number of calls that holds: down from `start` to one that does, then up to the first that does
        not. A contended failure is tried again."""
        seen: list[Figure] = []
        calls = start
        while not (figure := self._best_of(server, calls, tries, seen)).holds:
            if calls <= 2:
                return None, seen
            calls = int(calls / factor**2) // 2 * 2
        best = figure
        while True:
            calls = int(calls * factor) // 2 * 2 + 2
            figure = self._best_of(server, calls, tries, seen)
            if not figure.holds:
                return best, seen
            best = figure

    def _best_of(self, server: Server, calls: int, tries: int, seen: list[Figure]) -> Figure:
        for _ in range(tries):
            figure = self.measure(server, calls)
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


def _detector_late_ms(process: subprocess.Popen[str]) -> float:
    """The worst of the last two seconds, which are those of the measured window."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("?")
    process.stdin.flush()
    return float(json.loads(process.stdout.readline())["detector_late_ms"])


def _figure(seen: dict[str, Any], rss_mb: float, detector_late_ms: float) -> Figure:
    """A frame costs what it takes to answer it: a server that answers a third of them is not cheap for that."""
    answered = seen["frames_out"] / max(1, seen["frames_in"])
    return Figure(
        calls=seen["calls"],
        us_per_frame=seen["us_per_frame"] / min(1.0, answered or 1.0),
        cores=seen["worker_cores"],
        p50_ms=seen["p50_ms"],
        p99_ms=seen["p99_ms"],
        answered=answered,
        dead=seen["dead"],
        rss_mb=rss_mb,
        contended=seen["loadgen_late_ms"] > _LATE_MS,
        detector_late_ms=detector_late_ms,
    )


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1e6
