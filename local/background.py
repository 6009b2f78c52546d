"""Commands that run one after the other beside something else, on what it leaves of the machine."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

# A tenth of the time of whoever wants it, too, and all that nobody wants: waiting long, they would miss deadlines.
_NICENESS = 10
_TIDIED_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Finished:
    """`log` has all that the command printed; -N is the code of one that signal N ended, as subprocess says it."""

    name: str
    returncode: int
    seconds: float
    log: Path


class Background:
    """`jobs`: by name, a command and its environment. Leaving the block ends what still runs."""

    def __init__(self, jobs: Mapping[str, tuple[Sequence[str], Mapping[str, str]]], logs: Path) -> None:
        self._jobs = jobs
        self._logs = logs
        self._finished: queue.Queue[Finished] = queue.Queue(len(jobs))
        self._shown = 0
        self._lock = threading.Lock()
        self._stopped = False
        self._running: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._work)

    def finished(self, *, wait: bool) -> Iterator[Finished]:
        """Those that have ended since it was last asked; waiting, all that are left, each as it ends."""
        while self._shown < len(self._jobs):
            try:
                done = self._finished.get(block=wait)
            except queue.Empty:
                return
            self._shown += 1
            yield done

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            self._end(number)
            self._thread.join(_TIDIED_WITHIN_S)

    def _end(self, number: signal.Signals) -> None:
        with self._lock:
            self._stopped = True
            if self._running is not None and self._running.poll() is None:
                os.killpg(self._running.pid, number)

    def _work(self) -> None:
        for name, (command, environment) in self._jobs.items():
            log, began = self._logs / f"{name}.log", time.monotonic()
            with log.open("wb") as output:
                with self._lock:
                    if self._stopped:
                        return
                    self._running = _started(command, environment, output.fileno())
                returncode = self._running.wait()
            self._finished.put(Finished(name, returncode, time.monotonic() - began, log))


def _started(command: Sequence[str], environment: Mapping[str, str], output: int) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C is for who started it, and Linux weighs sessions against each other first."""
    process = subprocess.Popen(
        ["nice", "-n", str(_NICENESS), *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    with contextlib.suppress(OSError):  # a kernel that weighs single processes only, where `nice` is enough
        Path(f"/proc/{process.pid}/autogroup").write_text(str(_NICENESS))
    return process
