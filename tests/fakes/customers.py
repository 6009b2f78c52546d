"""Servers of customers, on loopback: each does one thing, well or badly, to every connection that comes."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket], None]


@dataclass
class Customer:
    """`requests` are the heads and bodies as they came, `names` what clients asked for by SNI."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def url(self, scheme: str = "http", host: str = "127.0.0.1", path: str = "/hook?a=b") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextmanager
def customer(
    behave: Callable[[Customer, socket.socket], None], tls: ssl.SSLContext | None = None
) -> Iterator[Customer]:
    """Serves in threads of its own until the block ends."""
    made = Customer()
    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: made.names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made.port = listener.getsockname()[1]
        threading.Thread(target=_accept, args=(listener, made, behave, tls), daemon=True).start()
        try:
            yield made
        finally:
            made.stopped.set()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def answering(response: bytes) -> Callable[[Customer, socket.socket], None]:
    """Reads a request to its end and says this."""

    def behave(served: Customer, connection: socket.socket) -> None:
        served.requests.append(read_request(connection))
        connection.sendall(response)

    return behave


def status(line: str, *headers: str, body: bytes = b"") -> bytes:
    head = [f"HTTP/1.1 {line}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def dripping(first: bytes, drop: bytes, every_s: float) -> Callable[[Customer, socket.socket], None]:
    """`first` at once, then a drop at a time for as long as anybody listens."""

    def behave(served: Customer, connection: socket.socket) -> None:
        served.requests.append(read_request(connection))
        connection.sendall(first)
        while not served.stopped.wait(every_s):
            connection.sendall(drop)

    return behave


def silent(served: Customer, _connection: socket.socket) -> None:
    """Takes the connection and says nothing."""
    served.stopped.wait()


def resetting(served: Customer, connection: socket.socket) -> None:
    served.requests.append(read_request(connection))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def read_request(connection: socket.socket) -> bytes:
    """Head and body."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536) or _broken()
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536) or _broken()
    return head + b"\r\n\r\n" + body


def _broken() -> bytes:
    raise ConnectionError


def _accept(
    listener: socket.socket,
    made: Customer,
    behave: Callable[[Customer, socket.socket], None],
    tls: ssl.SSLContext | None,
) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        made.connections += 1
        threading.Thread(target=_serve, args=(connection, made, behave, tls), daemon=True).start()


def _serve(
    connection: socket.socket,
    made: Customer,
    behave: Callable[[Customer, socket.socket], None],
    tls: ssl.SSLContext | None,
) -> None:
    with contextlib.suppress(OSError), connection:
        if tls is None:
            behave(made, connection)
        else:
            with tls.wrap_socket(connection, server_side=True) as secured:
                behave(made, secured)
