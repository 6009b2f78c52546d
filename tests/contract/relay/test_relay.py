"""A socket at a worker that does not hold its session, over real sockets and by an independent client."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from core.domain.sessions import EndReason
from media_worker.audio import g711
from media_worker.limits import SocketLimits
from media_worker.relay.permit import HEADER, Way, permit
from media_worker.trace import HEADER as TRACE_HEADER
from media_worker.trace import trace_id
from tests.contract.relay.workers import HOST, Served, worker
from tests.fakes.engines import LOUD
from tests.fakes.worker import TOKEN_KEY

pytestmark = pytest.mark.enable_socket
WAIT_S = 5.0


@asynccontextmanager
async def two(limits: SocketLimits | None = None) -> AsyncIterator[tuple[Served, Served]]:
    async with worker("worker_1") as first, worker("worker_2", first, limits) as second:
        yield first, second


async def hear(stream: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(WAIT_S):
        while True:
            message: dict[str, Any] = json.loads(await stream.recv())
            if message["type"] == kind:
                return message


async def closed(stream: ClientConnection) -> tuple[int | None, str | None]:
    async with asyncio.timeout(WAIT_S):
        try:
            while True:
                await stream.recv()
        except ConnectionClosed:
            return stream.close_code, stream.close_reason


async def until(happened: Any) -> None:
    """Poll, because a socket's end is noticed by the other side when it is noticed."""
    async with asyncio.timeout(WAIT_S):
        while not happened():
            await asyncio.sleep(0.01)


def audio(pcm: bytes) -> str:
    sound = {"encoding": "pcm_16", "sample_rate_hz": 8000, "payload": base64.b64encode(pcm).decode()}
    return json.dumps({"type": "audio.input", "audio": sound})


async def test_parties_at_two_workers_hear_each_other() -> None:
    async with two() as (first, second):
        session = first.plant.create()
        async with first.stream(session, "customer") as customer, second.stream(session, "agent") as agent:
            assert (await hear(agent, "session.ready"))["participant"] == "agent"
            await customer.send(audio(LOUD))
            await customer.send(audio(bytes(8000)))
            said = await hear(agent, "transcript.final")
            assert (said["speaker"], said["translation"]["language"]) == ("customer", "es")
            assert (await hear(agent, "audio.output"))["target"] == "agent"
            await agent.send(audio(LOUD))
            await agent.send(audio(bytes(8000)))
            assert (await hear(customer, "audio.output"))["target"] == "customer"
        assert (len(first.calls), len(second.calls)) == (1, 0)


async def test_a_token_in_the_first_message_goes_along_and_so_does_what_follows_it() -> None:
    async with two() as (first, second):
        session = first.plant.create()
        async with first.stream(session, "customer"), connect(second.url(session)) as agent:
            token = first.plant.token(session)
            await agent.send(json.dumps({"type": "session.auth", "token": token, "participant": "agent"}))
            assert (await hear(agent, "session.ready"))["participant"] == "agent"
            await agent.send('{"type":"ping"}')
            await hear(agent, "pong")


async def test_binary_frames_stay_binary() -> None:
    async with two() as (first, second):
        session = first.plant.create()
        async with first.stream(session, "customer") as customer, second.stream(session, "agent") as agent:
            await hear(customer, "session.ready")
            await hear(agent, "session.ready")
            await agent.send(audio(LOUD))
            await agent.send(bytes(8000))
            assert (await hear(customer, "transcript.final"))["speaker"] == "agent"


async def test_the_owners_farewell_reaches_the_client_as_it_is() -> None:
    async with two() as (first, second):
        session = first.plant.create()
        async with first.stream(session, "customer"), second.stream(session, "agent") as agent:
            await hear(agent, "session.ready")
            first.plant.service.end(first.plant.stored(session), EndReason.CUSTOMER_HANGUP)
            first.calls.command({"type": "end", "session_id": session.id})
            assert (await hear(agent, "session.ended"))["reason"] == "ended_by_api"
            assert await closed(agent) == (1000, "ended_by_api")


async def test_a_client_that_leaves_its_relay_leaves_its_session() -> None:
    async with two() as (first, second):
        session = first.plant.create()
        async with first.stream(session, "customer") as customer:
            await hear(customer, "session.ready")
            async with second.stream(session, "agent") as agent:
                await hear(agent, "session.ready")
                assert (first.server.open_sockets, second.server.open_sockets, len(second.relay)) == (2, 1, 1)
            await until(lambda: (first.server.open_sockets, second.server.open_sockets) == (1, 0))
            assert len(second.relay) == 0


async def test_a_client_that_vanishes_at_its_relay_leaves_its_session() -> None:
    async with two() as (first, second):
        session = first.plant.create()
        async with first.stream(session, "customer") as customer:
            await hear(customer, "session.ready")
            agent = await second.stream(session, "agent")
            await hear(agent, "session.ready")
            agent.transport.abort()
            await until(lambda: (first.server.open_sockets, second.server.open_sockets) == (1, 0))


async def test_an_owner_that_dies_is_a_reason_to_come_again() -> None:
    async with two() as (first, second):
        session = first.plant.create()
        async with first.stream(session, "customer") as customer, second.stream(session, "agent") as agent:
            await hear(customer, "session.ready")
            await hear(agent, "session.ready")
            for socket in first.server._sockets.values():
                socket._transport.abort()
            assert (await closed(agent))[0] == 1012


async def test_an_owner_that_cannot_be_reached_is_a_reason_to_come_again() -> None:
    async with two() as (first, second):
        session = first.plant.create()
        async with first.stream(session, "customer") as customer:
            await hear(customer, "session.ready")
            first.plant.workers.beat("worker_1", first.plant.clock.now(), f"{HOST}:1")
            async with second.stream(session, "agent") as agent:
                assert await closed(agent) == (1012, "owner_unreachable")


async def test_a_relayed_socket_is_relayed_no_further() -> None:
    """The directory says that the first worker is where the second one is, which holds nothing."""
    async with two() as (first, second):
        session = first.plant.create()
        async with first.stream(session, "customer") as customer:
            await hear(customer, "session.ready")
            async with worker("worker_3", first) as third:
                second.plant.workers.beat("worker_1", second.plant.clock.now(), f"{HOST}:{third.relay_port}")
                third.relay._gate.worker_id = "worker_1"
                async with second.stream(session, "agent") as agent:
                    assert await closed(agent) == (1012, "session_held_elsewhere")
                    assert len(third.relay) == 0


async def test_a_slow_client_behind_a_relay_is_cut_off_and_the_owner_keeps_no_heap_for_it() -> None:
    small = SocketLimits(outbound_bytes=64 * 1024)
    async with worker("worker_1", limits=small) as first, worker("worker_2", first) as second:
        session = first.plant.create()
        async with first.stream(session, "customer") as customer:
            await hear(customer, "session.ready")
            agent = await connect(
                second.url(session, "?participant=agent"), additional_headers=second.bearer(session), max_queue=1
            )
            agent.transport.pause_reading()
            await until(lambda: first.server.open_sockets == 2)
            relayed = list(first.server._sockets.values())[1]
            frame = b'"' + b"x" * 60_000 + b'"'
            async with asyncio.timeout(WAIT_S):
                while not relayed.is_closing:
                    relayed.send(frame)
                    await asyncio.sleep(0)
            agent.transport.abort()


async def test_the_relays_door_opens_to_workers_only() -> None:
    async with two() as (first, _), aiohttp.ClientSession() as http:
        session = first.plant.create()
        url = f"http://{HOST}:{first.relay_port}/internal/sessions/{session.id}/relay"
        now = first.plant.clock.now()
        good = permit(TOKEN_KEY, Way(session.id, "worker_2", "worker_1"), now, "once")
        refused = {
            "nothing": {},
            "nonsense": {HEADER: "a.b.c.d"},
            "another key": {HEADER: permit(b"x" * 32, Way(session.id, "worker_2", "worker_1"), now, "n1")},
            "another session": {HEADER: permit(TOKEN_KEY, Way("sess_2", "worker_2", "worker_1"), now, "n2")},
            "another worker": {HEADER: permit(TOKEN_KEY, Way(session.id, "worker_2", "worker_3"), now, "n3")},
            "not latin": {HEADER: "\udcff.1.n.m"},
        }
        for headers in refused.values():
            async with http.get(url, headers=headers) as answer:
                assert answer.status == 403
        async with http.ws_connect(url, headers={HEADER: good, **first.bearer(session)}) as socket:
            assert json.loads((await socket.receive()).data)["type"] == "session.ready"
        async with http.get(url, headers={HEADER: good}) as answer:
            assert answer.status == 403, "a permit is good once"


async def test_the_public_door_does_not_lead_to_the_relays() -> None:
    async with two() as (first, _), aiohttp.ClientSession() as http:
        answer = await http.get(f"http://{HOST}:{first.port}/internal/sessions/sess_1/relay")
        assert answer.status == 404


async def test_a_permit_alone_opens_no_session() -> None:
    async with two() as (first, _), aiohttp.ClientSession() as http:
        session = first.plant.create()
        shown = permit(TOKEN_KEY, Way(session.id, "worker_2", "worker_1"), first.plant.clock.now(), "n")
        url = f"http://{HOST}:{first.relay_port}/internal/sessions/{session.id}/relay?token=kst_test_wrong"
        async with http.ws_connect(url, headers={HEADER: shown}) as socket:
            await socket.receive()
            assert (await socket.receive()).data == 4401


async def test_a_full_worker_says_so_before_the_upgrade_and_takes_further_legs_of_its_own_calls() -> None:
    async with worker("worker_1", limits=SocketLimits(sessions=1)) as only:
        held, other = only.plant.create(), only.plant.create()
        async with only.stream(held, "customer") as customer:
            await hear(customer, "session.ready")
            with pytest.raises(InvalidStatus) as refused:
                await only.stream(other, "customer")
            assert refused.value.response.status_code == 503
            async with only.stream(held, "agent") as agent:
                await hear(agent, "session.ready")
        async with aiohttp.ClientSession() as http, http.get(f"http://{HOST}:{only.port}/healthz") as health:
            assert health.status == 200


async def test_relayed_sockets_count_and_are_sent_elsewhere_when_their_relay_goes() -> None:
    async with two(SocketLimits(sockets=1)) as (first, second):
        session = first.plant.create()
        async with first.stream(session, "customer") as customer, second.stream(session, "agent") as agent:
            await hear(customer, "session.ready")
            await hear(agent, "session.ready")
            with pytest.raises(InvalidStatus):
                await second.stream(session, "agent")
            second.server.dismiss()
            assert await closed(agent) == (1012, "reconnect")


@asynccontextmanager
async def freezing() -> AsyncIterator[str]:
    """The address of an owner that stops right after the handshake: the kernel still takes what fits its buffers."""
    frozen = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        key = next(line[19:] for line in asked.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key: "))
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        writer.write(b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        await frozen.wait()
        writer.close()
        await asyncio.wait((asyncio.ensure_future(writer.wait_closed()),))

    # A StreamReader stops its transport at twice its limit.
    server = await asyncio.start_server(answer, HOST, 0, limit=1024)
    async with server:
        yield f"{HOST}:{server.sockets[0].getsockname()[1]}"
        frozen.set()
        await asyncio.sleep(0.05)  # for the handler to close its end


async def test_an_owner_that_freezes_is_given_up_even_when_it_takes_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("media_worker.relay.relay._BEAT_S", 0.1)
    async with freezing() as address, two() as (first, second):
        session = first.plant.create()
        async with first.stream(session, "customer") as customer:
            await hear(customer, "session.ready")
            first.plant.workers.beat("worker_1", first.plant.clock.now(), address)
            agent = await second.stream(session, "agent")
            flood = asyncio.create_task(pump(agent))
            assert (await closed(agent))[0] == 1012
            flood.cancel()
            await asyncio.gather(flood, return_exceptions=True)
            await until(lambda: (second.server.open_sockets, len(second.relay)) == (0, 0))


async def pump(stream: ClientConnection) -> None:
    while True:
        await stream.send(bytes(100_000))


async def test_a_telephone_at_the_wrong_worker_is_relayed_from_its_first_word_on() -> None:
    async with two() as (first, second):
        session = first.plant.create()
        async with first.stream(session, "customer") as customer, connect(second.url(session)) as telephone:
            await hear(customer, "session.ready")
            parameters = {"token": first.plant.token(session), "participant": "agent"}
            sound = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
            start = {"streamSid": "MZ1", "callSid": "CA1", "mediaFormat": sound, "customParameters": parameters}
            await telephone.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
            await telephone.send(json.dumps({"event": "start", "streamSid": "MZ1", "start": start}))
            for chunk, pcm in enumerate((LOUD, bytes(8000)), 1):
                payload = base64.b64encode(g711.pcm_to_mulaw(pcm)).decode()
                media = {"track": "inbound", "chunk": str(chunk), "payload": payload}
                await telephone.send(json.dumps({"event": "media", "streamSid": "MZ1", "media": media}))
            assert (await hear(customer, "transcript.final"))["speaker"] == "agent"


async def test_a_relayed_socket_keeps_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    traced: list[str | None] = []

    class Noting(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            if record.getMessage() == "let in":
                traced.append(trace_id.get())
            return True

    caplog.set_level(logging.INFO, "media_worker.server")
    caplog.handler.addFilter(noting := Noting())
    try:
        async with two() as (first, second):
            session = first.plant.create()
            root = "1-67891233-abcdef012345678912345678"
            async with first.stream(session, "customer") as customer:
                await hear(customer, "session.ready")
                headers = {**second.bearer(session), TRACE_HEADER: f"Root={root}"}
                async with connect(second.url(session, "?participant=agent"), additional_headers=headers) as agent:
                    await hear(agent, "session.ready")
        assert traced == [None, root]
    finally:
        caplog.handler.removeFilter(noting)
