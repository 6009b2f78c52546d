"""A telephone behind a carrier, without a socket: speaks the carrier's frames and plays what comes, as a line does."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.domain.sessions import Session
from media_worker.audio import g711
from media_worker.dialects.base import Dialect
from media_worker.dialects.recognise import recognise
from media_worker.messages import Authentication
from media_worker.pipeline.calls import Calls
from media_worker.pipeline.conversation import Conversation
from media_worker.pipeline.leg import Leg
from tests.fakes.talk import loud
from tests.fakes.worker import Plant

DATA = Path(__file__).parents[1] / "data" / "messages"
FRAME_S = 0.02
_SILENCE = bytes(320)


def hello(carrier: str, **parameters: str) -> list[dict[str, Any]]:
    """The first two messages of a stream, with these custom parameters."""
    connected, start = (json.loads(line)["frame"] for line in (DATA / f"{carrier}.jsonl").read_text().splitlines()[:2])
    start["start"]["customParameters" if carrier == "twilio" else "custom_parameters"] = parameters
    if carrier == "telnyx":
        start["start"]["media_format"]["encoding"] = "PCMU"
    return [connected, start]


def media(chunk: int, pcm: bytes, track: str = "inbound") -> dict[str, Any]:
    """A frame of either carrier: the words that both have in common."""
    payload = base64.b64encode(g711.pcm_to_mulaw(pcm)).decode()
    return {"event": "media", "media": {"track": track, "chunk": str(chunk), "timestamp": "0", "payload": payload}}


@dataclass
class Line:
    """What a carrier plays: one frame after the other from when it came. Marks are answered when they are reached."""

    frames: list[tuple[float, float, bytes]] = field(default_factory=list)
    """(came, is heard from, PCM); what a clear took away is not in it."""

    marks: list[tuple[float, str]] = field(default_factory=list)
    cleared: list[float] = field(default_factory=list)
    until: float = 0.0

    def take(self, message: dict[str, Any], now: float) -> list[tuple[float, str]]:
        """The marks to be sent back, and when."""
        if message["event"] == "media":
            pcm = g711.mulaw_to_pcm(base64.b64decode(message["media"]["payload"]))
            begins = max(self.until, now)
            self.until = begins + len(pcm) / 16000
            self.frames.append((now, begins, pcm))
        elif message["event"] == "mark":
            self.marks.append((max(self.until, now), message["mark"]["name"]))
            return self.marks[-1:]
        else:
            self.cleared.append(now)
            self.frames = [frame for frame in self.frames if frame[1] < now]
            waiting = [name for at, name in self.marks if at > now]
            self.marks = [mark for mark in self.marks if mark[0] <= now]
            self.until = now
            return [(now, name) for name in waiting]
        return []

    @property
    def heard(self) -> bytes:
        return b"".join(pcm for _, _, pcm in self.frames)


class Telephone:
    """`line` is what its owner hears. Frames are sent when they are full, as real ones are."""

    _number = 1000

    def __init__(self, session: Session, carrier: str = "twilio") -> None:
        self.session = session
        self.carrier = carrier
        self.line = Line()
        self.closed: tuple[int, str] | None = None
        self._conversation: Conversation | None = None
        self._dialect: Dialect | None = None
        self._leg: Leg | None = None
        self._chunk = 0

    async def call(self, calls: Calls, plant: Plant, **parameters: str) -> Telephone:
        first, start = hello(self.carrier, token=plant.token(self.session), **parameters)
        dialect = self._dialect = recognise(json.dumps(first).encode(), self.session.id)
        assert dialect.receive(json.dumps(first).encode(), binary=False) == ()
        (shown,) = dialect.receive(json.dumps(start).encode(), binary=False)
        assert isinstance(shown, Authentication)
        Telephone._number += 1
        self._leg = Leg(Telephone._number, shown.participant, dialect, self)
        self._leg.wants_original = shown.original_voice
        self._conversation = await calls.join(self.session.id, shown.token, self._leg)
        return self

    @property
    def leg(self) -> Leg:
        assert self._leg is not None
        return self._leg

    def send(self, frame: bytes, *, droppable: bool = False) -> None:
        """From the worker."""
        assert self.closed is None, "nothing may be sent on a closed socket"
        loop = asyncio.get_running_loop()
        for at, name in self.line.take(json.loads(frame), loop.time()):
            loop.call_at(at, self.say, {"event": "mark", "mark": {"name": name}})

    def close(self, code: int, reason: str) -> None:
        self.closed = self.closed or (int(code), reason)

    def say(self, message: dict[str, Any]) -> None:
        """To the worker, as it comes from the wire."""
        self.wire(json.dumps(message).encode())

    def wire(self, frame: bytes) -> None:
        assert self._dialect is not None and self._conversation is not None and self._leg is not None
        for read in self._dialect.receive(frame, binary=False):
            self._conversation.receive(self._leg, read)

    async def speak(self, pcm: bytes, frame_s: float = FRAME_S) -> None:
        """At real-time pace; a frame goes out when its last sample has been spoken."""
        loop = asyncio.get_running_loop()
        began, size = loop.time(), round(frame_s * 16000)
        for number, at in enumerate(range(0, len(pcm), size), 1):
            await asyncio.sleep(began + number * frame_s - loop.time())
            self._chunk += 1
            self.say(media(self._chunk, pcm[at : at + size].ljust(size, b"\0")))

    async def quiet(self, seconds: float) -> None:
        await self.speak(_SILENCE * round(seconds / FRAME_S))

    async def talk(self, seconds: float) -> None:
        await self.speak(loud(seconds))
