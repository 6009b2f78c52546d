"""One origin for everything, as CloudFront is it in AWS: the media worker's sockets, the REST API, the console.

    /v1/sessions/{id}/connect   → the media worker, frame by frame
    /v1/*                       → the stage of API Gateway, body by body
    /docs                       → /v1/docs
    /, /assets/*, /console.json → the console
    any path without an ending  → /
    /-/healthy                  → 204

It knows paths and nothing of the product: it opens no token and reads no frame. What a client sends too fast waits in
the kernel, because a frame is read only after the one before it has been passed on.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import ClientSession, ClientTimeout, WSMsgType, web
from multidict import CIMultiDict
from yarl import URL

from local.console import Console, add_routes

MAX_MESSAGE_BYTES = 32 * 1024 * 1024
"""Above the worker's own limit, so that the refusal comes from the worker."""

_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "host"}
)
_HANDSHAKE_ONLY = "sec-websocket-"
_CONNECT_TIMEOUT_S = 10.0
_ANSWER_TIMEOUT_S = 35.0
_CLOSE_TIMEOUT_S = 2.0
_NO_CODE = frozenset({None, 1005, 1006})


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the two origins are, without a trailing slash: `http://host:port[/stage]`."""

    rest_url: str
    worker_url: str


_ORIGINS: web.AppKey[Origins] = web.AppKey("origins", Origins)
_HTTP: web.AppKey[ClientSession] = web.AppKey("http", ClientSession)


def listen(host: str, port: int) -> socket.socket:
    """Take a port before its number is written anywhere; 0 for any. OSError where somebody else has it."""
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


@asynccontextmanager
async def serve(origins: Origins, listener: socket.socket, console: Console) -> AsyncIterator[None]:
    """Serve until the block is left, and close the listener."""
    runner = web.AppRunner(application(origins, console), access_log=None, shutdown_timeout=_CLOSE_TIMEOUT_S)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield
    finally:
        await runner.cleanup()


def application(origins: Origins, console: Console) -> web.Application:
    app = web.Application()
    app[_ORIGINS] = origins
    app.cleanup_ctx.append(_http_session)
    add_routes(app, console)
    app.router.add_get("/-/healthy", _healthy)
    app.router.add_get("/docs{below:(/.*)?}", _lead_to_docs)
    app.router.add_get("/v1/sessions/{id}/connect", _relay_socket)
    app.router.add_route("*", "/v1/{path:.*}", _forward)
    app.router.add_get(r"/{path:(?!assets/)(?:.*/)?[^./]*}", _lead_to_page)
    return app


async def _http_session(app: web.Application) -> AsyncIterator[None]:
    timeout = ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT_S, sock_read=_ANSWER_TIMEOUT_S)
    async with ClientSession(timeout=timeout, auto_decompress=False) as session:
        app[_HTTP] = session
        yield


async def _lead_to_docs(request: web.Request) -> web.Response:
    raise web.HTTPFound(f"/v1/docs{request.match_info['below']}")


async def _lead_to_page(request: web.Request) -> web.Response:
    raise web.HTTPFound("/")


async def _healthy(request: web.Request) -> web.Response:
    return web.Response(status=204)


async def _forward(request: web.Request) -> web.StreamResponse:
    """One request to the API, both bodies streamed, headers as they came, repeated ones included."""
    url = URL(request.app[_ORIGINS].rest_url + request.raw_path, encoded=True)
    try:
        async with request.app[_HTTP].request(
            request.method,
            url,
            headers=_forwarded(request),
            data=request.content if request.body_exists else None,
            allow_redirects=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        ) as answer:
            return await _answer(request, answer)
    except TimeoutError:
        return web.Response(status=504, text="the origin did not answer in time\n")
    except aiohttp.ClientConnectionError:
        return web.Response(status=502, text="the origin cannot be reached\n")


async def _answer(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=_end_to_end(answer.headers))
    await response.prepare(request)
    async for piece in answer.content.iter_any():
        await response.write(piece)
    await response.write_eof()
    return response


async def _relay_socket(request: web.Request) -> web.StreamResponse:
    """The worker is asked first, so that its refusal of an upgrade reaches the client as it is."""
    url = URL(request.app[_ORIGINS].worker_url + request.raw_path, encoded=True)
    headers = _without_handshake(_forwarded(request))
    protocols = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if name.strip()]
    try:
        inner = await request.app[_HTTP].ws_connect(
            url,
            headers=headers,
            protocols=protocols,
            max_msg_size=MAX_MESSAGE_BYTES,
            autoclose=False,
            autoping=False,
            timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_TIMEOUT_S),
        )
    except aiohttp.WSServerHandshakeError as refusal:
        return web.Response(status=refusal.status, headers=_end_to_end(refusal.headers or CIMultiDict()))
    except (TimeoutError, aiohttp.ClientConnectionError):
        return web.Response(status=502, text="the origin cannot be reached\n")
    async with inner:
        return await _join(request, inner)


async def _join(request: web.Request, inner: aiohttp.ClientWebSocketResponse) -> web.WebSocketResponse:
    outer = web.WebSocketResponse(
        protocols=[inner.protocol] if inner.protocol else (),
        max_msg_size=MAX_MESSAGE_BYTES,
        autoclose=False,
        autoping=False,
        compress=False,
        timeout=_CLOSE_TIMEOUT_S,
    )
    await outer.prepare(request)
    farewell = await _first(_pass(outer, inner), _pass(inner, outer))
    if farewell is None:
        # A broken connection has no closing frame; behind a load balancer it would break for both sides.
        if request.transport:
            request.transport.abort()
        return outer
    await asyncio.gather(*(side.close(code=farewell.code, message=farewell.reason) for side in (outer, inner)))
    return outer


Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


@dataclass(frozen=True, slots=True)
class _Farewell:
    code: int
    reason: bytes = b""


async def _first(*directions: Coroutine[None, None, _Farewell | None]) -> _Farewell | None:
    """What the direction that ends first has to say; the others are over then."""
    tasks = [asyncio.create_task(direction) for direction in directions]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return next(iter(done)).result()


async def _pass(source: Socket, sink: Socket) -> _Farewell | None:
    """Until `source` closes, breaks (None) or breaks the protocol; a frame is read when the last one is on its way."""
    while True:
        message = await source.receive()
        match message.type:
            case WSMsgType.TEXT | WSMsgType.BINARY | WSMsgType.PING | WSMsgType.PONG:
                await _send(sink, message)
            case WSMsgType.CLOSE:
                return _Farewell(message.data if message.data not in _NO_CODE else 1000, (message.extra or "").encode())
            case WSMsgType.ERROR if source.close_code and source.close_code not in _NO_CODE:
                return _Farewell(source.close_code)
            case _:
                return None


async def _send(sink: Socket, message: aiohttp.WSMessage) -> None:
    try:
        match message.type:
            case WSMsgType.TEXT:
                await sink.send_str(message.data)
            case WSMsgType.BINARY:
                await sink.send_bytes(message.data)
            case WSMsgType.PING:
                await sink.ping(message.data)
            case _:
                await sink.pong(message.data)
    except (ConnectionError, aiohttp.ClientError):
        # Why it is gone stands in what it sent last, and the other direction is reading that.
        await asyncio.Event().wait()


def _forwarded(request: web.Request) -> CIMultiDict[str]:
    """End-to-end headers, and where the request came from."""
    headers = _end_to_end(request.headers)
    known = headers.popall("X-Forwarded-For", [])
    headers["X-Forwarded-For"] = ", ".join([*known, request.remote or "unknown"])
    headers.setdefault("X-Forwarded-Proto", request.scheme)
    headers.setdefault("X-Forwarded-Host", request.host)
    headers.setdefault("X-Forwarded-Port", str(request.url.port))
    return headers


def _end_to_end(headers: aiohttp.typedefs.LooseHeaders) -> CIMultiDict[str]:
    named = CIMultiDict(headers)
    listed = {name.strip().lower() for name in named.get("Connection", "").split(",")}
    return CIMultiDict((k, v) for k, v in named.items() if k.lower() not in _HOP_BY_HOP | listed)


def _without_handshake(headers: CIMultiDict[str]) -> CIMultiDict[str]:
    return CIMultiDict((k, v) for k, v in headers.items() if not k.lower().startswith(_HANDSHAKE_ONLY))
