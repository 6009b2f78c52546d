"""Where the world reaches this task: the address that goes into every offer of sound.

ECS tells a task the hardware address of its network interface, EC2 tells which public address that has. Nobody else is
asked, and nothing is guessed: a gateway that offered a private address would take calls in which nobody hears a word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import aiohttp
from pydantic import BaseModel, Field, ValidationError

from core.errors import DependencyRefused, Unavailable
from media_worker.pipeline.offload import Offload

_METADATA_WAIT_S = 5.0
# EC2 shows an interface a moment after it is there.
_TRIES, _AGAIN_S = 5, 2.0
_ANY_ADDRESS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound to


class NoPublicAddress(Exception):
    """The message is for whoever reads why the gateway ended."""


class Interfaces(Protocol):
    def public_address(self, mac: str) -> str | None:
        """Raises Unavailable or DependencyRefused."""
        ...


class _Network(BaseModel):
    mac: str = Field(alias="MACAddress", pattern=r"^[0-9a-f]{2}(:[0-9a-f]{2}){5}$")


class _Container(BaseModel):
    """What we read of a container's metadata (ECS task metadata endpoint, version 4)."""

    networks: list[_Network] = Field(alias="Networks", min_length=1)


Fetch = Callable[[str], Awaitable[bytes]]
Wait = Callable[[float], Awaitable[None]]


async def fetched(url: str) -> bytes:
    timeout = aiohttp.ClientTimeout(total=_METADATA_WAIT_S)
    async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url) as answer:
        answer.raise_for_status()
        return await answer.read()


def elsewhere(bound_to: str) -> str:
    """Outside ECS: the address that is listened on, if it is one. Raises NoPublicAddress."""
    if bound_to in _ANY_ADDRESS:
        raise NoPublicAddress("SIP_PUBLIC_HOST is empty, and this is no task of ECS whose address could be asked for")
    return bound_to


async def of_task(
    metadata_uri: str,
    interfaces: Interfaces,
    offload: Offload,
    fetch: Fetch = fetched,
    wait: Wait = asyncio.sleep,
) -> str:
    """The task's public IPv4 address. Takes half a minute at most; raises NoPublicAddress."""
    mac = await _mac(metadata_uri, fetch)
    for number in range(_TRIES):
        if number:
            await wait(_AGAIN_S)
        if address := await _asked(mac, interfaces, offload, last=number == _TRIES - 1):
            return address
    raise NoPublicAddress(f"EC2 knows no public address of {mac}: the task needs one, in a public subnet")


async def _mac(metadata_uri: str, fetch: Fetch) -> str:
    try:
        return _Container.model_validate_json(await fetch(metadata_uri)).networks[0].mac
    except (aiohttp.ClientError, TimeoutError, ValidationError) as error:
        raise NoPublicAddress(f"ECS did not tell the task's network interface: {type(error).__name__}") from error


async def _asked(mac: str, interfaces: Interfaces, offload: Offload, *, last: bool) -> str | None:
    try:
        return await offload(interfaces.public_address, mac)
    except DependencyRefused as error:
        raise NoPublicAddress(f"{error}: the task's role needs ec2:DescribeNetworkInterfaces") from error
    except Unavailable as error:
        if last:
            raise NoPublicAddress(error.message) from error
        return None
