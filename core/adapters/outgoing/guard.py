"""The way out of a webhook: an httpcore network backend that connects to checked addresses only, within a time.

httpcore asks it for a connection to a *name*; it resolves, looks at every address, and connects to one of those it has
looked at. SNI, the certificate's check and the Host header keep the name, because httpcore never learns the address.
A deadline over everything bounds also a server that sends a byte every few seconds.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import httpcore

from core.domain.targets import RefusedTarget, TargetUrl, may_connect
from core.webhook_ports import Resolver


class NameNotFound(OSError):
    """The name leads nowhere."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """`at` is a time of `now`, in seconds."""

    now: Callable[[], float]
    at: float

    def left_s(self, most_s: float | None = None) -> float:
        """Raises TimeoutError when nothing is left."""
        left = self.at - self.now()
        if left <= 0:
            raise TimeoutError
        return left if most_s is None else min(left, most_s)

    def within(self, seconds: float) -> Deadline:
        return Deadline(self.now, min(self.at, self.now() + seconds))


@dataclass(frozen=True, slots=True)
class GuardedBackend(httpcore.NetworkBackend):
    """For one request to `url`. `connect_s` is for resolving and connecting, and again for the TLS handshake."""

    url: TargetUrl
    local: bool
    resolver: Resolver
    deadline: Deadline
    connect_s: float

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises RefusedTarget, NameNotFound, TimeoutError or another OSError."""
        deadline = self.deadline.within(self.connect_s)
        addresses = self._checked(self.resolver.resolve(host, deadline.left_s()))
        return _Stream(_connected(addresses, port, deadline), self.deadline, self.connect_s)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise RefusedTarget("must name a public host")

    def _checked(self, addresses: Sequence[str]) -> Sequence[str]:
        """All or none: a name with one private address is up to something, or about to be."""
        if not addresses:
            raise NameNotFound
        if not all(may_connect(address, scheme=self.url.scheme, local=self.local) for address in addresses):
            raise RefusedTarget("must lead to public addresses only")
        return addresses


def _connected(addresses: Sequence[str], port: int, deadline: Deadline) -> socket.socket:
    """To the first that answers; what the last one said otherwise."""
    failure: OSError = NameNotFound()
    for address in addresses:
        try:
            # An address, so that nothing is resolved a second time.
            made = socket.create_connection((address, port), deadline.left_s())
        except OSError as error:
            failure = error
            continue
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made
    raise failure


class _Stream(httpcore.NetworkStream):
    """A socket of which every operation ends by the deadline. Raises TimeoutError and other OSErrors as they are."""

    def __init__(self, connected: socket.socket, deadline: Deadline, handshake_s: float) -> None:
        self._socket = connected
        self._deadline = deadline
        self._handshake_s = handshake_s

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(self._deadline.left_s())
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        while buffer:
            self._socket.settimeout(self._deadline.left_s())
            buffer = buffer[self._send(buffer) :]

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._socket.settimeout(self._deadline.left_s(self._handshake_s))
            secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except BaseException:
            self._socket.close()
            raise
        return _Stream(secured, self._deadline, self._handshake_s)

    def get_extra_info(self, info: str) -> Any:
        return None

    def _send(self, buffer: bytes) -> int:
        try:
            return self._socket.send(buffer)
        except TimeoutError:
            raise
        except OSError as error:
            # httpcore then still reads: a server may answer, and hang up, before it has read everything.
            raise httpcore.WriteError from error
