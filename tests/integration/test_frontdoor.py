"""The front door between an independent client and origins of the test's own, over real loopback sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from local import frontdoor
from local.console import Console
from tests.infrastructure.page_addresses import PAGE_ADDRESSES

Handler = Callable[[ServerConnection], Awaitable[None]]


@dataclass
class Rest:
    """An API that tells what it was asked."""

    seen: list[tuple[str, str, dict[str, list[str]], bytes]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): request.headers.getall(name) for name in request.headers}
        self.seen.append((request.method, request.raw_path, headers, await request.read()))
        response = web.StreamResponse(status=207, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        await response.prepare(request)
        await response.write(b"first ")
        await response.write(b"second")
        return response


@asynccontextmanager
async def rest_origin(rest: Rest) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", rest.answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/stage"
    finally:
        await runner.cleanup()


def port_of(server: Server) -> int:
    return int(next(iter(server.sockets)).getsockname()[1])


@asynccontextmanager
async def door(
    worker: Handler | None = None, rest: Rest | None = None, shown: Console | None = None
) -> AsyncIterator[str]:
    """A front door with these origins; yields its host and port. A missing origin is a closed port."""
    async with AsyncExitStack() as stack:
        rest_url = await stack.enter_async_context(rest_origin(rest)) if rest else "http://127.0.0.1:9"
        worker_url = "http://127.0.0.1:9"
        if worker:
            server = await stack.enter_async_context(serve(worker, "127.0.0.1", 0, max_size=2**20))
            worker_url = f"http://127.0.0.1:{port_of(server)}"
        origins = frontdoor.Origins(rest_url=rest_url, worker_url=worker_url)
        listener = frontdoor.listen("127.0.0.1", 0)
        await stack.enter_async_context(frontdoor.serve(origins, listener, shown or Console(Path("nowhere"), {}, {})))
        yield f"127.0.0.1:{listener.getsockname()[1]}"


async def echo(socket: ServerConnection) -> None:
    async for message in socket:
        await socket.send(message)


async def test_frames_pass_both_ways_as_they_are() -> None:
    async with door(echo) as host, connect(f"ws://{host}/v1/sessions/sess_1/connect") as client:
        await client.send("text")
        assert await client.recv() == "text"
        await client.send(b"\x00\xff")
        assert await client.recv() == b"\x00\xff"


async def test_a_ping_is_answered_by_the_worker() -> None:
    async with door(echo) as host, connect(f"ws://{host}/v1/sessions/sess_1/connect") as client:
        await asyncio.wait_for(await client.ping(), 5)


async def test_the_query_and_the_headers_reach_the_worker() -> None:
    asked: list[tuple[str, str, str]] = []

    async def worker(socket: ServerConnection) -> None:
        request = socket.request
        assert request is not None
        asked.append((request.path, request.headers["Authorization"], request.headers["X-Forwarded-For"]))

    async with door(worker) as host:
        url = f"ws://{host}/v1/sessions/sess_1/connect?token=a%2Fb"
        async with connect(url, additional_headers={"Authorization": "Bearer t"}) as client:
            with pytest.raises(ConnectionClosed):
                await client.recv()
    assert asked == [("/v1/sessions/sess_1/connect?token=a%2Fb", "Bearer t", "127.0.0.1")]


async def test_the_workers_close_code_and_reason_reach_the_client() -> None:
    async def worker(socket: ServerConnection) -> None:
        await socket.close(4401, "bad token")

    async with door(worker) as host, connect(f"ws://{host}/v1/sessions/sess_1/connect") as client:
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert (client.close_code, client.close_reason) == (4401, "bad token")


async def test_the_clients_close_code_reaches_the_worker() -> None:
    closed: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def worker(socket: ServerConnection) -> None:
        await socket.wait_closed()
        closed.set_result(socket.close_code)

    async with door(worker) as host:
        async with connect(f"ws://{host}/v1/sessions/sess_1/connect") as client:
            await client.close(3001, "bye")
        assert await asyncio.wait_for(closed, 5) == 3001


async def test_a_client_that_vanishes_ends_the_workers_socket() -> None:
    closed: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def worker(socket: ServerConnection) -> None:
        await socket.wait_closed()
        closed.set_result(socket.close_code)

    async with door(worker) as host:
        client = await connect(f"ws://{host}/v1/sessions/sess_1/connect")
        client.transport.abort()
        await asyncio.wait_for(closed, 5)


async def test_a_frame_too_big_for_the_worker_is_refused_by_the_worker() -> None:
    async with door(echo) as host, connect(f"ws://{host}/v1/sessions/sess_1/connect") as client:
        with pytest.raises(ConnectionClosed):
            await client.send("x" * 10_000_000)
            await client.recv()
        assert client.close_code == 1009


async def test_a_refused_upgrade_keeps_its_status() -> None:
    async with door(rest=Rest()) as host:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{host}/v1/sessions/sess_1/connect")
    assert refused.value.response.status_code == 502


async def test_a_slow_client_slows_the_worker_down() -> None:
    sent = 0

    async def worker(socket: ServerConnection) -> None:
        nonlocal sent
        while sent < 400:
            await socket.send(b"x" * 100_000)
            sent += 1

    async with door(worker) as host, connect(f"ws://{host}/v1/sessions/sess_1/connect", max_queue=1) as client:
        await client.recv()
        before = -1
        while sent != before:  # until nothing moves any more
            before = sent
            await asyncio.sleep(0.3)
        assert sent < 300
        for _ in range(399):
            await client.recv()


async def test_a_request_and_its_answer_pass_whole() -> None:
    rest = Rest()
    async with door(rest=rest) as host, httpx.AsyncClient() as http:
        headers = [("X-Twice", "1"), ("X-Twice", "2"), ("Content-Type", "application/json")]
        answer = await http.post(f"http://{host}/v1/a%2Fb?q=1&q=2", content=b'{"a":1}', headers=headers)
    assert (answer.status_code, answer.text) == (207, "first second")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    [(method, path, seen, body)] = rest.seen
    assert (method, path, body) == ("POST", "/stage/v1/a%2Fb?q=1&q=2", b'{"a":1}')
    assert (seen["x-twice"], seen["content-type"]) == (["1", "2"], ["application/json"])
    assert seen["x-forwarded-for"] == ["127.0.0.1"]
    assert seen["x-forwarded-host"] == [host]


async def test_a_body_of_unknown_length_passes() -> None:
    rest = Rest()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    async with door(rest=rest) as host, httpx.AsyncClient() as http:
        await http.put(f"http://{host}/v1/x", content=pieces())
    assert rest.seen[0][3] == b"one two"


async def test_an_origin_that_is_down_is_a_502() -> None:
    async with door() as host, httpx.AsyncClient() as http:
        assert (await http.get(f"http://{host}/v1/sessions")).status_code == 502


@pytest.fixture
def shown(tmp_path: Path) -> Console:
    (tmp_path / "secret").write_text("not of the console")
    (tmp_path / "console" / "assets").mkdir(parents=True)
    (tmp_path / "console" / "index.html").write_text("<p>page</p>")
    (tmp_path / "console" / "assets" / "index-1a.js").write_text("code()")
    return Console(tmp_path / "console", {"api_url": "http://h/v1"}, {"Content-Security-Policy": "default-src 'none'"})


async def test_the_console_and_the_doors_health_are_its_own(shown: Console) -> None:
    async with door(shown=shown) as host, httpx.AsyncClient(base_url=f"http://{host}") as http:
        page, code, told = [await http.get(path) for path in ("/", "/assets/index-1a.js", "/console.json")]
        assert (page.text, code.text, told.json()) == ("<p>page</p>", "code()", {"api_url": "http://h/v1"})
        assert {each.headers["Content-Security-Policy"] for each in (page, code, told)} == {"default-src 'none'"}
        assert page.headers["Cache-Control"] == "no-cache"
        assert code.headers["Content-Type"].endswith("/javascript")
        assert "immutable" in code.headers["Cache-Control"]
        assert (await http.get("/-/healthy")).status_code == 204


@pytest.mark.parametrize(("path", "leads_to"), PAGE_ADDRESSES.items())
async def test_an_address_without_a_file_leads_to_the_page_as_it_does_in_aws(
    shown: Console, path: str, leads_to: str | None
) -> None:
    async with door(shown=shown) as host, httpx.AsyncClient() as http:
        assert (await http.get(f"http://{host}{path}")).headers.get("Location") == leads_to


@pytest.mark.parametrize("name", ["none.js", "..%2F..%2Fsecret", "%2e%2e/%2e%2e/secret", "%00"])
async def test_nothing_but_the_consoles_files_is_handed_out(shown: Console, name: str) -> None:
    async with door(shown=shown) as host, httpx.AsyncClient() as http:
        assert (await http.get(f"http://{host}/assets/{name}")).status_code == 404


async def test_a_frame_beyond_the_doors_own_limit_is_refused_with_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontdoor, "MAX_MESSAGE_BYTES", 4096)
    async with door(echo) as host, connect(f"ws://{host}/v1/sessions/sess_1/connect") as client:
        await client.send("x" * 10_000)
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1009
