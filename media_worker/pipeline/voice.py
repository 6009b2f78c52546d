"""Speaking to one listener: sentences in order, at the pace at which they are heard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace

from media_worker.audio.formats import SAMPLE_BYTES
from media_worker.audio.tempo import Tempo
from media_worker.engines.base import EngineError
from media_worker.messages import Clear, Lag, LagAction, Speech
from media_worker.pipeline.chosen_voices import ChosenVoices
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.latency import Stage
from media_worker.pipeline.party import Party
from media_worker.pipeline.sentence import Listeners, Sentence
from media_worker.pipeline.speech_queue import Portion, SpeechQueue
from media_worker.pipeline.unfolding import Unfolding

_log = logging.getLogger(__name__)
_PIECE_MS = 100
_FRAME_MS = 20
# Among pieces of sound: what comes next may take a while, so nothing waits to make up a whole piece.
_PAUSE = b""


class Voice:
    """Its queue is bounded, see `speech_queue`; what cannot be spoken any more is said to be skipped."""

    def __init__(
        self,
        target: Party,
        equipment: Equipment,
        listeners: Listeners,
        chosen: ChosenVoices | None = None,
        *,
        yields: bool = False,
    ) -> None:
        """`chosen` are the session's; without, each language has its default voice. One that `yields` does not begin
        either while its listener speaks, as somebody who answers, and does not interpret, would not."""
        self._target = target
        self._equipment = equipment
        self._limits = equipment.limits
        self._listeners = listeners
        self._chosen = chosen or ChosenVoices({}, equipment.engines)
        self._queue = SpeechQueue[Sentence](self._limits.backlog, self._limits.waiting_sentences)
        self._arrived = asyncio.Event()
        self._floor_is_free = asyncio.Event()
        self._floor_is_free.set()
        self._held_until = 0.0
        self._sequence = 0
        self._played_until = 0.0
        self._playing: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None
        self._speaking: asyncio.Task[None] | None = None
        self.yields = yields
        self._unfolding: Sentence | None = None
        self._sent_s = 0.0

    def say(self, sentence: Sentence) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"speak-{self._target.role}")
        if pushed_out := self._queue.put(sentence, self._equipment.time()):
            self._skip(*pushed_out)
        self._arrived.set()

    def interrupt(self) -> None:
        """The listener has begun to speak: what is being played stops and is not resumed; the transcript has it.

        What has not begun yet waits until the listener is silent again, at most `hold_s`.
        """
        if self.cut() or self.yields:
            self._held_until = self._equipment.time() + (self._limits.yield_s if self.yields else self._limits.hold_s)
            self._floor_is_free.clear()

    def cut(self) -> bool:
        """Stop at once what is being played; whether there was anything."""
        now = self._equipment.time()
        playing = [segment_id for segment_id, until in self._playing.items() if until > now]
        if self._speaking is not None and (playing or self._unfolding):
            self._speaking.cancel()
        unheard_s = max(0.0, self._played_until - now)
        if playing:
            self._playing.clear()
            self._played_until = now
        for segment_id in playing:
            self._listeners.stop(self._target, Clear(segment_id, self._target.role))
        self._end_unfolding(unheard_s, cut=True)
        return bool(playing)

    def go_on(self) -> None:
        """The listener is silent again."""
        self._floor_is_free.set()

    async def close(self) -> None:
        self._queue.clear()
        tasks = [task for task in (self._task, self._speaking) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while len(self._queue):
                await self._let_them_speak()
                await self._next(self._equipment.time())

    async def _let_them_speak(self) -> None:
        if not self._floor_is_free.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._floor_is_free.wait(), self._held_until - self._equipment.time())
            self._floor_is_free.set()

    async def _next(self, now: float) -> None:
        """A portion in a task of its own, so that it can be cut short."""
        for waited_s, sentence in self._queue.too_old(now):
            self._skip(waited_s, sentence)
        portion = self._queue.take(now)
        if portion is None:
            return
        self._speaking = asyncio.create_task(self._speak(portion))
        await asyncio.wait((self._speaking,))
        if not self._speaking.cancelled() and (error := self._speaking.exception()):
            _log.error("speaking failed", exc_info=error)
        self._speaking = None

    async def _speak(self, portion: Portion[Sentence]) -> None:
        now = self._equipment.time()
        for sentence in portion.sentences:
            sentence.said.watch.lap(Stage.QUEUE, now)
        rate_hz = self._listeners.speech_rate_hz(self._target)
        unfolding = portion.sentences[0].unfolding
        if rate_hz is None:
            self._measure(portion)
            if unfolding is not None:
                unfolding.over(0.0)
            return
        self._tell_lag(portion)
        try:
            if unfolding is None:
                await self._stream(portion, self._spoken(portion, rate_hz), rate_hz)
            else:
                await self._unfold(portion, unfolding, rate_hz)
        except EngineError as error:
            _log.warning("a voice failed", extra={"code": error.code})
            for sentence in portion.sentences:
                self._listeners.unspoken(sentence, "speech_failed")

    def _spoken(self, portion: Portion[Sentence], rate_hz: int) -> AsyncGenerator[bytes, None]:
        text = " ".join(sentence.text for sentence in portion.sentences)
        return self._chosen.speak(text, portion.sentences[0].language, rate_hz)

    async def _unfold(self, portion: Portion[Sentence], unfolding: Unfolding, rate_hz: int) -> None:
        """Over only when it was heard to its end: until then it can be cut short."""
        self._unfolding, self._sent_s = portion.sentences[0], 0.0
        try:
            await self._stream(portion, self._clauses(portion.sentences[0], unfolding, rate_hz), rate_hz)
            await asyncio.sleep(max(0.0, self._played_until - self._equipment.time()))
        finally:
            self._end_unfolding(max(0.0, self._played_until - self._equipment.time()), cut=False)

    def _end_unfolding(self, unheard_s: float, *, cut: bool) -> None:
        """Once. What clients tell of a cut is surer than what was reckoned here."""
        sentence, self._unfolding = self._unfolding, None
        if sentence is None or sentence.unfolding is None:
            return
        heard_s = self._sent_s - unheard_s
        told_s = self._listeners.heard_s(self._target, sentence.said.segment_id) if cut else None
        sentence.unfolding.over(heard_s if told_s is None else min(told_s, heard_s))

    async def _clauses(self, sentence: Sentence, unfolding: Unfolding, rate_hz: int) -> AsyncGenerator[bytes, None]:
        async with aclosing(unfolding.clauses()) as clauses:
            async for clause in clauses:
                async with aclosing(self._chosen.speak(clause.text, sentence.language, rate_hz)) as pieces:
                    async for pcm in pieces:
                        clause.length_s += len(pcm) / SAMPLE_BYTES / rate_hz
                        yield pcm
                yield _PAUSE

    async def _stream(self, portion: Portion[Sentence], sound: AsyncGenerator[bytes, None], rate_hz: int) -> None:
        first = portion.sentences[0]
        tempo = Tempo(rate_hz, portion.tempo) if portion.tempo > 1.0 else None
        piece_bytes = rate_hz * _PIECE_MS // 1000 * SAMPLE_BYTES
        begun, rest = False, bytearray()
        async with aclosing(sound) as pieces:
            async for pcm in pieces:
                if pcm == _PAUSE:
                    if rest:
                        await self._play(first, _whole_frames(bytes(rest), rate_hz), rate_hz)
                    rest = bytearray()
                    continue
                if not begun:
                    begun = True
                    self._begin(portion)
                rest += tempo.push(pcm) if tempo else pcm
                while len(rest) > piece_bytes:
                    await self._play(first, bytes(rest[:piece_bytes]), rate_hz)
                    del rest[:piece_bytes]
        if not begun and first.unfolding is not None:
            return
        rest += tempo.flush() if tempo else b""
        if first.unfolding is not None and not rest:
            # A mark goes with sound.
            rest += bytes(rate_hz * _FRAME_MS // 1000 * SAMPLE_BYTES)
        await self._play(first, _whole_frames(bytes(rest), rate_hz), rate_hz, first.said.segment_id)

    def _begin(self, portion: Portion[Sentence]) -> None:
        """The first sound is there. It will be heard when what was handed on before has been."""
        now = self._equipment.time()
        for sentence in portion.sentences:
            sentence.said.watch.lap(Stage.TTS, now)
            sentence.said.watch.lap(Stage.QUEUE, max(now, self._played_until))
            if sentence.unfolding is not None:
                sentence.unfolding.began()
        self._measure(portion)

    def _measure(self, portion: Portion[Sentence]) -> None:
        for sentence in portion.sentences:
            if sentence.measured:
                self._listeners.measured(sentence.said.watch.report(sentence.said.segment_id))

    async def _play(self, sentence: Sentence, pcm: bytes, rate_hz: int, mark: str | None = None) -> None:
        """Hand a piece on, at most `speech_ahead_s` before it will be heard."""
        now = self._equipment.time()
        early_s = self._played_until - now - self._limits.speech_ahead_s
        if early_s > 0:
            await asyncio.sleep(early_s)
            now = self._equipment.time()
        length_s = len(pcm) / SAMPLE_BYTES / rate_hz
        self._played_until = max(self._played_until, now) + length_s
        self._sent_s += length_s
        self._sequence += 1
        said = sentence.said
        self._note(said.segment_id, now)
        role = self._target.role
        speech = Speech(said.segment_id, self._sequence, said.speaker, role, sentence.language, pcm, rate_hz, mark)
        self._listeners.play(self._target, speech)

    def _note(self, segment_id: str, now: float) -> None:
        """What is at the listener and not yet played, segment by segment."""
        self._playing = {other: until for other, until in self._playing.items() if until > now}
        self._playing[segment_id] = self._played_until

    def _skip(self, waited_s: float, sentence: Sentence) -> None:
        if sentence.unfolding is not None:
            sentence.unfolding.over(0.0)
        self._listeners.lagging(self._lag(sentence, LagAction.SKIPPED, waited_s))
        self._listeners.unspoken(sentence, "speech_skipped")

    def _tell_lag(self, portion: Portion[Sentence]) -> None:
        first, *others = portion.sentences
        for other in others:
            lag = self._lag(other, LagAction.MERGED, portion.waited_s)
            self._listeners.lagging(replace(lag, into=first.said.segment_id))
        if portion.tempo > 1.0:
            lag = self._lag(first, LagAction.FASTER, portion.waited_s)
            self._listeners.lagging(replace(lag, tempo=portion.tempo))

    def _lag(self, sentence: Sentence, action: LagAction, waited_s: float) -> Lag:
        return Lag(sentence.said.segment_id, self._target.role, action, round(waited_s * 1000))


def _whole_frames(pcm: bytes, rate_hz: int) -> bytes:
    """Silence to the next 20 ms: telephones want whole frames."""
    frame_bytes = rate_hz * _FRAME_MS // 1000 * SAMPLE_BYTES
    return pcm + bytes(-len(pcm) % frame_bytes)
