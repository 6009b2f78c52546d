"""One call of `kallglot talk`: somebody speaks, everything that comes back is shown, kept and played."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from array import array
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from kallglot import audio
from kallglot.cli.call.captions import Captions
from kallglot.cli.call.devices import Loudspeaker, microphone
from kallglot.playback import Playback
from kallglot.stream import SoundFormat, Stream
from kallglot.stream.messages import AudioClear, AudioOutput, Message, Transcript

_LONGEST_ANSWER_S = 30.0


@dataclass
class Sounds:
    """What is heard: for a file, for a loudspeaker, or for nobody."""

    format: SoundFormat
    playback: Playback | None = None
    loudspeaker: Loudspeaker | None = None

    def message(self, message: Message) -> None:
        match message:
            case AudioOutput():
                self._hear(message.target, self._samples(message.payload))
            case AudioClear(target=str(target)):
                self._stop(target)

    def _hear(self, target: str, samples: array[int]) -> None:
        if self.playback is not None:
            with contextlib.suppress(KeyError):
                self.playback.hear(target, samples)
        if self.loudspeaker is not None:
            self.loudspeaker.play(audio.native(samples).tobytes())

    def _stop(self, target: str) -> None:
        if self.playback is not None:
            with contextlib.suppress(KeyError):
                self.playback.stop(target)
        if self.loudspeaker is not None:
            self.loudspeaker.stop()

    def _samples(self, payload: bytes) -> array[int]:
        if self.format.encoding == "mulaw":
            return audio.decode(payload)
        return audio.native(array("h", payload))


@dataclass
class Talk:
    """`pieces` None with `is_live`: a microphone. `linger_s` is how long nothing must come before it is over."""

    stream: Stream
    captions: Captions
    sounds: Sounds
    speaker: str
    texts: Sequence[str] = ()
    pieces: AsyncIterator[bytes] | None = None
    is_live: bool = False
    linger_s: float = 3.0
    hangs_up: bool = True
    _last_heard_s: float = field(default=0.0, init=False)

    async def run(self) -> bool:
        """False when it was interrupted. The session is ended either way, if `hangs_up`. Raises StreamClosed."""
        listening = asyncio.create_task(self._listen())
        with _stopped_by_signal() as stopped:
            speaking = asyncio.create_task(self._speak(stopped))
            try:
                await asyncio.wait({listening, speaking}, return_when=asyncio.FIRST_COMPLETED)
                if speaking.done():
                    speaking.result()
                    await self._leave(listening)
                if listening.done():
                    listening.result()
            finally:
                for task in (listening, speaking):
                    task.cancel()
                await asyncio.gather(listening, speaking, return_exceptions=True)
            return self.is_live or not stopped.is_set()

    async def _speak(self, stopped: asyncio.Event) -> None:
        """Until everything has been said and answered, or somebody stops it."""
        async with self.stream.live(self.speaker):
            saying = asyncio.create_task(self._say())
            stopping = asyncio.create_task(stopped.wait())
            try:
                await asyncio.wait({saying, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if saying.done():
                    saying.result()
            finally:
                saying.cancel()
                stopping.cancel()
                await asyncio.gather(saying, stopping, return_exceptions=True)

    async def _say(self) -> None:
        for text in self.texts:
            await self.stream.send_text(self.speaker, text)
        if self.pieces is not None:
            await self.stream.say_all(self.speaker, self.pieces)
        if self.is_live:
            await self._say_live()
        await self._quiet()

    async def _say_live(self) -> None:
        loop = asyncio.get_running_loop()

        def heard(pcm: bytes) -> None:
            loop.call_soon_threadsafe(self.stream.feed, self.speaker, pcm)

        with microphone(self.stream.format.rate_hz, heard):
            await asyncio.Event().wait()

    async def _quiet(self) -> None:
        """The microphone stays open meanwhile: only silence tells the server that a sentence has ended."""
        loop = asyncio.get_running_loop()
        began = self._last_heard_s = loop.time()
        while (
            left := self._last_heard_s + self.linger_s - loop.time()
        ) > 0 and loop.time() - began < _LONGEST_ANSWER_S:
            await asyncio.sleep(left)

    async def _leave(self, listening: asyncio.Task[None]) -> None:
        if not self.hangs_up:
            return
        await self.stream.end()
        await asyncio.wait({listening}, timeout=_LONGEST_ANSWER_S)

    async def _listen(self) -> None:
        async for message in self.stream:
            if isinstance(message, Transcript | AudioOutput):
                self._last_heard_s = asyncio.get_running_loop().time()
            self.sounds.message(message)
            self.captions.message(message)


@contextmanager
def _stopped_by_signal() -> Iterator[asyncio.Event]:
    """Ctrl-C, and SIGTERM, hang up; a second one ends the program at once."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        stopped.set()
        for each in signals:
            loop.remove_signal_handler(each)

    with ExitStack() as stack:
        for each in signals:
            _handle(loop, each, stop)
            stack.callback(_unhandle, loop, each)
        yield stopped


def _handle(loop: asyncio.AbstractEventLoop, number: int, stop: Callable[[], None]) -> None:
    # Only a main thread may, and on Windows nobody: there an interruption just ends the program.
    with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
        loop.add_signal_handler(number, stop)


def _unhandle(loop: asyncio.AbstractEventLoop, number: int) -> None:
    with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
        loop.remove_signal_handler(number)
