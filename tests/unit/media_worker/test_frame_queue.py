"""aiohttp's own parser in front of the queue: what it finds is handed on, or waits."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from aiohttp import web
from aiohttp.http_websocket import WebSocketReader, WebSocketWriter, WSMsgType

from media_worker.frame_queue import FrameQueue, FrameResponse
from tests.fakes.virtual_time import virtual_time

MASK = bytes((1, 2, 3, 4))


class Protocol:
    """A request's, as far as a queue needs it."""

    def __init__(self) -> None:
        self._reading_paused = False
        self.parser: Any = None

    def pause_reading(self) -> None:
        self._reading_paused = True

    def resume_reading(self) -> None:
        self._reading_paused = False

    def set_parser(self, parser: Any) -> None:
        self.parser = parser

    def keep_alive(self, kept: bool) -> None:
        assert not kept


def frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    masked = bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))
    return bytes((opcode | (0x80 if final else 0), 0x80 | len(payload))) + MASK + masked


def opened() -> tuple[FrameQueue, WebSocketReader, Protocol]:
    protocol = Protocol()
    queue = FrameQueue(cast("Any", protocol), 2**16, loop=asyncio.get_running_loop())
    return queue, WebSocketReader(queue, 2**20, compress=False, decode_text=False), protocol


@virtual_time
async def test_a_frame_is_handed_on_while_it_is_parsed() -> None:
    queue, parser, _ = opened()
    taken: list[tuple[bytes, bool]] = []
    queue.take = lambda data, binary: taken.append((data, binary))
    parser.feed_data(frame(1, b"text") + frame(2, b"\x00\xff") + frame(1, b"ha", final=False) + frame(0, b"lf"))
    assert taken == [(b"text", False), (b"\x00\xff", True), (b"half", False)]
    assert queue.is_empty


@virtual_time
async def test_what_is_no_data_waits_for_its_reader() -> None:
    queue, parser, _ = opened()
    taken: list[bytes] = []
    queue.take = lambda data, _: taken.append(data)
    parser.feed_data(frame(9, b"?") + frame(8, b"\x03\xe8"))
    assert [(await queue.read()).type for _ in range(2)] == [WSMsgType.PING, WSMsgType.CLOSE]
    assert taken == []


@virtual_time
async def test_until_somebody_takes_them_frames_wait_and_slow_the_sender_down() -> None:
    queue, parser, protocol = opened()
    for _ in range(1300):
        parser.feed_data(frame(2, bytes(125)))
    assert protocol._reading_paused and not queue.is_empty
    while not queue.is_empty:
        await queue.read()
    assert not protocol._reading_paused


@virtual_time
async def test_a_prepared_response_reads_into_the_queue() -> None:
    """The names of aiohttp's that are not promised to us are where we think they are."""
    response = FrameResponse(compress=False, decode_text=False, max_msg_size=1000)
    response._loop = asyncio.get_running_loop()
    protocol = Protocol()

    class Request:
        pass

    request = Request()
    request.protocol = protocol  # type: ignore[attr-defined]
    response._post_start(cast("web.BaseRequest", request), None, cast("WebSocketWriter", object()))
    protocol.parser.feed_data(frame(1, b"first"))
    message = await response.receive()
    assert (message.type, message.data) == (WSMsgType.TEXT, b"first")
