"""The sockets of signalling: one for datagrams, one that takes connections. What comes in is handed on as bytes.

A flow is a way back to whoever has sent something: an address for datagrams, a connection otherwise. Behind a balancer
that ends TLS a connection is plain here, and only its port tells that it was not (`secure`).
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, cast

from media_worker.sip.signalling.framing import LARGEST_BODY_BYTES, LARGEST_HEADER_BYTES, Framer, Unframed

_log = logging.getLogger(__name__)
_LARGEST_UNSENT_BYTES = 256 * 1024
_MOST_CONNECTIONS, _MOST_OF_ONE_HOST = 1000, 100
_QUIET_S = 3600.0
# Whoever connects has something to say.
_FIRST_WORD_S = 30.0
# A load balancer forgets a connection that is silent for 350 s, and a call may say nothing for half an hour. Probes of
# the system's, without content: TLS that ends at the balancer is kept by them, too.
_PROBED_AFTER_S, _PROBED_EVERY_S, _PROBES = 120, 30, 4
_PONG = b"\r\n"
_LARGEST_BYTES = LARGEST_HEADER_BYTES + LARGEST_BODY_BYTES


class Flow(Protocol):
    """`transport` as a Via names it. `host` and `port` are the other side's."""

    @property
    def transport(self) -> str: ...

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def is_reliable(self) -> bool: ...

    @property
    def is_open(self) -> bool: ...

    def send(self, data: bytes, port: int | None = None) -> None:
        """Never blocks; what cannot be sent is lost. A `port` is for answers to those who want them elsewhere."""
        ...


Receive = Callable[[bytes, Flow], None]


@dataclass(frozen=True, slots=True)
class DatagramFlow:
    host: str
    port: int
    socket: asyncio.DatagramTransport = field(repr=False, compare=False)
    transport: str = "UDP"

    @property
    def is_reliable(self) -> bool:
        return False

    @property
    def is_open(self) -> bool:
        return not self.socket.is_closing()

    def send(self, data: bytes, port: int | None = None) -> None:
        self.socket.sendto(data, (self.host, port or self.port))


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._socket: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._socket = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        # Keep-alives of NATs are a line end, or less.
        if self._socket is not None and 4 < len(data) <= _LARGEST_BYTES:
            self._receive(data, DatagramFlow(addr[0], addr[1], self._socket))

    def error_received(self, exc: Exception) -> None:
        """An ICMP message: nobody listens there. Transactions give up by themselves."""

    def flow_to(self, host: str, port: int) -> Flow:
        assert self._socket is not None
        return DatagramFlow(host, port, self._socket)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()


class Connection(asyncio.Protocol):
    """One stream of messages. Whoever sends no message for an hour, or none at all, is let go; who is gone, in minutes.

    Bytes that make no message count for nothing: a connection is not held open by one byte now and then.
    """

    def __init__(self, receive: Receive, connections: set[Connection], *, secure: bool) -> None:
        self.transport = "TLS" if secure else "TCP"
        self.host, self.port = "", 0
        self._receive = receive
        self._connections = connections
        self._framer = Framer()
        self._stream: asyncio.Transport | None = None
        self._quiet: asyncio.TimerHandle | None = None

    @property
    def is_reliable(self) -> bool:
        return True

    @property
    def is_open(self) -> bool:
        return self._stream is not None and not self._stream.is_closing()

    def send(self, data: bytes, port: int | None = None) -> None:
        if self._stream is None or self._stream.is_closing():
            return
        if self._stream.get_write_buffer_size() > _LARGEST_UNSENT_BYTES:
            self._stream.abort()
            return
        self._stream.write(data)

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._stream = stream = cast(asyncio.Transport, transport)
        peer = stream.get_extra_info("peername")
        self.host, self.port = peer[0], peer[1]
        if not self._has_room():
            stream.abort()
            return
        _probe(stream.get_extra_info("socket"))
        self._connections.add(self)
        self._wait(_FIRST_WORD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        if self._quiet is not None:
            self._quiet.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            messages = self._framer.feed(data)
        except Unframed as error:
            _log.info("a connection was closed: %s", error)
            self.close()
            return
        if self._framer.keep_alives:
            self._framer.keep_alives = 0
            self.send(_PONG)
        if messages:
            self._wait(_QUIET_S)
        for message in messages:
            self._receive(message, self)

    def _has_room(self) -> bool:
        """Nobody takes all the places alone."""
        of_host = sum(other.host == self.host for other in self._connections)
        return len(self._connections) < _MOST_CONNECTIONS and of_host < _MOST_OF_ONE_HOST

    def _wait(self, seconds: float) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
        self._quiet = asyncio.get_running_loop().call_later(seconds, self.close)


def _probe(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _PROBED_AFTER_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _PROBED_EVERY_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)


class Sockets:
    """All of a process. `receive` is called on the loop, and must not raise."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._datagrams = Datagrams(receive)
        self._servers: list[asyncio.Server] = []
        self._connections: set[Connection] = set()

    async def open(self, host: str, port: int, secure_port: int) -> int:
        """Datagrams and connections on `port` (0: any), connections that were TLS on `secure_port` (0: none).

        Gives the port. Raises OSError when one is taken.
        """
        loop = asyncio.get_running_loop()
        datagrams, _ = await loop.create_datagram_endpoint(lambda: self._datagrams, local_addr=(host, port))
        port = datagrams.get_extra_info("sockname")[1]
        try:
            self._servers.append(await loop.create_server(self._connection(secure=False), host, port))
            if secure_port:
                self._servers.append(await loop.create_server(self._connection(secure=True), host, secure_port))
        except OSError:
            await self.close()
            raise
        return int(port)

    def datagrams_to(self, host: str, port: int) -> Flow:
        return self._datagrams.flow_to(host, port)

    async def connect(self, host: str, port: int, secure_name: str | None = None) -> Flow:
        """A connection of our own making; by TLS to who has a certificate of `secure_name`, if one is given.

        Raises OSError, TLS's refusals among them.
        """
        make = self._connection(secure=secure_name is not None)
        _, connection = await asyncio.get_running_loop().create_connection(
            make, host, port, ssl=secure_name is not None or None, server_hostname=secure_name
        )
        return connection

    async def close(self) -> None:
        self._datagrams.close()
        for server in self._servers:
            server.close()
        for connection in tuple(self._connections):
            connection.close()

    def _connection(self, *, secure: bool) -> Callable[[], Connection]:
        return lambda: Connection(self._receive, self._connections, secure=secure)
