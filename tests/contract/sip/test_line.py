"""The way into a session, against a real WebSocket server that plays the media worker."""

from __future__ import annotations

import asyncio
import audioop
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from media_worker.sip.line import Ended, Line, LineRefused, Way

pytestmark = pytest.mark.enable_socket

FRAME = audioop.lin2lin(bytes(range(160)), 1, 2)
Said = list[dict[str, Any]]
Serve = Callable[[web.WebSocketResponse, Said], Awaitable[None]]


@dataclass
class Telephone:
    played: list[bytes] = field(default_factory=list)
    cleared: int = 0

    def play(self, pcm: bytes) -> None:
        self.played.append(pcm)

    def clear(self) -> None:
        self.cleared += 1

    def mark(self, name: str, reached: Callable[[str], None]) -> None:
        reached(name)


@dataclass
class Worker:
    """Lets sockets in, one behaviour for each, and remembers what they said."""

    serves: list[Serve | int]
    said: list[list[dict[str, Any]]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.StreamResponse:
        serve = self.serves.pop(0)
        if isinstance(serve, int):
            return web.Response(status=serve)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        said: list[dict[str, Any]] = []
        self.said.append(said)

        async def listen() -> None:
            async for message in socket:
                said.append(json.loads(message.data))

        listening = asyncio.create_task(listen())
        await serve(socket, said)
        await socket.close()
        listening.cancel()
        return socket


@asynccontextmanager
async def _line(*serves: Serve | int, patience_s: float = 30.0) -> AsyncIterator[tuple[Line, Worker]]:
    worker, tokens = Worker(list(serves)), iter(["kst_one", "kst_two", "kst_three"])

    async def token() -> str:
        return next(tokens)

    app = web.Application()
    app.router.add_get("/connect", worker.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession() as http:
        way = Way(f"ws://127.0.0.1:{port}/connect", "call-1", token)
        yield Line(http, way, asyncio.get_running_loop().time, patience_s), worker
    await runner.cleanup()


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0)


async def _hung_up(line: Line, running: asyncio.Task[Ended]) -> None:
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await line.close()


def _closing(code: int) -> Serve:
    async def serve(socket: web.WebSocketResponse, said: Said) -> None:
        await _until(lambda: len(said) >= 2)
        await socket.close(code=code)

    return serve


async def _staying(socket: web.WebSocketResponse, _said: Said) -> None:
    while not socket.closed:
        await asyncio.sleep(0.01)


def test_it_speaks_as_a_carrier_does() -> None:
    async def scenario() -> None:
        async with _line(_staying) as (line, worker):
            await line.open("agent")
            running = asyncio.create_task(line.run(Telephone()))
            line.hear(FRAME)
            line.key("5")
            await _until(lambda: bool(worker.said) and len(worker.said[0]) == 4)
            await _hung_up(line, running)
            connected, start, media, dtmf = worker.said[0][:4]
            assert connected["event"] == "connected"
            assert start["start"]["media_format"] == {"encoding": "PCMU", "sample_rate": 8000, "channels": 1}
            assert start["start"]["custom_parameters"] == {"token": "kst_one", "participant": "agent"}
            assert base64.b64decode(media["media"]["payload"]) == audioop.lin2ulaw(FRAME, 2)
            assert dtmf["dtmf"] == {"digit": "5"}

    asyncio.run(scenario())


def test_what_comes_back_is_played_marked_and_cleared() -> None:
    async def speak(socket: web.WebSocketResponse, said: Said) -> None:
        sound = base64.b64encode(audioop.lin2ulaw(FRAME, 2)).decode()
        await socket.send_json({"event": "media", "media": {"payload": sound}})
        await socket.send_json({"event": "mark", "mark": {"name": "m1"}})
        await socket.send_json({"event": "clear"})
        await socket.send_str("what is that")
        await _staying(socket, said)

    async def scenario() -> None:
        async with _line(speak) as (line, worker):
            telephone = Telephone()
            await line.open("customer")
            running = asyncio.create_task(line.run(telephone))
            await _until(lambda: telephone.cleared == 1 and len(worker.said[0]) == 3)
            await _hung_up(line, running)
            assert [audioop.lin2ulaw(pcm, 2) for pcm in telephone.played] == [audioop.lin2ulaw(FRAME, 2)]
            assert worker.said[0][2] == {"event": "mark", "mark": {"name": "m1"}}

    asyncio.run(scenario())


@pytest.mark.parametrize("code", [1000, 4400, 4404, 4409, 4410])
def test_a_session_that_is_over_is_over(code: int) -> None:
    async def scenario() -> None:
        async with _line(_closing(code)) as (line, _):
            await line.open("customer")
            assert await line.run(Telephone()) is Ended.SESSION

    asyncio.run(scenario())


def test_a_worker_that_goes_away_is_followed_by_another_with_a_fresh_token() -> None:
    async def scenario() -> None:
        async with _line(_closing(1012), 503, _closing(1000)) as (line, worker):
            telephone = Telephone()
            await line.open("customer")
            line.hear(FRAME)
            assert await line.run(telephone) is Ended.SESSION
            assert [said[1]["start"]["custom_parameters"]["token"] for said in worker.said] == ["kst_one", "kst_three"]
            assert line.reconnects == 2
            assert telephone.cleared >= 1

    asyncio.run(scenario())


def test_nobody_is_waited_for_longer_than_a_session_waits() -> None:
    async def scenario() -> None:
        async with _line(_closing(1012), 503, patience_s=0.0) as (line, _):
            await line.open("customer")
            assert await line.run(Telephone()) is Ended.UNREACHABLE

    asyncio.run(scenario())


def test_what_was_said_meanwhile_is_kept_for_two_seconds() -> None:
    async def scenario() -> None:
        async with _line(_staying) as (line, worker):
            for _ in range(150):
                line.hear(FRAME)
            await line.open("customer")
            running = asyncio.create_task(line.run(Telephone()))
            await _until(lambda: bool(worker.said) and len(worker.said[0]) == 102)
            await _hung_up(line, running)
            assert [word["media"]["chunk"] for word in worker.said[0][2:102]] == list(range(51, 151))

    asyncio.run(scenario())


def test_a_refusal_says_with_which_status() -> None:
    async def scenario() -> None:
        async with _line(503) as (line, _):
            with pytest.raises(LineRefused) as refused:
                await line.open("customer")
            assert refused.value.code == 503

    asyncio.run(scenario())
