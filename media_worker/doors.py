"""Where a worker is reached: by clients through the load balancer, by other workers at a port of their own."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

_log = logging.getLogger(__name__)
_METADATA_WAIT_S = 5.0
_ANY_ADDRESS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound to
_GOODBYE_S = 5.0


@dataclass(frozen=True, slots=True)
class Doors:
    """`private_host` is how other workers call this one; None when nobody knows, and then none of them can."""

    host: str
    port: int
    relay_port: int
    private_host: str | None


class _Network(BaseModel):
    addresses: list[str] = Field(alias="IPv4Addresses", min_length=1)


class _Container(BaseModel):
    """What we read of a container's metadata (ECS task metadata endpoint, version 4)."""

    networks: list[_Network] = Field(alias="Networks", min_length=1)


async def private_host(metadata_uri: str | None, bound_to: str) -> str | None:
    """The task's address in its VPC, as ECS tells it; outside ECS the address that is listened on, if it is one."""
    if metadata_uri is None:
        return None if bound_to in _ANY_ADDRESS else bound_to
    try:
        timeout = aiohttp.ClientTimeout(total=_METADATA_WAIT_S)
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(metadata_uri) as answer:
            answer.raise_for_status()
            container = _Container.model_validate_json(await answer.read())
    except (aiohttp.ClientError, TimeoutError, ValidationError) as error:
        _log.error("no address for other workers", extra={"code": type(error).__name__})
        return None
    return container.networks[0].addresses[0]


@asynccontextmanager
async def site(app: web.Application, host: str, port: int) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """What is called to open it, and tells the port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GOODBYE_S)
    await runner.setup()

    async def open_door() -> int:
        await web.TCPSite(runner, host, port).start()
        return int(runner.addresses[0][1])

    try:
        yield open_door
    finally:
        await runner.cleanup()
