"""A call of `kallglot talk`, in virtual time."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
from array import array
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from kallglot.cli.call import talking
from kallglot.cli.call.devices import Loudspeaker
from kallglot.cli.call.talking import Sounds, Talk
from kallglot.playback import Playback
from kallglot.stream import TELEPHONE, Address, SessionNotFound, SoundFormat, Stream
from kallglot.stream.messages import Message
from kallglot.stream.parsing import read
from tests.fakes.api import Clock
from tests.fakes.media_server import MediaServer
from tests.fakes.virtual_time import virtual_time

PCM = SoundFormat("pcm_16", 16000)


class Seen:
    def __init__(self) -> None:
        self.messages: list[Message] = []

    def __enter__(self) -> Seen:
        return self

    def __exit__(self, *_error: object) -> None: ...

    def message(self, message: Message) -> None:
        self.messages.append(message)


async def speech(seconds: float) -> AsyncIterator[bytes]:
    for _ in range(round(seconds * 10)):
        yield b"\x01" * 800


def stream(server: MediaServer) -> Stream:
    return Stream(Address("ws://x", "kst_1"), opener=server.open)


def talk(opened: Stream, **options: Any) -> Talk:
    return Talk(opened, Seen(), Sounds(TELEPHONE), "customer", **options)


@virtual_time
async def test_a_file_is_said_its_answer_awaited_and_the_session_ended() -> None:
    server, loop = MediaServer(), asyncio.get_running_loop()
    async with stream(server) as opened:
        assert await talk(opened, pieces=speech(2)).run()
    assert server.has_ended
    assert loop.time() == pytest.approx(5, abs=0.2)  # two seconds of speech, three of silence
    spoken = server.spoken("customer")
    assert len(spoken) == pytest.approx(250, abs=5)


@virtual_time
async def test_words_are_typed_and_as_long_as_something_comes_it_goes_on() -> None:
    server, loop = MediaServer(), asyncio.get_running_loop()
    async with stream(server) as opened:
        running = asyncio.create_task(talk(opened, texts=["hola", "adiós"]).run())
        for _ in range(4):
            await asyncio.sleep(2)
            server.final()
        assert await running
    assert [each["text"] for each in server.received if each["type"] == "text.input"] == ["hola", "adiós"]
    assert loop.time() == pytest.approx(11, abs=0.2)


@virtual_time
async def test_a_session_may_be_kept() -> None:
    server = MediaServer()
    async with stream(server) as opened:
        assert await talk(opened, pieces=speech(0.5), hangs_up=False).run()
    assert not server.has_ended


@virtual_time
async def test_an_interruption_hangs_up_and_says_that_it_was_one() -> None:
    server = MediaServer()
    async with stream(server) as opened:
        running = asyncio.create_task(talk(opened, pieces=speech(60)).run())
        await asyncio.sleep(5)
        os.kill(os.getpid(), signal.SIGINT)
        assert await running is False
    assert server.has_ended
    assert len(server.spoken("customer")) < 300


@virtual_time
async def test_a_session_that_somebody_else_ends_is_over() -> None:
    server = MediaServer()
    async with stream(server) as opened:
        running = asyncio.create_task(talk(opened, pieces=speech(60)).run())
        await asyncio.sleep(1)
        assert server.socket is not None
        server.socket.say({"type": "session.ended", "session_id": "sess_1", "reason": "ended_by_api"})
        server.cut(1000)
        assert await running


@virtual_time
async def test_a_stream_that_is_closed_for_good_is_an_error() -> None:
    server = MediaServer()
    async with stream(server) as opened:
        running = asyncio.create_task(talk(opened, pieces=speech(60)).run())
        await asyncio.sleep(1)
        server.cut(4404)
        with pytest.raises(SessionNotFound):
            await running


def test_a_microphone_speaks_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []

    class Microphone:
        def __init__(self, rate_hz: int, heard: Any) -> None:
            told.append(rate_hz)
            self._heard = heard

        def __enter__(self) -> None:
            for _ in range(10):
                self._heard(b"\x02" * 160)

        def __exit__(self, *_error: object) -> None:
            told.append("closed")

    monkeypatch.setattr(talking, "microphone", Microphone)

    @virtual_time
    async def test() -> None:
        server = MediaServer()
        async with stream(server) as opened:
            running = asyncio.create_task(talk(opened, is_live=True).run())
            await asyncio.sleep(60)
            assert not running.done()
            os.kill(os.getpid(), signal.SIGTERM)
            assert await running
        heard = [base64.b64decode(each["audio"]["payload"]) for each in server.spoken("customer")]
        assert heard.count(b"\x02" * 160) == 10
        assert server.has_ended

    test()
    assert told == [8000, "closed"]


def test_what_is_heard_is_kept_and_played_until_its_listener_speaks() -> None:
    clock = Clock()
    sounds = Sounds(PCM, Playback(16000, clock.now), Loudspeaker(16000))
    second = base64.b64encode(array("h", [1000] * 16000).tobytes()).decode()
    sounds.message(read({"type": "audio.output", "target": "agent", "audio": {"payload": second}}))
    sounds.message(read({"type": "audio.output", "target": "somebody", "audio": {"payload": ""}}))
    assert sounds.playback is not None
    assert len(sounds.playback.samples("agent")) == 16000
    out = bytearray(4)
    assert sounds.loudspeaker is not None
    sounds.loudspeaker.fill(memoryview(out))
    assert bytes(out) == array("h", [1000, 1000]).tobytes()
    clock.now_s += 0.5
    sounds.message(read({"type": "audio.clear", "segment_id": "seg_1", "target": "agent"}))
    sounds.message(read({"type": "audio.clear", "segment_id": "seg_1"}))
    assert len(sounds.playback.samples("agent")) == 8000
    sounds.loudspeaker.fill(memoryview(out))
    assert bytes(out) == bytes(4)


def test_mulaw_is_decoded() -> None:
    sounds = Sounds(TELEPHONE, Playback(8000, Clock().now))
    with suppress(AttributeError):
        sounds.message(read({"type": "audio.output", "target": "agent", "audio": {"payload": "AA=="}}))
    assert sounds.playback is not None
    assert sounds.playback.samples("agent")[0] == -32124
