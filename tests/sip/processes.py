"""Programs of others that a test starts: ended by their own id, and heard when they fail."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

_STOP_S = 5.0
_TAIL_LINES = 25


class ToolFailed(Exception):
    """A telephone did not do what a test asked of it; the message ends with what it said last."""


@asynccontextmanager
async def running(
    command: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    """Started in `folder`, and asked to end (SIGTERM, then SIGKILL) when the block is left. `environment` is added."""
    program = shutil.which(command[0])
    assert program, f"there is no {command[0]}; `make test-sip` installs it"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            program,
            *command[1:],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            yield process
        finally:
            await stop(process)


async def stop(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_S)
    if process.returncode is None:
        process.kill()
    await process.wait()


def tail(*logs: Path) -> str:
    """The last lines of those that are there."""
    there = [log for log in logs if log.exists()]
    lines = [line for log in there for line in log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]]
    return "".join(f"\n    {line}" for line in lines)


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """One that nobody has at this moment, even, as RTP wants it."""
    while True:
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port % 2 == 0:
            return port
