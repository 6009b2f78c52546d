"""From a trunk's URI to a way that leads there (RFC 3263, without NAPTR: the tenant has said the transport).

A tenant names the host, so every address is looked at before anything is sent to it: public ones only, of IPv4, which
is what gateways speak.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from random import Random

from core.domain.sip import TRUNK_URI, Transport, Trunk
from core.domain.targets import may_connect
from media_worker.sip.signalling.flows import Flow, Sockets

_log = logging.getLogger(__name__)
_CONNECT_S = 5.0
_MOST_TRIES = 4
_SERVICES = {Transport.UDP: "_sip._udp", Transport.TCP: "_sip._tcp", Transport.TLS: "_sips._tcp"}
_PORTS = {Transport.UDP: 5060, Transport.TCP: 5060, Transport.TLS: 5061}
# Below live the protocols that an INVITE could be mistaken for: mail, shells, directories.
_FIRST_FREE_PORT, _HTTPS = 1024, 443


class NoRoad(Exception):
    """The trunk cannot be reached. The text is for the log, and names no address."""


@dataclass(frozen=True, slots=True)
class Server:
    """One SRV record."""

    priority: int
    weight: int
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Names:
    """`servers` of a service's name, and IPv4 `addresses` of a host; none when there are none. Both may block."""

    servers: Callable[[str], Sequence[Server]]
    addresses: Callable[[str], Sequence[str]]


@dataclass(slots=True)
class Roads:
    """`local`: loopback is a place to go to as well. Connections are kept, and used by all calls to the same place."""

    sockets: Sockets
    names: Names
    offload: Callable[..., Awaitable[Sequence[object]]]
    random: Random
    local: bool = False
    _open: dict[tuple[str, int, str], Flow] = field(default_factory=dict)

    async def to(self, trunk: Trunk) -> Flow:
        """Raises NoRoad."""
        found = TRUNK_URI.fullmatch(trunk.uri)
        if found is None:
            raise NoRoad("the trunk's URI cannot be read")
        transport = Transport.TLS if found["scheme"] == "sips" else trunk.transport
        hops = await self._hops(found["host"].lower(), int(found["port"] or 0), transport)
        allowed = [(host, port) for host, port in hops if self._may_go(host, port)]
        if not allowed:
            raise NoRoad(
                "the trunk's host leads to no public IPv4 address" if hops else "the trunk's host has no address"
            )
        if transport is Transport.UDP:
            return self.sockets.datagrams_to(*allowed[0])
        return await self._connected(allowed[:_MOST_TRIES], found["host"].lower() if transport is Transport.TLS else "")

    async def _hops(self, host: str, port: int, transport: Transport) -> list[tuple[str, int]]:
        if _is_address(host):
            return [(host, port or _PORTS[transport])]
        servers = [] if port else await self._servers(f"{_SERVICES[transport]}.{host}")
        if not servers:
            servers = [Server(0, 0, host, port or _PORTS[transport])]
        return [
            (str(address), server.port)
            for server in servers[:_MOST_TRIES]
            for address in await self.offload(self.names.addresses, server.host)
        ]

    async def _servers(self, name: str) -> list[Server]:
        """In the order to try them (RFC 2782): by priority, and among equals by lot, weighed."""
        found = [server for server in await self.offload(self.names.servers, name) if isinstance(server, Server)]
        # The key of each is a draw whose greatest comes first as often as its weight says (Efraimidis and Spirakis).
        return sorted(
            found, key=lambda server: (server.priority, -(self.random.random() ** (1 / (server.weight or 0.1))))
        )

    def _may_go(self, host: str, port: int) -> bool:
        is_local = self.local and may_connect(host, scheme="", local=True)
        return is_local or (may_connect(host) and (port >= _FIRST_FREE_PORT or port == _HTTPS))

    async def _connected(self, hops: Sequence[tuple[str, int]], secure_name: str) -> Flow:
        self._open = {place: flow for place, flow in self._open.items() if flow.is_open}
        for host, port in hops:
            if (known := self._open.get((host, port, secure_name))) is not None:
                return known
            try:
                async with asyncio.timeout(_CONNECT_S):
                    flow = await self.sockets.connect(host, port, secure_name or None)
            except (OSError, TimeoutError) as error:
                _log.warning("a trunk's server cannot be reached", extra={"code": type(error).__name__})
                continue
            if flow.is_open:
                self._open[host, port, secure_name] = flow
                return flow
        raise NoRoad("none of the trunk's servers takes a connection")


def _is_address(host: str) -> bool:
    try:
        IPv4Address(host)
    except ValueError:
        # An IPv6 address, too, has no place here: it is no name that anybody knows.
        return host.startswith("[")
    return True
