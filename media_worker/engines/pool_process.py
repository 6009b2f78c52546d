"""The engine process itself, as the pool starts and reaps it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

EXIT_TIMEOUT_S = 5.0
_PROJECT = Path(__file__).resolve().parents[2]


async def spawn(descriptor: int) -> asyncio.subprocess.Process:
    """In a session of its own: Ctrl-C at a terminal reaches the worker alone, which then closes its engines."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "media_worker.engines.process", str(descriptor)),
        stdin=asyncio.subprocess.DEVNULL,
        pass_fds=[descriptor],
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(_PROJECT)},
    )


async def ended(process: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), EXIT_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
