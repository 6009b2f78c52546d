"""The JSON stream over a real socket, by an independent client; engines, detector and stores are fakes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from core.adapters.system import SystemClock
from core.domain.access import Tenant, stream_token
from core.domain.sessions import EndReason, Session, Status
from media_worker.audio.turns import TurnRules
from media_worker.limits import SocketLimits
from media_worker.pipeline.calls import Calls
from media_worker.pipeline.equipment import Limits
from media_worker.server import MediaServer
from tests.fakes.engines import LOUD, FakeEngines
from tests.fakes.worker import TOKEN_KEY, Plant, plant

pytestmark = pytest.mark.enable_socket
# Real time here: turns end sooner, so that nobody waits.
RULES = TurnRules(min_speech_ms=64, endpoint_ms=96, stalled_ms=200)
WAIT_S = 5.0


@dataclass
class Door:
    """A served worker: where it listens and what is behind it."""

    plant: Plant
    calls: Calls
    server: MediaServer
    port: int

    def url(self, session_id: str, query: str = "") -> str:
        return f"ws://127.0.0.1:{self.port}/v1/sessions/{session_id}/connect{query}"

    def bearer(self, session: Session) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.plant.token(session)}"}

    def stream(self, session: Session, query: str = "") -> connect:
        return connect(self.url(session.id, query), additional_headers=self.bearer(session))


@asynccontextmanager
async def served(
    *lines: str, limits: Limits | None = None, sockets: SocketLimits | None = None, send_buffer: int | None = None
) -> AsyncIterator[Door]:
    made = plant(FakeEngines(*lines), clock=SystemClock(), limits=limits)
    made.equipment = replace(made.equipment, turns=RULES)
    calls = Calls(made.equipment)
    server = MediaServer(calls, sockets)
    runner = web.AppRunner(server.app(), access_log=None)
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    if send_buffer:
        # Inherited by the sockets that are accepted: otherwise the kernel swallows megabytes for a slow client.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    await web.SockSite(runner, listening).start()
    work = (calls.run(), made.equipment.voice_activity.run(), server.beat_for_ever())
    tasks = [asyncio.create_task(coroutine) for coroutine in work]
    try:
        yield Door(made, calls, server, runner.addresses[0][1])
    finally:
        await calls.dismiss()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await runner.cleanup()


async def hear(stream: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of that type; what comes before it is passed over."""
    async with asyncio.timeout(WAIT_S):
        while True:
            message: dict[str, Any] = json.loads(await stream.recv())
            if message["type"] == kind:
                return message


async def closed(stream: ClientConnection) -> tuple[int | None, list[dict[str, Any]]]:
    """The close code, and what was said before it."""
    said: list[dict[str, Any]] = []
    async with asyncio.timeout(WAIT_S):
        try:
            while True:
                said.append(json.loads(await stream.recv()))
        except ConnectionClosed:
            return stream.close_code, said


def audio(pcm: bytes, **fields: Any) -> str:
    sound = {"encoding": "pcm_16", "sample_rate_hz": 8000, "payload": base64.b64encode(pcm).decode()}
    return json.dumps({"type": "audio.input", "audio": sound, **fields})


async def test_speech_comes_back_as_transcript_and_translated_audio() -> None:
    async with served("where is my order") as door:
        session = door.plant.create()
        async with door.stream(session) as stream:
            assert (await hear(stream, "session.ready"))["status"] == "connecting"
            for second in range(2):
                await stream.send(audio(LOUD if not second else bytes(len(LOUD)), speaker="customer"))
            final = await hear(stream, "transcript.final")
            assert final["translation"] == {"language": "es", "text": "[es] where is my order"}
            spoken = await hear(stream, "audio.output")
            assert spoken["audio"]["encoding"] == "pcm_16"
            await stream.send('{"type":"session.end"}')
            code, said = await closed(stream)
            assert (code, said[-1]["reason"]) == (1000, "explicit_end")
        stored = door.plant.stored(session)
        assert (stored.status, stored.turn_count, stored.end_reason) == (Status.ENDED, 1, EndReason.COMPLETED)


@pytest.mark.parametrize("way", ["query", "message"])
async def test_the_token_may_come_in_the_query_or_in_the_first_message(way: str) -> None:
    async with served() as door:
        session = door.plant.create()
        token = door.plant.token(session)
        async with connect(door.url(session.id, f"?token={token}" if way == "query" else "")) as stream:
            if way == "message":
                await stream.send(json.dumps({"type": "session.auth", "token": token, "participant": "agent"}))
            ready = await hear(stream, "session.ready")
            assert ready["participant"] == ("agent" if way == "message" else None)


async def test_a_socket_that_never_sends_its_token_is_closed() -> None:
    async with served(sockets=SocketLimits(token_wait_s=0.1)) as door:
        async with connect(door.url(door.plant.create().id)) as stream:
            code, said = await closed(stream)
        assert code == 4401
        assert (said[0]["error"]["code"], said[0]["fatal"]) == ("missing_stream_token", True)


@pytest.mark.parametrize("first", ['{"type":"ping"}', "{", "x" * 70_000, b"\x00\x01"])
async def test_a_first_message_without_a_token_is_refused(first: str | bytes) -> None:
    async with served() as door, connect(door.url(door.plant.create().id)) as stream:
        await stream.send(first)
        assert (await closed(stream))[0] == 4401


async def test_wrong_foreign_and_expired_tokens_are_refused() -> None:
    async with served() as door:
        mine, other = door.plant.create(), door.plant.create()
        old = door.plant.create(created_at=mine.created_at - timedelta(hours=3))
        expired = stream_token(TOKEN_KEY, old.tenant, old.id, old.created_at, old.created_at).text
        foreign = stream_token(TOKEN_KEY, Tenant("org_2", False), mine.id, mine.created_at, mine.created_at).text
        for session, token in (
            (mine, "kst_test_wrong"),
            (mine, door.plant.token(other)),
            (mine, foreign),
            (old, expired),
        ):
            async with connect(door.url(session.id, f"?token={token}")) as stream:
                assert (await closed(stream))[0] == 4401


async def test_an_unknown_session_is_refused() -> None:
    async with served() as door:
        for session_id in ("sess_unknown", "nonsense"):
            async with connect(door.url(session_id, "?token=kst_test_x")) as stream:
                code, said = await closed(stream)
            assert (code, said[0]["error"]["code"]) == (4404, "session_not_found")


async def test_an_ended_session_is_refused() -> None:
    async with served() as door:
        session = door.plant.create(status=Status.ENDED)
        async with door.stream(session) as stream:
            assert (await closed(stream))[0] == 4409


async def test_after_the_reconnect_window_a_stream_is_refused() -> None:
    async with served() as door:
        now = door.plant.clock.now()
        session = door.plant.create(status=Status.ACTIVE, disconnected_at=now - timedelta(minutes=6))
        async with door.stream(session) as stream:
            assert (await closed(stream))[0] == 4410


async def test_a_session_that_another_worker_holds_is_asked_to_come_again() -> None:
    async with served() as door:
        session = door.plant.create(status=Status.ACTIVE, owner="worker_2", epoch=1)
        door.plant.workers.beat("worker_2", door.plant.clock.now())
        async with door.stream(session) as stream:
            assert (await closed(stream))[0] == 1012
        assert len(door.calls) == 0


async def test_bad_messages_are_answered_and_too_many_in_a_row_close_the_socket() -> None:
    async with served() as door:
        session = door.plant.create()
        async with door.stream(session) as stream:
            for _ in range(19):
                await stream.send("{bad")
            await stream.send('{"type":"ping"}')
            assert (await hear(stream, "session.error"))["error"]["code"] == "invalid_message"
            await hear(stream, "pong")
            for _ in range(20):
                await stream.send('{"type":"ping","unknown":1}')
            assert (await closed(stream))[0] == 4400
        assert door.plant.stored(session).status is Status.CONNECTING


async def test_a_wrong_format_is_answered_and_the_stream_goes_on() -> None:
    async with served("still here") as door, door.stream(door.plant.create()) as stream:
        await stream.send('{"type":"audio","data":"AAAA","encoding":"opus","sample_rate":48000}')
        assert (await hear(stream, "session.error"))["error"]["code"] == "invalid_audio_format"
        await stream.send(audio(LOUD))
        await stream.send(audio(bytes(8000)))
        assert (await hear(stream, "transcript.final"))["text"] == "still here"


async def test_a_ten_megabyte_frame_costs_the_socket_and_nothing_else() -> None:
    async with served() as door:
        session = door.plant.create()
        async with door.stream(session, "?participant=agent") as other:
            async with door.stream(session, "?participant=customer") as stream:
                await hear(stream, "session.ready")
                with contextlib.suppress(ConnectionClosed):
                    await stream.send("x" * 10_000_000)
                assert (await closed(stream))[0] in (1009, 4429)
            async with door.stream(session, "?participant=customer") as again:
                await hear(again, "session.ready")
            await other.send('{"type":"ping"}')
            await hear(other, "pong")


async def test_more_bytes_than_any_audio_needs_close_the_socket() -> None:
    limits = SocketLimits(inbound_bytes_s=1000, inbound_burst_bytes=50_000)
    async with served(sockets=limits) as door, door.stream(door.plant.create()) as stream:
        await hear(stream, "session.ready")
        for _ in range(10):
            await stream.send(audio(bytes(8000)))
        assert (await closed(stream))[0] == 4429


async def test_a_client_that_does_not_read_is_cut_off_and_the_others_hear_on() -> None:
    async with served(sockets=SocketLimits(outbound_bytes=20_000), send_buffer=4096) as door:
        session = door.plant.create()
        async with door.stream(session, "?participant=agent") as fast:
            # A plain socket that shakes hands and then never reads again.
            with socket.create_connection(("127.0.0.1", door.port)) as slow:
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                slow.sendall(_upgrade(door, session))
                for number in range(200):
                    text = f"{number} " * 400
                    await fast.send(json.dumps({"type": "text.input", "speaker": "agent", "text": text}))
                    await hear(fast, "transcript.final")
                    if _sockets(door) == 1 and number:
                        break
            assert _sockets(door) == 1, "the slow socket was never closed"
            await fast.send('{"type":"ping"}')
            await hear(fast, "pong")


async def test_a_client_that_answers_no_ping_is_cut_off_and_one_that_does_stays() -> None:
    async with served(sockets=SocketLimits(heartbeat_s=0.2)) as door:
        session = door.plant.create()
        async with door.stream(session) as alive:
            with socket.create_connection(("127.0.0.1", door.port)) as dead:
                dead.sendall(_upgrade(door, session))
                async with asyncio.timeout(WAIT_S):
                    await hear(alive, "session.ready")
                    while _sockets(door) < 2:
                        await asyncio.sleep(0.01)  # until the other socket has been taken
                    while _sockets(door) > 1:
                        await asyncio.sleep(0.01)  # three heartbeats
            await alive.send('{"type":"ping"}')
            await hear(alive, "pong")


async def test_there_is_a_limit_to_sockets_per_session() -> None:
    async with served(limits=Limits(sockets_per_session=1)) as door:
        session = door.plant.create()
        async with door.stream(session) as first:
            await hear(first, "session.ready")
            async with door.stream(session) as second:
                assert (await closed(second))[0] == 4429


async def test_of_sockets_that_come_at_once_exactly_as_many_as_may_are_upgraded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepare = web.WebSocketResponse.prepare

    async def slowly(response: web.WebSocketResponse, request: web.BaseRequest) -> object:
        await asyncio.sleep(0.3)  # long enough for all of them to stand at the door together
        return await prepare(response, request)

    monkeypatch.setattr(web.WebSocketResponse, "prepare", slowly)
    async with served(sockets=SocketLimits(sockets=5)) as door:
        sessions = [door.plant.create() for _ in range(40)]
        streams = await asyncio.gather(*(door.stream(session) for session in sessions), return_exceptions=True)
        taken = [stream for stream in streams if isinstance(stream, ClientConnection)]
        for stream in taken:
            await stream.close()
        assert len(taken) == 5


async def test_a_worker_that_stops_takes_no_more_streams_and_says_so() -> None:
    async with served() as door:
        session = door.plant.create()
        async with door.stream(session) as stream:
            await hear(stream, "session.ready")
            door.server.stopping = True
            with pytest.raises(Exception, match="503"):
                await connect(door.url(session.id))
            await door.calls.hand_over()
            await door.calls.dismiss()
            assert (await closed(stream))[0] == 1012
        assert door.plant.stored(session).disconnected_at is not None


async def test_ending_during_a_reconnect_is_said_to_who_comes_back() -> None:
    async with served() as door:
        session = door.plant.create()
        async with door.stream(session) as stream:
            await stream.send(audio(bytes(1600)))
            await stream.send('{"type":"ping"}')
            await hear(stream, "pong")
        door.plant.service.end(door.plant.stored(session), EndReason.COMPLETED)
        async with door.stream(session) as stream:
            assert (await closed(stream))[0] == 4409


async def test_ending_twice_ends_once() -> None:
    async with served() as door, door.stream(door.plant.create()) as stream:
        await stream.send('{"type":"end"}')
        await stream.send('{"type":"session.end"}')
        code, said = await closed(stream)
        assert code == 1000
        assert [message["type"] for message in said].count("session.ended") == 1


def _sockets(door: Door) -> int:
    return door.server.open_sockets


def _upgrade(door: Door, session: Session) -> bytes:
    key = base64.b64encode(bytes(16)).decode()
    return (
        f"GET /v1/sessions/{session.id}/connect?token={door.plant.token(session)}&participant=customer HTTP/1.1\r\n"
        f"Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()


async def test_a_fault_of_ours_closes_the_socket_and_says_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ValueError("nobody thought of this")

    async with served() as door:
        monkeypatch.setattr(door.calls, "join", broken)
        async with door.stream(door.plant.create()) as stream:
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(stream.recv(), WAIT_S)
            assert (stream.close_code, stream.close_reason) == (1011, "internal_error")
