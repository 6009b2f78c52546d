from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import WSMsgType

from media_worker.frame_queue import FrameQueue, FrameResponse
from media_worker.limits import ByteBudget, SocketLimits
from media_worker.media_socket import MediaSocket
from tests.fakes.virtual_time import virtual_time

LIMITS = SocketLimits(outbound_bytes=4000)


class Transport:
    """Writes into `written`; `waiting` is what the client has not read yet."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.waiting = 0
        self.state = "open"

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return self.state != "open"

    def close(self) -> None:
        self.state = "closed"

    def abort(self) -> None:
        self.state = "aborted"


class Response:
    def __init__(self, *, hangs: bool = False) -> None:
        self.closed = False
        self.codes: list[tuple[int, bytes]] = []
        self._hangs = hangs

    async def close(self, *, code: int, message: bytes) -> None:
        self.codes.append((code, message))
        if self._hangs:
            await asyncio.Event().wait()
        self.closed = True


class Hearing(Response):
    """What has come already waits in the queue; `None` in `later` is the end."""

    def __init__(self, *waiting: bytes) -> None:
        super().__init__()
        self.queue = FrameQueue(
            cast("Any", SimpleNamespace(_reading_paused=False)), 2**16, loop=asyncio.get_running_loop()
        )
        for data in waiting:
            self.arrive(data)

    def arrive(self, data: bytes | None) -> None:
        kind = WSMsgType.CLOSE if data is None else WSMsgType.TEXT
        self.queue.feed_data((kind, data, ""), 0)

    async def receive(self) -> Any:
        kind, data, _ = await self.queue.read()
        return SimpleNamespace(type=kind, data=data)


def made(response: Response, transport: Transport) -> MediaSocket:
    typed = cast("FrameResponse", response)
    return MediaSocket(typed, cast("asyncio.Transport", transport), LIMITS)


@virtual_time
async def test_what_waits_is_heard_first_and_then_everything_as_it_comes() -> None:
    response = Hearing(b"first", b"second")
    heard: list[bytes] = []
    hearing = asyncio.create_task(made(response, Transport()).hear(lambda data, _: heard.append(data)))
    await asyncio.sleep(0)
    assert heard == [b"first", b"second"]
    response.arrive(b"third")
    assert heard == [b"first", b"second", b"third"], "at once, without a turn of the loop"
    response.arrive(None)
    await hearing
    response.arrive(b"too late")
    assert len(heard) == 3


@virtual_time
async def test_a_fault_of_whoever_hears_closes_the_socket_and_comes_out() -> None:
    response, transport = Hearing(), Transport()
    socket = made(response, transport)

    def fails(data: bytes, binary: bool) -> None:
        raise ValueError("a bug")

    hearing = asyncio.create_task(socket.hear(fails))
    await asyncio.sleep(0)
    response.arrive(b"one")
    response.arrive(b"another")
    await socket.closed()
    assert response.codes == [(1011, b"internal_error")]
    response.arrive(None)
    with pytest.raises(ValueError, match="a bug"):
        await hearing


@pytest.mark.parametrize(
    ("size", "header"),
    [(0, "8100"), (125, "817d"), (126, "817e007e"), (65535, "817effff"), (65536, "817f0000000000010000")],
)
def test_frames_have_the_header_of_the_standard(size: int, header: str) -> None:
    transport = Transport()
    made(Response(), transport).send(bytes(size))
    assert transport.written == [bytes.fromhex(header) + bytes(size)]


def test_what_can_be_missed_is_left_out_for_a_slow_client_and_the_rest_is_not() -> None:
    transport = Transport()
    socket = made(Response(), transport)
    transport.waiting = 1001
    socket.send(b"partial", droppable=True)
    socket.send(b"final")
    assert transport.written == [b"\x81\x05final"]


@virtual_time
async def test_a_client_too_slow_for_what_cannot_be_missed_is_closed() -> None:
    transport, response = Transport(), Response()
    socket = made(response, transport)
    transport.waiting = 4001
    socket.send(b"final")
    assert transport.written == [] and socket.is_closing
    await socket.closed()
    assert response.codes == [(4429, b"the stream is not read fast enough")]


@virtual_time
async def test_a_socket_is_closed_once_and_then_silent() -> None:
    transport, response = Transport(), Response()
    socket = made(response, transport)
    socket.close(1000, "over")
    socket.close(4429, "again")
    socket.send(b"late")
    await socket.closed()
    assert response.codes == [(1000, b"over")]
    assert transport.written == [] and transport.state == "closed"


@virtual_time
async def test_a_client_that_never_answers_the_close_is_cut_off() -> None:
    transport = Transport()
    socket = made(Response(hangs=True), transport)
    socket.close(1012, "reconnect")
    before = asyncio.get_running_loop().time()
    await socket.closed()
    assert asyncio.get_running_loop().time() - before == LIMITS.close_wait_s


def test_a_heartbeat_is_a_ping_and_the_third_without_an_answer_is_the_last() -> None:
    transport = Transport()
    socket = made(Response(), transport)
    for _ in range(3):
        socket.beat()
    assert transport.written == [b"\x89\x00"] * 2
    assert transport.state == "aborted"


def test_no_heartbeat_goes_into_a_connection_that_has_broken() -> None:
    """uvloop raises for it, and the whole worker would end by it."""
    transport = Transport()
    transport.close()
    made(Response(), transport).beat()
    assert transport.written == []


def test_bytes_are_allowed_at_their_rate_after_a_burst() -> None:
    budget = ByteBudget(1000, 5000, now=0.0)
    assert budget.allows(5000, 0.0)
    assert not budget.allows(1, 0.0)
    assert budget.allows(900, 1.0)
    assert not budget.allows(200, 1.0)
    assert budget.allows(5000, 60.0)
