"""A gateway of a test's own beside the stack's, with settings that the test chooses."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from local.deploy import worker_environment
from local.stack import Stack
from tests.sip.processes import ToolFailed, free_port, running, tail

_READY_S = 30.0
_FIRST_RTP_PORT = 42_000
_RTP_PORTS = 512
_numbers = itertools.count()


@asynccontextmanager
async def gateway(stack: Stack, folder: Path, **settings: str) -> AsyncIterator[int]:
    """Its port, UDP and TCP. `settings` go on top of the environment that is declared for it."""
    port, health = free_port(), free_port()
    first = _FIRST_RTP_PORT + next(_numbers) * _RTP_PORTS
    declared = await asyncio.to_thread(worker_environment, stack.outputs)
    own = {
        **{"SIP_HOST": "127.0.0.1", "SIP_PORT": str(port), "SIP_TLS_PORT": "0", "SIP_PUBLIC_HOST": "127.0.0.1"},
        **{"RTP_FIRST_PORT": str(first), "RTP_LAST_PORT": str(first + _RTP_PORTS - 1), "HEALTH_PORT": str(health)},
        **{"STREAM_URL": stack.addresses.stream_url, "SIP_DOMAIN": "sip.test", "STOP_S": "0"},
    }
    log = folder / f"gateway-{port}.log"
    command = [sys.executable, "-m", "media_worker.sip"]
    async with running(command, Path.cwd(), log, {**declared, **own, **settings}) as process:
        async with httpx.AsyncClient(timeout=1) as http:
            await _healthy(http, health, process, log)
        yield port


async def _healthy(http: httpx.AsyncClient, port: int, process: asyncio.subprocess.Process, log: Path) -> None:
    try:
        async with asyncio.timeout(_READY_S):
            while process.returncode is None:
                try:
                    if (await http.get(f"http://127.0.0.1:{port}/healthz")).is_success:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)  # polls a process that comes up
    except TimeoutError:
        raise ToolFailed(f"the gateway was not healthy after {_READY_S:.0f} s{tail(log)}") from None
    raise ToolFailed(f"the gateway ended with {process.returncode}{tail(log)}")
