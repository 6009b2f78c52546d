"""Where telephones of a test call: the stack's own gateway, or one beside it with settings that the test chooses."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from local import gateway
from local.deploy import gateway_environment
from local.stack import Stack
from tests.sip.processes import free_port

_USUAL_PORT = 5060
_FIRST_RTP_PORT, _RTP_PORTS = 42_000, 64
_numbers = itertools.count()


def port_of(stack: Stack) -> int:
    _, _, host = stack.addresses.sip_uri.partition("@")
    return int(host.partition(":")[2] or _USUAL_PORT)


@asynccontextmanager
async def another(stack: Stack, folder: Path, **settings: str) -> AsyncIterator[int]:
    """Its port. `settings` go on top of the environment that is declared for it."""
    number = next(_numbers)
    first = _FIRST_RTP_PORT + number * _RTP_PORTS
    ports = {"RTP_FIRST_PORT": str(first), "RTP_LAST_PORT": str(first + _RTP_PORTS - 1)}
    declared = await asyncio.to_thread(gateway_environment, stack.outputs)
    port, log = free_port(), folder / f"gateway-{number}.log"
    async with gateway.running({**declared, **ports, **settings}, port, free_port(), log):
        yield port
