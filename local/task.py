"""A task as ECS would start it: a process with the environment of its task definition and its role."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import aiohttp

_READY_S = 60.0
_STOP_S = 15.0
_FROM_THE_IMAGE = ("PATH", "LANG", "PYTHONDONTWRITEBYTECODE")


class TaskFailed(Exception):
    """A process did not come up; the message ends with the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Task:
    """`name` is for people, `module` what the image would be started with. It is alive when `health_port` answers."""

    name: str
    module: str
    health_port: int
    log: Path


@asynccontextmanager
async def running(task: Task, environment: Mapping[str, str]) -> AsyncIterator[Process]:
    """Up and healthy inside the block; stopped like ECS stops a task: SIGTERM, time to flush, then SIGKILL."""
    image = {name: os.environ[name] for name in _FROM_THE_IMAGE if name in os.environ}
    with task.log.open("wb") as output:
        process = await _start(task.module, {**image, **environment}, output)
        try:
            await _healthy(process, task)
            yield process
        finally:
            await _stop(process)


async def _start(module: str, environment: Mapping[str, str], output: BinaryIO) -> Process:
    """In a session of its own, so that Ctrl-C reaches us first and things end in order."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


async def _healthy(process: Process, task: Task) -> None:
    async with aiohttp.ClientSession() as http:
        try:
            async with asyncio.timeout(_READY_S):
                while not await _answers(http, task.health_port):
                    if process.returncode is not None:
                        raise TaskFailed(f"{task.name} ended with {process.returncode}{_tail(task.log)}")
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise TaskFailed(f"{task.name} was not healthy after {_READY_S:.0f} s{_tail(task.log)}") from None


async def _answers(http: aiohttp.ClientSession, port: int) -> bool:
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with http.get(f"http://127.0.0.1:{port}/healthz", timeout=aiohttp.ClientTimeout(total=2)) as answer:
            return answer.status < 300
    return False


async def _stop(process: Process) -> None:
    """Leaves nothing of the process group behind, engine processes included."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _tail(log: Path, lines: int = 15) -> str:
    return "".join(f"\n    {line}" for line in log.read_text(errors="replace").splitlines()[-lines:])
