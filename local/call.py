"""One call, both ends of it: speaks a dialogue into a stream and keeps what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from kallglot.stream import Closing, Stream, StreamClosed
from kallglot.stream.messages import AudioOutput, Ended, Latency, Message, Ready, StreamError, Transcript
from local.dialogue import Line
from local.ear import Ear

NOT_UNDERSTOOD = "not_understood"
_TRIES = 2
_ANSWER_S = 15.0
_SETTLE_S = 0.1


class TurnMissing(Exception):
    """A line was spoken and nothing, or not everything, came back."""


class Watcher(Protocol):
    """Who looks on while the call runs."""

    def spoken(self, line: Line) -> None: ...

    def message(self, message: Message) -> None: ...


@dataclass
class Call:
    watcher: Watcher
    ear: Ear = field(default_factory=Ear)
    ready: Ready | None = None
    finals: list[Transcript] = field(default_factory=list)
    latencies: list[Latency] = field(default_factory=list)
    errors: list[StreamError] = field(default_factory=list)
    ended: Ended | None = None
    _voiced: set[str] = field(default_factory=set)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def play(self, stream: Stream, dialogue: Sequence[Line], speech: Mapping[Line, bytes]) -> None:
        """The whole dialogue, each line after the one before it has been heard; then hang up.

        Raises TurnMissing, or StreamClosed when the server ends the call before us.
        """
        listening = asyncio.create_task(self._listen(stream))
        try:
            async with stream.live("customer", "agent"):
                for line in dialogue:
                    await _while(listening, self._turn(stream, line, speech))
            await stream.end()
            await asyncio.wait_for(asyncio.shield(listening), _ANSWER_S)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    def finals_of(self, speaker: str) -> list[Transcript]:
        return [final for final in self.finals if final.speaker == speaker]

    @property
    def misunderstood(self) -> int:
        return sum(error.code == NOT_UNDERSTOOD for error in self.errors)

    async def _turn(self, stream: Stream, line: Line, speech: Mapping[Line, bytes]) -> None:
        before = len(self.finals_of(line.speaker))
        await self._until_understood(stream, line, speech, before)
        await self._until(lambda: self._is_voiced(line, before), line, "its translation was never heard")
        await self._played(line.listener)

    async def _until_understood(self, stream: Stream, line: Line, speech: Mapping[Line, bytes], before: int) -> None:
        """Who is told that they were not understood says it again, as people do."""
        for _ in range(_TRIES):
            answered = partial(self._is_answered, line, before, self.misunderstood)
            self.watcher.spoken(line)
            await _say(stream, line, speech)
            await self._until(answered, line, "nothing came back")
            if len(self.finals_of(line.speaker)) > before:
                return
        raise TurnMissing(f"{line.speaker} said {line.text!r} {_TRIES} times and was not understood")

    def _is_answered(self, line: Line, finals: int, misunderstood: int) -> bool:
        return len(self.finals_of(line.speaker)) > finals or self.misunderstood > misunderstood

    def _is_voiced(self, line: Line, before: int) -> bool:
        return any(final.id in self._voiced for final in self.finals_of(line.speaker)[before:])

    async def _until(self, done: Callable[[], bool], line: Line, otherwise: str) -> None:
        try:
            async with asyncio.timeout(_ANSWER_S):
                while not done():
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise TurnMissing(f"{line.speaker} said {line.text!r}: {otherwise} in {_ANSWER_S:.0f} s") from None

    async def _played(self, listener: str) -> None:
        """Nobody answers before they have heard the translation."""
        while (remaining_s := self.ear.remaining_s(listener)) > -_SETTLE_S:
            await asyncio.sleep(max(0.0, remaining_s) + _SETTLE_S)

    async def _listen(self, stream: Stream) -> None:
        async for message in stream:
            self._keep(message)
            self.watcher.message(message)
            self._arrived.set()

    def _keep(self, message: Message) -> None:
        match message:
            case Ready():
                self.ready = message
            case Transcript(is_final=True):
                self.finals.append(message)
            case AudioOutput():
                self._voiced.add(message.segment_id)
                self.ear.hear_mulaw(message.target, message.payload)
            case Latency():
                self.latencies.append(message)
            case StreamError():
                self.errors.append(message)
            case Ended():
                self.ended = message


async def _say(stream: Stream, line: Line, speech: Mapping[Line, bytes]) -> None:
    if line.typed:
        await stream.send_text(line.speaker, line.text)
    else:
        await stream.say(line.speaker, speech[line])


async def _while(listening: asyncio.Task[None], turn: Coroutine[None, None, None]) -> None:
    """A turn, unless the server hangs up in the middle of it."""
    speaking = asyncio.ensure_future(turn)
    try:
        await asyncio.wait({speaking, listening}, return_when=asyncio.FIRST_COMPLETED)
        if not speaking.done():
            listening.result()
            raise StreamClosed(Closing(1000, "the server ended the call"))
    finally:
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
    speaking.result()
