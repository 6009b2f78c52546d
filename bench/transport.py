"""Our sockets and our Twilio dialect, and nothing behind them: each frame is decoded, and encoded again to its caller.

What is left of the worker when it does nothing with what it hears. Prints {"port": …} when it listens.
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial

import uvloop
from aiohttp import web

from core.domain.sessions import Role
from media_worker.dialects.twilio import TwilioDialect
from media_worker.frame_queue import FrameResponse
from media_worker.limits import SocketLimits
from media_worker.media_socket import MediaSocket
from media_worker.messages import AudioIn, Speech

_LIMITS = SocketLimits()


async def _echo(request: web.Request) -> FrameResponse:
    response = FrameResponse(autoping=False, compress=False, decode_text=False)
    await response.prepare(request)
    assert request.transport is not None
    socket, dialect = MediaSocket(response, request.transport, _LIMITS), TwilioDialect()

    def take(data: bytes, binary: bool) -> None:
        for message in dialect.receive(data, binary=binary):
            if type(message) is AudioIn:
                said = Speech(None, 0, Role.CUSTOMER, Role.CUSTOMER, "en", message.pcm, message.rate_hz)
                socket.send(dialect.send(said))

    await socket.hear(take)
    return response


async def serve() -> None:
    app = web.Application()
    app.router.add_get("/", _echo)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, partial(sys.stdin.read, 1))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(serve())
