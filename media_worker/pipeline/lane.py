"""One speaker: audio in, utterances out. Listening only; speaking is another task (`voice`).

With one task for both, a second speaker's transcript waited for the first one's speech to be played.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from core.domain import ids
from core.domain.recordings import RATE_HZ
from core.domain.sessions import Transcription
from media_worker.audio.formats import SAMPLE_BYTES
from media_worker.audio.turns import WINDOW_SAMPLES, Edge, Stir, TurnDetector
from media_worker.engines.base import EngineError, Recognition, StreamSpec
from media_worker.pipeline.detection import Tongue
from media_worker.pipeline.ear import Ear
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.intake import recogniser_rate_hz
from media_worker.pipeline.latency import Stage, Stopwatch
from media_worker.pipeline.party import Party
from media_worker.pipeline.utterance import Heard, Said, Utterance
from media_worker.pipeline.voice_activity import Seat, Window

_log = logging.getLogger(__name__)
_WINDOW_BYTES = WINDOW_SAMPLES * SAMPLE_BYTES


class Lane:
    def __init__(self, party: Party, equipment: Equipment, heard: Heard, wanted: Transcription) -> None:
        self.party = party
        self._wanted = wanted
        self._tongue = Tongue(party.language)
        self._equipment = equipment
        self._heard = heard
        self._detector = TurnDetector(equipment.turns)
        self._stir = Stir(equipment.turns)
        self._seat: Seat | None = None
        self._preroll: deque[Window] = deque(maxlen=equipment.turns.preroll_windows)
        self._narrow = self._wide = b""
        self._position = 0
        self._last_audio_at = 0.0
        self._ear: Ear | None = None
        self._ear_hears = self._tongue.asked
        self._deaf = False
        self._open: Utterance | None = None
        self._said: deque[Utterance] = deque()
        self._ended: asyncio.Queue[Utterance] = asyncio.Queue(equipment.limits.waiting_utterances)
        self._task: asyncio.Task[None] | None = None
        self.recogniser_hz: int | None = None
        self.paused = False

    def start(self, rate_hz: int) -> int:
        """At the first audio, whose rate decides what the recogniser will be given: 8000 or 16000 Hz."""
        self.recogniser_hz = recogniser_rate_hz(rate_hz)
        self._seat = self._equipment.voice_activity.join(self.judged)
        self._task = asyncio.create_task(self._listen(), name=f"listen-{self.party.role}")
        return self.recogniser_hz

    def hear(self, narrow: bytes, recogniser: bytes, position: int, now: float) -> None:
        """Audio of this speaker at `position`, both rates of the same moment. Never blocks."""
        assert self._seat is not None and self.recogniser_hz is not None
        if position != self._position + len(self._narrow) // SAMPLE_BYTES:
            self._position = position
            self._narrow = self._wide = b""
        self._last_audio_at = now
        self._narrow += narrow
        if self.recogniser_hz != RATE_HZ:
            self._wide += recogniser
        self._cut(now)

    @property
    def hears_speech(self) -> bool:
        return self._detector.open

    def judged(self, window: Window, probability: float) -> None:
        """The detector's word on one window."""
        if self.paused:
            return
        self._stirs(probability)
        edge = self._detector.update(probability)
        if self._open is not None:
            self._go_on(self._open, window, probability)
        else:
            self._preroll.append(window)
        if edge is Edge.BEGIN:
            self._begin()
        elif edge is Edge.END:
            self._end()

    def _stirs(self, probability: float) -> None:
        if self._detector.open:
            return
        edge = self._stir.update(probability)
        if edge is Edge.BEGIN:
            self._heard.began(self.party)
        elif edge is Edge.END:
            self._heard.fell_silent(self.party, spoke=False)

    def tick(self, now: float) -> None:
        """Who stops sending has stopped speaking."""
        if self._open and now - self._last_audio_at >= self._equipment.turns.stalled_ms / 1000:
            self.cut()

    def cut(self) -> None:
        """End the open utterance here."""
        self._detector.cut()
        self._end()

    def pause(self, paused: bool) -> None:
        if paused:
            self.cut()
            self._preroll.clear()
        self.paused = paused

    async def drain(self) -> None:
        """Until everything that was said has been told."""
        self.cut()
        await self._ended.join()

    async def close(self) -> None:
        if self._seat is not None:
            self._equipment.voice_activity.leave(self._seat)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._ear is not None:
            await self._ear.close()

    def _cut(self, now: float) -> None:
        """Whole windows; a recogniser at the detector's rate is given the very same."""
        assert self.recogniser_hz is not None
        wide_bytes = 0 if self.recogniser_hz == RATE_HZ else _WINDOW_BYTES * self.recogniser_hz // RATE_HZ
        while len(self._narrow) >= _WINDOW_BYTES and len(self._wide) >= wide_bytes:
            narrow, self._narrow = self._narrow[:_WINDOW_BYTES], self._narrow[_WINDOW_BYTES:]
            wide, self._wide = self._wide[:wide_bytes], self._wide[wide_bytes:]
            self._window(narrow, wide or narrow, now - len(self._narrow) / SAMPLE_BYTES / RATE_HZ)

    def _window(self, narrow: bytes, wide: bytes, arrived_at: float) -> None:
        assert self._seat is not None
        self._seat.waiting.append(Window(narrow, wide, self._position, arrived_at))
        self._position += WINDOW_SAMPLES

    def _begin(self) -> None:
        windows = list(self._preroll)
        self._preroll.clear()
        if not self._can_listen():
            return
        assert self._ear is not None
        last = windows[-1]
        self._open = Utterance(
            segment_id=self._equipment.ids.new(ids.SEGMENT),
            begins=windows[-min(len(windows), self._equipment.turns.start_windows)].position,
            ends=last.position + WINDOW_SAMPLES,
            quiet_at=last.arrived_at,
            watch=Stopwatch(last.arrived_at),
            last_pcm=last.detector_pcm,
        )
        self._said.append(self._open)
        self._ear.begin(b"".join(window.recogniser_pcm for window in windows))

    def _can_listen(self) -> bool:
        if not self._equipment.engines.capabilities.hears(self._tongue.asked):
            self._complain("speech_unavailable")
            return False
        if self._ended.full():
            # Recognition is that far behind: rather one turn lost, and said so, than all of them late.
            self._heard.unheard(self.party, "recogniser_overloaded")
            return False
        if self._ear is None:
            self._ear = self._new_ear()
        return True

    def _new_ear(self) -> Ear:
        spec = StreamSpec(self._tongue.asked, self.recogniser_hz or RATE_HZ, self._wanted.hints, self._wanted.policy)
        self._ear_hears = spec.language
        return Ear(self._equipment.engines.listen(spec, self._partial), self._equipment.limits.engine_wait_s)

    def _complain(self, code: str) -> None:
        """Once; the speaker goes on speaking."""
        if not self._deaf:
            self._deaf = True
            self._heard.unheard(self.party, code)

    def _go_on(self, utterance: Utterance, window: Window, probability: float) -> None:
        assert self._ear is not None
        self._ear.feed(window.recogniser_pcm)
        if self._detector.is_speech(probability):
            utterance.ends = window.position + WINDOW_SAMPLES
            utterance.quiet_at = window.arrived_at
            utterance.last_pcm = window.detector_pcm

    def _end(self) -> None:
        self._stir.reset()
        utterance, self._open = self._open, None
        self._heard.fell_silent(self.party, spoke=utterance is not None)
        if utterance is None:
            return
        utterance.close()
        utterance.watch = Stopwatch(utterance.quiet_at)
        utterance.watch.lap(Stage.ENDPOINT, self._equipment.time())
        self._ended.put_nowait(utterance)

    def _partial(self, text: str) -> None:
        """Of the oldest unfinished utterance: the recogniser has only that one."""
        if self._said and text and self.party.language and text != self._said[0].tentative:
            self._said[0].tentative = text
            self._heard.partial(self.party, self._said[0], self.party.language, text)

    async def _listen(self) -> None:
        while True:
            utterance = await self._ended.get()
            try:
                await self._conclude(utterance)
            except Exception:
                _log.exception("an utterance was lost")
                self._heard.unheard(self.party, "internal_error", utterance.segment_id)
            finally:
                self._ended.task_done()

    async def _conclude(self, utterance: Utterance) -> None:
        assert self._ear is not None
        try:
            recognition = await self._ear.finish()
        except EngineError as error:
            _log.warning("recognition failed", extra={"code": error.code, "segment_id": utterance.segment_id})
            self._heard.unheard(self.party, "recognition_failed", utterance.segment_id)
            return
        finally:
            self._said.popleft()
        utterance.watch.lap(Stage.ASR, self._equipment.time())
        text = recognition.text.strip()
        if not (recognition.understood and text):
            self._heard.unheard(self.party, "not_understood", utterance.segment_id)
            return
        await self._learn(recognition)
        await self._heard.final(
            Said(
                segment_id=utterance.segment_id,
                party=self.party,
                language=recognition.language,
                text=text,
                start_s=utterance.start_s,
                end_s=utterance.end_s,
                confidence=recognition.confidence,
                watch=utterance.watch,
            )
        )

    async def _learn(self, recognition: Recognition) -> None:
        """The language of a party of whom nobody said it. Once settled, the next utterance is heard in it alone."""
        self._tongue.heard(recognition.language, recognition.language_confidence)
        self.party.language = self._tongue.language
        if self._ear is not None and self._ear_hears != self._tongue.asked and not self._said:
            ear, self._ear = self._ear, None
            await ear.close()
