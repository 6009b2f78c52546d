"""A client of a conversation without a socket: speaks in virtual real time and keeps what it is sent."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from core.domain.sessions import Role, Session
from media_worker.audio.formats import SAMPLE_BYTES
from media_worker.dialects.native import NativeDialect
from media_worker.messages import AudioIn, ClientMessage
from media_worker.pipeline.calls import Calls
from media_worker.pipeline.conversation import Conversation
from media_worker.pipeline.leg import Leg
from tests.fakes.described import check_told
from tests.fakes.engines import LOUD
from tests.fakes.worker import Plant

FRAME_MS = 20
SILENCE = bytes(len(LOUD))


class FakeSocket:
    def __init__(self) -> None:
        self.sent: list[tuple[float, dict[str, Any]]] = []
        self.closed: tuple[int, str] | None = None

    def send(self, frame: bytes, *, droppable: bool = False) -> None:
        assert self.closed is None, "nothing may be sent on a closed socket"
        message = json.loads(frame)
        check_told("stream", message)
        self.sent.append((asyncio.get_running_loop().time(), message))

    def close(self, code: int, reason: str) -> None:
        self.closed = self.closed or (int(code), reason)


class Client:
    """One leg; `said` are the messages it was sent, without their time."""

    _number = 0

    def __init__(self, session: Session, participant: str | None = None) -> None:
        Client._number += 1
        self.session = session
        self.socket = FakeSocket()
        self.leg = Leg(Client._number, participant, NativeDialect(session.id), self.socket)
        self.conversation: Conversation | None = None

    async def connect(self, calls: Calls, plant: Plant) -> Client:
        self.conversation = await calls.join(self.session.id, plant.token(self.session), self.leg)
        return self

    @property
    def said(self) -> list[dict[str, Any]]:
        return [message for _, message in self.socket.sent]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.said if message["type"] == kind]

    def errors(self) -> list[str]:
        return [message["error"]["code"] for message in self.of("session.error")]

    def send(self, message: ClientMessage) -> None:
        assert self.conversation is not None
        self.conversation.receive(self.leg, message)

    def text(self, frame: bytes) -> None:
        """A frame as it comes from the wire."""
        for message in self.leg.dialect.receive(frame, binary=False):
            self.send(message)

    async def speak(self, pcm: bytes, speaker: Role | None = None, *, rate_hz: int = 8000, channels: int = 1) -> None:
        """In 20 ms messages, at real-time pace."""
        step = rate_hz * FRAME_MS // 1000 * SAMPLE_BYTES * channels
        for start in range(0, len(pcm), step):
            self.send(AudioIn(pcm[start : start + step], rate_hz, channels, speaker, None))
            await asyncio.sleep(FRAME_MS / 1000)

    async def say(self, seconds: float, speaker: Role | None = None) -> None:
        """Speech of that length and a second of silence behind it."""
        await self.speak(loud(seconds) + SILENCE, speaker)


def loud(seconds: float) -> bytes:
    whole = LOUD * (int(seconds) + 1)
    return whole[: int(seconds * 8000) * SAMPLE_BYTES]


class Running:
    """The background of a worker around `calls`: ticks and voice activity."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.calls = Calls(plant.equipment)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Running:
        work = (self.calls.run(), self.calls.cry_out(), self.plant.equipment.voice_activity.run())
        self._tasks = [asyncio.create_task(coroutine) for coroutine in work]
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.calls.dismiss()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def client(self, session: Session, participant: str | None = None) -> Client:
        return await Client(session, participant).connect(self.calls, self.plant)
