"""MiniStack, an AWS API on loopback, in an environment of its own (it pins another botocore than the product does).

IAM is evaluated; the state begins empty with every start; the emulator ends with the process that started it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO, Self

_RUNTIME = Path(__file__).parent / "emulator_runtime"
_REQUIREMENTS = _RUNTIME / "requirements.txt"
UNSUPPORTED = _RUNTIME / "unsupported.json"
HOME = Path(__file__).parents[1] / ".local" / "emulator"

REGION = "us-east-1"
ACCOUNT = "000000000000"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
_HOST = "127.0.0.1"
_USUAL_PORTS = range(4566, 4569)
_READY_WITHIN_S = 60.0
_STOP_WITHIN_S = 10.0
_FUNCTIONS_WITHIN_S = 2.0


class EmulatorFailed(Exception):
    """It did not start; the message says why or where the log is."""


class Emulator:
    """A running emulator. Stop it, or use it as a context manager."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, state_dir: Path, lock: IO[str]) -> None:
        self._process = process
        self._lock = lock
        self.endpoint_url = f"http://{_HOST}:{port}"
        self.log = state_dir / "emulator.log"
        self._no_op_log = state_dir / "no-ops.jsonl"
        self.env = {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @classmethod
    def start(cls, state_dir: Path = HOME) -> Emulator:
        """Install if need be, start, and return once it answers."""
        state_dir = state_dir.resolve()
        python = _installed()
        lock = _locked(state_dir)
        port = _free_port()
        process = _launched(python, port, state_dir)
        emulator = cls(process, port, state_dir, lock)
        try:
            emulator._wait()
        except BaseException:
            emulator.stop()
            raise
        return emulator

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def no_ops(self) -> list[dict[str, str]]:
        """Resources that were accepted and not made: `type`, `logical_id`, `stack`."""
        lines = self._no_op_log.read_text().splitlines() if self._no_op_log.exists() else []
        return [json.loads(line) for line in lines]

    def execute_api_url(self, api_id: str, stage: str, scheme: str = "http") -> str:
        """Where a deployed REST or WebSocket API answers (its AWS host name resolves nowhere here)."""
        return f"{scheme}{self.endpoint_url.removeprefix('http')}/_aws/execute-api/{api_id}/{stage}"

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        assert self._process.stdin
        self._process.stdin.close()
        self._end_functions()
        self._lock.close()

    def _end_functions(self) -> None:
        """The emulator leaves the processes of its functions to end by themselves, in its process group."""
        deadline = time.monotonic() + _FUNCTIONS_WITHIN_S
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.killpg(self._process.pid, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
                time.sleep(0.02)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not self._answers():
            if self._process.poll() is not None:
                raise EmulatorFailed(f"the emulator ended with {self._process.returncode}; see {self.log}")
            if time.monotonic() > deadline:
                raise EmulatorFailed(f"the emulator did not answer within {_READY_WITHIN_S:.0f} s; see {self.log}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            # A proxy of the environment has no business between two processes of one machine.
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"{self.endpoint_url}/_ministack/health", timeout=2) as answer:
                return bool(answer.status == 200)
        return False


def _installed() -> Path:
    """The interpreter of the emulator's environment, which is made anew when its lock changes."""
    wanted = hashlib.sha256(_REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    venv, stamp = HOME / "venv", HOME / "venv.stamp"
    python = venv / "bin" / "python"
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            _run_uv("venv", "--clear", "--python", sys.executable, str(venv))
            _run_uv("pip", "sync", "--python", str(python), "--require-hashes", str(_REQUIREMENTS))
            stamp.write_text(wanted)
    return python


def _run_uv(*arguments: str) -> None:
    done = subprocess.run(["uv", "--quiet", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise EmulatorFailed(f"uv could not install the emulator: {done.stderr.strip()}")


def _locked(state_dir: Path) -> IO[str]:
    """Held until the emulator stops: two of them would wipe each other's files."""
    state_dir.mkdir(parents=True, exist_ok=True)
    lock = (state_dir / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise EmulatorFailed(f"another emulator runs on {state_dir}") from error
    return lock


def _free_port() -> int:
    """A usual port, because it stands in the templates and they are kept; any other if somebody has them all."""
    for port in (*_USUAL_PORTS, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            # As the server will: connections of a run that has just ended do not hold the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((_HOST, port))
            return int(probe.getsockname()[1])
    raise EmulatorFailed("no port is free on loopback")


def _discard(folder: Path) -> None:
    """Ten thousand small files, which a busy disk takes up to half a minute to remove: nobody waits for that."""
    if folder.exists():
        folder.rename(folder.with_name(f"{folder.name}-{time.time_ns()}"))
    for doomed in folder.parent.glob(f"{folder.name}-*"):
        threading.Thread(target=shutil.rmtree, args=(doomed,), kwargs={"ignore_errors": True}, daemon=True).start()


def _launched(python: Path, port: int, state_dir: Path) -> subprocess.Popen[bytes]:
    scratch, no_ops = state_dir / "tmp", state_dir / "no-ops.jsonl"
    _discard(scratch)
    scratch.mkdir()
    no_ops.unlink(missing_ok=True)
    with (state_dir / "emulator.log").open("wb") as log:
        return subprocess.Popen(
            [str(python), "-I", str(_RUNTIME / "launch.py"), str(UNSUPPORTED), str(no_ops)],
            cwd=scratch,
            env=_environment(port, state_dir, scratch),
            # Closes when this process ends, in whatever way, and the emulator with it.
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C is the parent's to handle: it stops the emulator last.
            start_new_session=True,
        )


def _environment(port: int, state_dir: Path, scratch: Path) -> dict[str, str]:
    """All that the emulator, and so every function that it runs, sees of this machine's environment."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "TMPDIR": str(scratch),
        "BIND_HOST": _HOST,
        "MINISTACK_HOST": _HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "AUTH": "true",
        "PERSIST_STATE": "0",
        "STATE_DIR": str(state_dir / "state"),
        "S3_DATA_DIR": str(state_dir / "s3"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUTF8": "1",
        "LOG_LEVEL": "INFO",
    }
