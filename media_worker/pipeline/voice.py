"""Speaking to one listener: sentences in order, at the pace at which they are heard."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol, cast

from core.domain.sessions import Role
from media_worker.audio.formats import SAMPLE_BYTES
from media_worker.engines.base import EngineError, SpeechRequest
from media_worker.messages import Latency, Speech
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.latency import Stage
from media_worker.pipeline.utterance import Said

_log = logging.getLogger(__name__)
_PIECE_MS = 100
_FRAME_MS = 20


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is to be spoken to `target`, and where it comes from."""

    said: Said
    text: str
    language: str


class Listeners(Protocol):
    """The legs on which a role hears."""

    def speech_rate_hz(self, target: Role) -> int | None:
        """None when nobody listens as this role."""
        ...

    def play(self, speech: Speech) -> None: ...

    def measured(self, latency: Latency) -> None: ...

    def unspoken(self, sentence: Sentence, code: str) -> None: ...


class Voice:
    """A bounded queue of sentences; when it is full the oldest waiting one stays unspoken (its text was sent)."""

    def __init__(self, target: Role, equipment: Equipment, listeners: Listeners) -> None:
        self._target = target
        self._equipment = equipment
        self._listeners = listeners
        self._waiting: deque[Sentence] = deque()
        self._arrived = asyncio.Event()
        self._sequence = 0
        self._played_until = 0.0
        self._task: asyncio.Task[None] | None = None

    def say(self, sentence: Sentence) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"speak-{self._target}")
        self._waiting.append(sentence)
        if len(self._waiting) > self._equipment.limits.waiting_sentences:
            self._listeners.unspoken(self._waiting.popleft(), "speech_skipped")
        self._arrived.set()

    async def close(self) -> None:
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                await self._speak(self._waiting.popleft())

    async def _speak(self, sentence: Sentence) -> None:
        sentence.said.watch.lap(Stage.QUEUE, self._equipment.time())
        rate_hz = self._listeners.speech_rate_hz(self._target)
        if rate_hz is None:
            self._listeners.measured(sentence.said.watch.report(sentence.said.segment_id))
            return
        try:
            await self._stream(sentence, rate_hz)
        except EngineError as error:
            _log.warning("a voice failed", extra={"code": error.code, "segment_id": sentence.said.segment_id})
            self._listeners.unspoken(sentence, "speech_failed")

    async def _stream(self, sentence: Sentence, rate_hz: int) -> None:
        request = SpeechRequest(sentence.text, sentence.language, rate_hz)
        piece_bytes = rate_hz * _PIECE_MS // 1000 * SAMPLE_BYTES
        first, rest = True, bytearray()
        async with aclosing(cast("Any", self._equipment.engines.speak(request))) as pieces:
            async for pcm in pieces:
                if first:
                    first = False
                    sentence.said.watch.lap(Stage.TTS, self._equipment.time())
                    self._listeners.measured(sentence.said.watch.report(sentence.said.segment_id))
                rest += pcm
                while len(rest) > piece_bytes:
                    await self._play(sentence, bytes(rest[:piece_bytes]), rate_hz)
                    del rest[:piece_bytes]
        await self._play(sentence, _whole_frames(bytes(rest), rate_hz), rate_hz, sentence.said.segment_id)

    async def _play(self, sentence: Sentence, pcm: bytes, rate_hz: int, mark: str | None = None) -> None:
        """Hand a piece on, at most `speech_ahead_s` before it will be heard."""
        now = self._equipment.time()
        early_s = self._played_until - now - self._equipment.limits.speech_ahead_s
        if early_s > 0:
            await asyncio.sleep(early_s)
        self._played_until = max(self._played_until, now) + len(pcm) / SAMPLE_BYTES / rate_hz
        self._sequence += 1
        said = sentence.said
        self._listeners.play(
            Speech(said.segment_id, self._sequence, said.speaker, self._target, sentence.language, pcm, rate_hz, mark)
        )


def _whole_frames(pcm: bytes, rate_hz: int) -> bytes:
    """Silence to the next 20 ms: telephones want whole frames."""
    frame_bytes = rate_hz * _FRAME_MS // 1000 * SAMPLE_BYTES
    return pcm + bytes(-len(pcm) % frame_bytes)
