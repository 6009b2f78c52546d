"""A connection of a telephone system, without a network."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from typing import Any

from media_worker.sip.signalling.flows import Connection
from tests.fakes.virtual_time import virtual_time

_BALANCER_FORGETS_S = 350


@dataclass
class Wire:
    """Stands where a socket and its transport stand."""

    options: dict[tuple[int, int], int] = field(default_factory=dict)
    closed: bool = False

    def get_extra_info(self, name: str) -> Any:
        return {"peername": ("203.0.113.9", 40_000), "socket": self}[name]

    def setsockopt(self, level: int, option: int, value: int) -> None:
        self.options[level, option] = value

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close


def connected(wire: Wire, connections: set[Connection], *, secure: bool = False) -> Connection:
    connection = Connection(lambda _message, _flow: None, connections, secure=secure)
    connection.connection_made(wire)  # type: ignore[arg-type]  # as uvloop's, it is none of asyncio's classes
    return connection


async def test_a_balancer_hears_of_a_silent_connection_before_it_forgets_it() -> None:
    wire = Wire()
    connection = connected(wire, set(), secure=True)
    assert wire.options[socket.SOL_SOCKET, socket.SO_KEEPALIVE] == 1
    assert wire.options[socket.IPPROTO_TCP, socket.TCP_KEEPIDLE] < _BALANCER_FORGETS_S
    connection.connection_lost(None)


async def test_a_connection_has_its_place_until_it_is_lost() -> None:
    connections: set[Connection] = set()
    connection = connected(Wire(), connections)
    assert (connection.host, connection.port, connection.transport) == ("203.0.113.9", 40_000, "TCP")
    assert connections == {connection}
    connection.connection_lost(None)
    assert not connections


async def test_one_connection_too_many_is_closed_at_once_and_holds_nothing() -> None:
    connections = {Connection(lambda _message, _flow: None, set(), secure=False) for _ in range(1000)}
    wire = Wire()
    connected(wire, connections)
    await asyncio.sleep(0)
    assert wire.closed
    assert len(connections) == 1000


async def test_one_address_does_not_take_all_the_places() -> None:
    connections: set[Connection] = set()
    wires = [Wire() for _ in range(101)]
    for wire in wires:
        connected(wire, connections)
    await asyncio.sleep(0)
    assert [wire.closed for wire in wires] == [False] * 100 + [True]
    for connection in tuple(connections):
        connection.connection_lost(None)


@virtual_time
async def test_who_connects_has_half_a_minute_for_a_whole_message() -> None:
    silent, talking = Wire(), Wire()
    connections: set[Connection] = set()
    dripping, calling = connected(silent, connections), connected(talking, connections)
    calling.data_received(b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n")
    for _ in range(31):
        dripping.data_received(b"x")
        await asyncio.sleep(1)
    assert (silent.closed, talking.closed) == (True, False)
    await asyncio.sleep(3600)
    assert talking.closed
