"""Calls by Twilio and Telnyx over a real socket, by an independent client; engines, detector and stores are fakes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from core.domain.sessions import Status
from media_worker.limits import SocketLimits
from tests.contract.dialects.test_native_stream import WAIT_S, audio, hear, served
from tests.fakes.engines import LOUD
from tests.fakes.telephone import FRAME_S, Line, hello, media

pytestmark = pytest.mark.enable_socket
EACH = pytest.mark.parametrize("carrier", ["twilio", "telnyx"])


async def say(stream: ClientConnection, *messages: dict[str, Any]) -> None:
    for message in messages:
        await stream.send(json.dumps(message))


async def closed(stream: ClientConnection) -> tuple[int | None, list[str | bytes]]:
    said: list[str | bytes] = []
    async with asyncio.timeout(WAIT_S):
        try:
            while True:
                said.append(await stream.recv())
        except ConnectionClosed:
            return stream.close_code, said


async def play(stream: ClientConnection, line: Line) -> None:
    """Be the carrier: play what comes and send each mark back when it is reached."""
    loop = asyncio.get_running_loop()
    async for message in stream:
        for at, name in line.take(json.loads(message), loop.time()):
            await asyncio.sleep(at - loop.time())
            await say(stream, {"event": "mark", "mark": {"name": name}})


async def speak(stream: ClientConnection, pcm: bytes, first_chunk: int = 1) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number, at in enumerate(range(0, len(pcm), 320)):
        # A telephone speaks in real time: the worker's clocks are the machine's here.
        await asyncio.sleep(began + number * FRAME_S - loop.time())
        await say(stream, media(first_chunk + number, pcm[at : at + 320]))


@EACH
async def test_a_call_is_heard_translated_and_answered(carrier: str) -> None:
    async with served("where is my order", "it is here") as door:
        session = door.plant.create()
        async with door.stream(session, "?participant=agent") as agent, connect(door.url(session.id)) as caller:
            await hear(agent, "session.ready")
            await say(caller, *hello(carrier, token=door.plant.token(session)))
            await speak(caller, LOUD[:8000] + bytes(4800))
            final = await hear(agent, "transcript.final")
            assert (final["speaker"], final["text"]) == ("customer", "where is my order")
            assert (await hear(agent, "audio.output"))["target"] == "agent"
            line = Line()
            playing = asyncio.create_task(play(caller, line))
            await agent.send(audio(LOUD[:8000]))
            await agent.send(audio(bytes(4800)))
            final = await hear(agent, "transcript.final")
            async with asyncio.timeout(WAIT_S):
                while not line.marks:
                    await asyncio.sleep(0.01)  # polls what the playing task writes
            assert [name for _, name in line.marks] == [final["id"]]
            assert len(line.heard) == 8000, "half a second, in whole frames"
            assert {len(pcm) for _, _, pcm in line.frames} == {320}
            spread_s = line.frames[-1][0] - line.frames[0][0]
            assert spread_s == pytest.approx(0.5 - 0.1, abs=0.1), "at its pace, a tenth of a second ahead"
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            await say(caller, {"event": "stop", "stop": {}})
            code, _ = await closed(caller)
            assert code == 1000
            await agent.send('{"type":"ping"}')
            await hear(agent, "pong")
        assert door.plant.stored(session).status is Status.ACTIVE


@EACH
async def test_a_caller_who_speaks_stops_what_is_played_to_him(carrier: str) -> None:
    async with served("a long answer", "wait") as door:
        door.plant.engines.speech_s = 10.0
        session = door.plant.create()
        async with door.stream(session, "?participant=agent") as agent, connect(door.url(session.id)) as caller:
            await say(caller, *hello(carrier, token=door.plant.token(session)))
            await agent.send(audio(LOUD[:8000]))
            await agent.send(audio(bytes(4800)))
            line = Line()
            playing = asyncio.create_task(play(caller, line))
            async with asyncio.timeout(WAIT_S):
                while not line.frames:
                    await asyncio.sleep(0.01)  # polls what the playing task writes
            began = asyncio.get_running_loop().time()
            await speak(caller, LOUD[:8000])
            assert line.cleared and line.cleared[0] - began <= 0.2
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)


@EACH
async def test_a_carrier_whose_token_does_not_come_in_time_is_closed_without_a_word(carrier: str) -> None:
    limits = SocketLimits(token_wait_s=0.1)
    async with served(sockets=limits) as door, connect(door.url(door.plant.create().id)) as caller:
        await say(caller, hello(carrier)[0])
        assert await closed(caller) == (4401, [])


@EACH
@pytest.mark.parametrize("parameters", [{}, {"token": "kst_test_wrong"}])
async def test_a_carrier_without_a_good_token_is_closed_without_a_word(
    carrier: str, parameters: dict[str, str]
) -> None:
    async with served() as door, connect(door.url(door.plant.create().id)) as caller:
        await say(caller, *hello(carrier, **parameters))
        assert await closed(caller) == (4401, [])


@EACH
async def test_a_carrier_that_speaks_out_of_turn_or_wrongly_is_closed(carrier: str) -> None:
    async with served() as door:
        token = door.plant.token(session := door.plant.create())
        wrong = hello(carrier, token=token)[1]
        wrong["start"]["mediaFormat" if carrier == "twilio" else "media_format"]["encoding"] = "audio/opus"
        for second in (media(1, bytes(320)), hello(carrier)[0], wrong, {"event": "start"}):
            async with connect(door.url(session.id)) as caller:
                await say(caller, hello(carrier)[0], second)
                assert await closed(caller) == (4400, [])
        assert len(door.calls) == 0


@EACH
async def test_garbage_after_the_start_is_counted_and_closes_the_socket(carrier: str) -> None:
    async with served() as door:
        session = door.plant.create()
        async with connect(door.url(session.id)) as caller:
            await say(caller, *hello(carrier, token=door.plant.token(session)))
            for _ in range(20):
                await caller.send(b"\x00\xff garbage")
            assert await closed(caller) == (4400, [])


@EACH
async def test_a_carrier_with_its_token_in_the_query_is_understood_too(carrier: str) -> None:
    """Telnyx keeps a query. It is greeted before it has said who it is, and passes over that."""
    async with served("hello there") as door:
        session = door.plant.create()
        async with door.stream(session, "?participant=agent") as agent:
            await hear(agent, "session.ready")
            async with connect(door.url(session.id, f"?token={door.plant.token(session)}")) as caller:
                assert json.loads(await caller.recv())["type"] == "session.ready"
                await say(caller, *hello(carrier))
                await speak(caller, LOUD[:8000] + bytes(4800))
                assert (await hear(agent, "transcript.final"))["speaker"] == "customer"


@EACH
async def test_a_telephone_may_be_the_agents(carrier: str) -> None:
    async with served("soy yo") as door:
        session = door.plant.create()
        async with door.stream(session, "?participant=customer") as customer:
            await hear(customer, "session.ready")
            async with connect(door.url(session.id)) as caller:
                await say(caller, *hello(carrier, token=door.plant.token(session), participant="agent"))
                await speak(caller, LOUD[:8000] + bytes(4800))
                final = await hear(customer, "transcript.final")
                assert (final["speaker"], final["language"]) == ("agent", "es")
