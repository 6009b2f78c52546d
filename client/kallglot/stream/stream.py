"""A call's socket: the JSON stream of contract section 9, in its late dialect.

    async with client.stream(session) as stream:
        async with stream.live("customer"):
            await stream.say("customer", mulaw)
        async for message in stream:
            ...

Like a telephone, an open microphone is never silent on the wire: from `live` on, a frame of every speaker goes out
each 20 ms, silence where nobody speaks. `say` queues speech behind what that speaker is still saying.

A lost connection is made again, for up to five minutes, and brings every final that was missed, none twice. What a
speaker has still to say waits until then; audio that was on its way to us is gone.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

from kallglot.stream.closing import SessionOver
from kallglot.stream.link import Address, Link, Renew
from kallglot.stream.messages import Message
from kallglot.stream.microphone import Microphone
from kallglot.stream.pace import Pace
from kallglot.stream.reconnecting import Reconnecting
from kallglot.stream.socket import Opener, Socket, open_socket
from kallglot.stream.sound import TELEPHONE, SoundFormat

Paced = Callable[[float], Pace]
_USUAL = Reconnecting()


class Stream:
    """Speakers are `customer` and `agent`; sound is in `format`, both ways."""

    def __init__(
        self,
        address: Address | None = None,
        *,
        renew: Renew | None = None,
        participant: str | None = None,
        last_sequence: int | None = None,
        format: SoundFormat = TELEPHONE,
        frame_ms: int = 20,
        reconnecting: Reconnecting = _USUAL,
        opener: Opener = open_socket,
        pace: Paced = Pace,
    ) -> None:
        """`participant` says who listens here (a role, or a participant's id); left out, everything is heard.

        `renew` is asked for a fresh token when one has expired, and for the address when none was given.
        `last_sequence` 0 asks for every final from the beginning.
        """
        self.format = format
        self._frame_ms = frame_ms
        self._frame_bytes = format.frame_bytes(frame_ms)
        self._pace = pace
        self._muted = False
        self._microphones: dict[str, Microphone] = {}
        self._running: asyncio.Task[None] | None = None
        self._link = Link(
            address,
            opener,
            renew=renew,
            participant=participant,
            last_sequence=last_sequence,
            policy=reconnecting,
            restore=self._restore,
        )

    @classmethod
    def open(cls, url: str, token: str, **options: Any) -> Stream:
        """From what a session's `stream` says. Options are those of the class."""
        return cls(Address(url, token), **options)

    @property
    def last_sequence(self) -> int | None:
        """Of the last final that came; with it a later stream goes on where this one ended."""
        return self._link.last_sequence

    async def __aenter__(self) -> Self:
        """Connected, and part of the session. Raises StreamClosed."""
        self._running = asyncio.create_task(self._link.run(), name="kallglot-stream")
        try:
            await self._link.up()
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Leave; the session waits five minutes for somebody to come back. `end` ends it."""
        await self._leave()

    @asynccontextmanager
    async def live(self, *speakers: str) -> AsyncIterator[None]:
        """Open these microphones for the duration of the block."""
        self._microphones = {speaker: Microphone(self.format, self._frame_ms) for speaker in speakers}
        pump = asyncio.create_task(self._pump(), name="kallglot-microphones")
        try:
            yield
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    async def say(self, speaker: str, sound: bytes) -> None:
        """Returns when the last of it is on the wire, in real time. Raises StreamClosed when that will never be."""
        microphone = self._opened(speaker)
        microphone.queue(sound)
        await microphone.silent.wait()
        if microphone.has_more:
            await self._link.up()

    async def say_all(self, speaker: str, pieces: AsyncIterable[bytes]) -> None:
        """As `say`, of speech that comes in pieces, which are asked for when they are due: a long file, a pipe."""
        microphone = self._opened(speaker)
        async for piece in pieces:
            microphone.queue(piece, more_follows=True)
            await microphone.low.wait()
            if microphone.is_closed:
                await self._link.up()
        await self.say(speaker, b"")

    def feed(self, speaker: str, sound: bytes) -> None:
        """Live sound, as a device delivers it. While the connection is away the last two seconds are kept."""
        self._opened(speaker).feed(sound)

    async def send_text(self, speaker: str, text: str) -> None:
        """Translated and spoken to the other side like speech."""
        await self.send({"type": "text.input", "speaker": speaker, "text": text})

    async def mute(self, muted: bool = True) -> None:
        """Nothing of what this stream sends is heard; holds over reconnects."""
        self._muted = muted
        await self.control("mute" if muted else "unmute")

    async def control(self, action: str) -> None:
        """`pause_transcription`, `resume_transcription`, and what else the contract names."""
        await self.send({"type": "control", "action": action})

    async def tool_result(self, call_id: str, result: Any = None, *, error: str | None = None) -> None:
        """What a `ToolCall` came to: any JSON value, or with `error` why there is none."""
        outcome = {"result": result} if error is None else {"error": error}
        await self.send({"type": "tool.result", "call_id": call_id, **outcome})

    async def ping(self) -> None:
        await self.send({"type": "ping"})

    async def end(self) -> None:
        """Hang up; the server answers with `session.ended` and closes."""
        self._link.hang_up()
        with contextlib.suppress(SessionOver):
            await self.send({"type": "session.end"})

    async def send(self, message: Mapping[str, Any]) -> None:
        """On the connection there is, or the next one. Raises StreamClosed when there will be none."""
        await self._link.send(_json(message))

    async def receive(self) -> Message | None:
        """The next message; None when the session has ended. Raises StreamClosed when the stream is over otherwise."""
        return await self._link.take()

    async def __aiter__(self) -> AsyncIterator[Message]:
        """Messages until the session has ended. Raises StreamClosed for any other end."""
        while (message := await self.receive()) is not None:
            yield message

    def _opened(self, speaker: str) -> Microphone:
        if speaker not in self._microphones:
            raise ValueError(f"the {speaker}'s microphone is not open: use `async with stream.live({speaker!r})`")
        return self._microphones[speaker]

    async def _leave(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            await self._link.close()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _pump(self) -> None:
        """Frames at their time. After an absence time starts anew: what was not said in it is not made up for."""
        try:
            while True:
                socket = await self._link.up()
                pace = self._pace(self._frame_ms / 1000)
                while await self._link.up() is socket:
                    await pace.tick()
                    await self._send_frames()
        finally:
            for microphone in self._microphones.values():
                microphone.close()

    async def _send_frames(self) -> None:
        for speaker, microphone in self._microphones.items():
            await self._link.send(self._frame(speaker, microphone))
            microphone.done()

    def _frame(self, speaker: str, microphone: Microphone) -> str:
        sound = self.format
        audio: dict[str, Any] = {"encoding": sound.encoding, "sample_rate_hz": sound.rate_hz}
        if sound.channels > 1:
            audio["channels"] = sound.channels
        audio["payload"] = base64.b64encode(microphone.next()).decode()
        return _json(
            {
                "type": "audio.input",
                "sequence": microphone.sent + 1,
                "timestamp_ms": microphone.sent * self._frame_ms,
                "speaker": speaker,
                "audio": audio,
            }
        )

    async def _restore(self, socket: Socket) -> None:
        if self._muted:
            await socket.send(_json({"type": "control", "action": "mute"}))


def _json(message: Mapping[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)
