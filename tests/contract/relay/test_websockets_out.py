from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from media_worker.websockets_out import http_session

pytestmark = pytest.mark.enable_socket
MANY = 130


async def _stay(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for _ in socket:
        pass
    return socket


def test_more_sockets_than_the_librarys_own_limit_are_open_at_once() -> None:
    async def scenario() -> None:
        app = web.Application()
        app.router.add_get("/", _stay)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        async with asyncio.timeout(20), http_session() as http:
            opened = [await http.ws_connect(url) for _ in range(MANY)]
            assert not any(socket.closed for socket in opened)
            await asyncio.gather(*(socket.close() for socket in opened))
        await runner.cleanup()

    asyncio.run(scenario())
