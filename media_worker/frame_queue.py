"""A WebSocket whose data frames are handed on the moment they are parsed.

aiohttp's own way is a queue, a future and a task that wakes up for every message; at fifty messages a second and call
that is a tenth of what a frame costs. Its handshake, parser, pings and close stay as they are. Names with an underscore
are not promised to us: the version is pinned, and `tests/unit/media_worker/test_frame_queue.py` fails when they move.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web
from aiohttp._websocket.reader import WebSocketDataQueue
from aiohttp.http_websocket import WebSocketReader

if TYPE_CHECKING:
    from aiohttp.http_websocket import WebSocketWriter
    from aiohttp.web_request import BaseRequest

_TEXT, _BINARY = WSMsgType.TEXT, WSMsgType.BINARY
_QUEUE_BYTES = 2**16


class FrameQueue(WebSocketDataQueue):
    """Until somebody takes frames directly, and for everything that is no data: aiohttp's queue, and its limit."""

    take: Callable[[bytes, bool], None] | None = None

    @property
    def is_empty(self) -> bool:
        return not self._buffer

    def feed_data(self, message: Any, size: int) -> None:
        kind = message[0]
        if self.take is not None and (kind is _TEXT or kind is _BINARY):
            self.take(message[1], kind is _BINARY)
        else:
            super().feed_data(message, size)


class FrameResponse(web.WebSocketResponse[Any]):
    """`queue` is there once the response is prepared."""

    queue: FrameQueue

    def _post_start(self, request: BaseRequest, protocol: str | None, writer: WebSocketWriter) -> None:
        self._ws_protocol = protocol
        self._writer = writer
        assert self._loop is not None
        self._reader = self.queue = FrameQueue(request.protocol, _QUEUE_BYTES, loop=self._loop)
        self._parser = WebSocketReader(
            self.queue, self._max_msg_size, compress=bool(self._compress), decode_text=self._decode_text
        )
        request.protocol.set_parser(self._parser)
        request.protocol.keep_alive(False)
