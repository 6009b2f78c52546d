from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.frames import Close

from kallglot.messages import Pong
from kallglot.pace import Pace
from kallglot.stream import FRAME_BYTES, SILENCE, Stream, StreamClosed


class Socket:
    """The far end: keeps what was sent, says what it is given, then closes."""

    def __init__(self, *incoming: str, code: int = 1000, breaks_after: int | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self._incoming = list(incoming)
        self._code = code
        self._breaks_after = breaks_after

    async def send(self, message: str) -> None:
        if self._breaks_after == len(self.sent):
            raise ConnectionClosedError(Close(1012, ""), None)
        self.sent.append(json.loads(message))

    async def recv(self) -> str | bytes:
        if self._incoming:
            return self._incoming.pop(0)
        error = ConnectionClosedOK if self._code == 1000 else ConnectionClosedError
        raise error(Close(self._code, "why"), None)

    def frames(self, speaker: str) -> list[bytes]:
        spoken = [message for message in self.sent if message.get("speaker") == speaker]
        return [base64.b64decode(message["audio"]["payload"]) for message in spoken]


def hurried() -> Pace:
    """Ticks without waiting."""
    return Pace(0.02, now=lambda: 0.0, sleep=lambda _: asyncio.sleep(0))


async def test_speech_goes_out_in_frames_of_twenty_milliseconds_filled_up_with_silence() -> None:
    socket = Socket()
    stream = Stream(socket, hurried)
    async with stream.live("customer"):
        await stream.say("customer", b"\x01" * (FRAME_BYTES + 40))
    frames = socket.frames("customer")
    first = frames.index(b"\x01" * FRAME_BYTES)
    assert frames[first + 1] == b"\x01" * 40 + SILENCE[40:]
    assert set(frames[:first]) <= {SILENCE}


async def test_an_open_microphone_is_never_silent_on_the_wire() -> None:
    socket = Socket()
    stream = Stream(socket, hurried)
    async with stream.live("customer", "agent"):
        await stream.say("customer", b"\x01" * FRAME_BYTES * 5)
    assert set(socket.frames("agent")) == {SILENCE}
    assert len(socket.frames("agent")) >= 5


async def test_each_speaker_counts_alone() -> None:
    socket = Socket()
    stream = Stream(socket, hurried)
    async with stream.live("customer", "agent"):
        await stream.say("agent", b"\x01" * FRAME_BYTES * 3)
    for speaker in ("customer", "agent"):
        numbers = [message["sequence"] for message in socket.sent if message["speaker"] == speaker]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_a_broken_socket_ends_what_is_being_said() -> None:
    stream = Stream(Socket(breaks_after=2), hurried)
    with pytest.raises(StreamClosed):
        async with stream.live("customer"):
            await stream.say("customer", b"\x01" * FRAME_BYTES * 10)


async def test_messages_come_until_the_session_has_ended() -> None:
    stream = Stream(Socket('{"type": "pong", "session_id": "s"}'))
    assert [message async for message in stream] == [Pong("s")]


async def test_another_close_code_is_an_error_that_tells_it() -> None:
    stream = Stream(Socket(code=4401))
    with pytest.raises(StreamClosed) as closed:
        [message async for message in stream]
    assert closed.value.code == 4401


async def test_text_ping_and_end_have_the_contracts_words() -> None:
    socket = Socket()
    stream = Stream(socket)
    await stream.send_text("agent", "hola")
    await stream.ping()
    await stream.end()
    assert socket.sent == [
        {"type": "text.input", "speaker": "agent", "text": "hola"},
        {"type": "ping"},
        {"type": "session.end"},
    ]
