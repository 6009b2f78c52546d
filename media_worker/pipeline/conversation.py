"""One session on this worker: its legs, its clock, its billing, and its end.

Everything here runs on the event loop and nothing blocks: writes go to the ledger, models to the engines.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from core.domain.recordings import RATE_HZ
from core.domain.sessions import EndReason, Mode, Role, Session
from core.errors import Unavailable
from core.services.streams import SessionEnded
from media_worker.closing import CloseCode
from media_worker.messages import (
    AudioIn,
    Authentication,
    ClientMessage,
    Control,
    ControlAction,
    Ended,
    EndRequest,
    Failure,
    Ping,
    Pong,
    Ready,
    Refused,
    TextIn,
)
from media_worker.pipeline import notices
from media_worker.pipeline.audience import Audience, translates
from media_worker.pipeline.booth import Booth
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.ledger import Ledger
from media_worker.pipeline.leg import Leg
from media_worker.pipeline.meter import Meter

_log = logging.getLogger(__name__)
_AGENT_MODES = (Mode.AI_AGENT, Mode.HELP_CHAT_VOICE)


class Conversation:
    """`over` is called when nothing is left to do here; the session may go on elsewhere."""

    def __init__(self, session: Session, equipment: Equipment, over: Callable[[Conversation], None]) -> None:
        self.id = session.id
        self._equipment = equipment
        self._over = over
        self._ledger = Ledger(session, equipment, self._lost, self._stored)
        self._audience = Audience()
        self._booth = Booth(lambda: self._ledger.session, equipment, self._audience, self._ledger.turn)
        self._meter = Meter(session.usage)
        self._meter.translating = translates(session)
        self._closing = False
        self._joining = 0
        self._was_used = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._set_clocks(session)

    def _set_clocks(self, session: Session) -> None:
        """On the monotonic clock; a session that goes on here brings its times with it."""
        now, date = self._equipment.time(), self._equipment.clock.now()
        last = session.last_audio_at or session.created_at
        self._active_at = now - (date - last).total_seconds()
        self._began_at: float | None = None
        self._left_at: float | None = now
        self._checked_at = now
        self._heard = False
        if session.started_at is not None:
            elapsed_s = (date - session.started_at).total_seconds()
            self._began_at = now - elapsed_s
            self._booth.record_from(session, elapsed_s)

    # Legs

    @property
    def is_full(self) -> bool:
        return len(self._audience) >= self._equipment.limits.sockets_per_session

    @property
    def is_unused(self) -> bool:
        """Nobody has ever come in, and nobody is on the way."""
        return self._joining == 0 and not self._was_used

    async def join(self, leg: Leg) -> None:
        """Take a leg in and greet it. Raises what `StreamService.attach` raises."""
        before = self._ledger.session
        await self._attach()
        if self._closing:
            raise SessionEnded(self.id)
        self._was_used = True
        self._audience.add(leg)
        self._left_at = None
        if self._began_at is not None:
            self._meter.run(self._equipment.time())
        leg.send(self._greeting(leg, before))
        if before.mode in _AGENT_MODES:
            leg.send(notices.failure("agent_unavailable"))

    async def _attach(self) -> None:
        self._joining += 1
        try:
            if not self._closing:
                await asyncio.wait_for(self._ledger.attach(), self._equipment.limits.attach_s)
        except TimeoutError as error:
            raise Unavailable("attach_timeout", f"session {self.id} could not be taken in time") from error
        finally:
            self._joining -= 1

    def leave(self, leg: Leg) -> None:
        """The socket is gone. With the last one the reconnect window opens."""
        if not self._audience.remove(leg) or len(self._audience) or self._closing:
            return
        now = self._left_at = self._equipment.time()
        self._meter.pause(now)
        self._checkpoint(now)
        self._spawn(self._ledger.leave(lambda: not len(self._audience)))

    def _greeting(self, leg: Leg, before: Session) -> Ready:
        session = self._ledger.session
        languages = {p.language for p in session.participants} | {session.language_of(role) for role in Role}
        capabilities = self._equipment.engines.capabilities
        return Ready(
            status=session.status,
            participant=leg.participant,
            resumed=before.started_at is not None or before.turn_count > 0,
            last_sequence=self._booth.last_sequence,
            capabilities=tuple(capabilities.language(code) for code in sorted(filter(None, languages))),
        )

    # Messages

    def receive(self, leg: Leg, message: ClientMessage) -> None:
        if self._closing:
            return
        if type(message) is AudioIn:
            self._audio(leg, message)
        else:
            self._word(leg, message)

    def _word(self, leg: Leg, message: ClientMessage) -> None:
        match message:
            case TextIn():
                self._text(leg, message)
            case Ping():
                leg.send(Pong())
            case EndRequest():
                self.end(EndReason.COMPLETED, "explicit_end")
            case Control():
                self._control(leg, message.action)
            case Refused():
                leg.fail(Failure(message.code, message.message), self._equipment.time())
            case Authentication():
                leg.fail(notices.failure("already_authenticated"), self._equipment.time())

    def _audio(self, leg: Leg, frame: AudioIn) -> None:
        if leg.muted:
            return
        now = self._equipment.time()
        self._active_at, self._heard = now, True
        elapsed_s = now - (self._began_at if self._began_at is not None else self._begin(now))
        for role, pcm in leg.voices(frame):
            ahead_s = self._booth.hear(leg, role, pcm, frame.rate_hz, elapsed_s, now)
            if ahead_s > self._equipment.limits.ahead_s:
                leg.close(CloseCode.TOO_MUCH, "audio comes faster than time passes")

    def _begin(self, now: float) -> float:
        """The first audio: clocks, billing and the recording start."""
        self._began_at = now
        self._meter.run(now)
        self._booth.record_from(self._ledger.session, 0.0)
        self._spawn(self._ledger.first_audio())
        return now

    def _text(self, leg: Leg, message: TextIn) -> None:
        now = self._equipment.time()
        self._active_at, self._heard = now, True
        if not self._booth.write(leg.speaker(message.speaker), message.text, self._elapsed_s(now)):
            leg.fail(notices.failure("too_much_text"), now)

    def _control(self, leg: Leg, action: ControlAction) -> None:
        """Muting is the leg's own; a pause is everybody's: nothing is written down, the recording goes on."""
        if action in (ControlAction.MUTE, ControlAction.UNMUTE):
            leg.muted = action is ControlAction.MUTE
            return
        paused = action is ControlAction.PAUSE_TRANSCRIPTION
        self._booth.pause(paused)
        self._meter.translate(self._equipment.time(), translates(self._ledger.session) and not paused)

    # Time

    def tick(self, now: float) -> None:
        """A few times a second."""
        if self._closing:
            return
        self._booth.tick(now)
        self._record(now)
        if self._is_abandoned(now):
            self.end(EndReason.TIMEOUT, "timeout")
        elif now - self._checked_at >= self._equipment.limits.checkpoint_s:
            self._check(now)

    def _is_abandoned(self, now: float) -> bool:
        limits = self._equipment.limits
        without_leg = self._left_at is not None and now - self._left_at >= limits.reconnect_s
        return without_leg or now - self._active_at >= limits.idle_s

    def _elapsed_s(self, now: float) -> float:
        return 0.0 if self._began_at is None else now - self._began_at

    def _record(self, now: float) -> None:
        if self._booth.recorder is not None:
            for piece in self._booth.recorder.due(int(self._elapsed_s(now) * RATE_HZ)):
                self._ledger.piece(piece)

    def _check(self, now: float) -> None:
        """Write the meters; when there was nothing to meter, look whether the session was ended elsewhere."""
        self._checked_at = now
        if self._heard:
            self._checkpoint(now)
        else:
            self._spawn(self._ledger.refresh())

    def _checkpoint(self, now: float) -> None:
        heard, self._heard = self._heard, False
        self._ledger.checkpoint(self._meter.read(now), self._equipment.clock.now() if heard else None)

    # The end

    def end(self, reason: EndReason | None, told: str) -> None:
        """`reason` None when the session has been ended elsewhere. `told` is what the clients read."""
        if not self._closing:
            self._closing = True
            self._spawn(self._end(reason, told))

    async def hand_over(self) -> None:
        """Bring everything to paper so that another worker can go on; the sockets stay for `dismiss`."""
        if self._closing:
            return
        self._closing = True
        await self._within_limit(self._settle())
        await self._within_limit(self._ledger.leave(lambda: True))

    async def dismiss(self) -> None:
        """The clients may come again, elsewhere."""
        for leg in self._audience:
            leg.close(CloseCode.GOING_AWAY, "reconnect")
        await self._close()

    async def _end(self, reason: EndReason | None, told: str) -> None:
        self._meter.pause(self._equipment.time())
        if reason is not None:
            await self._within_limit(self._ledger.end(reason))
        await self._within_limit(self._settle())
        await self._within_limit(self._ledger.flushed())
        self._audience.tell(Ended(told))
        for leg in self._audience:
            leg.close(CloseCode.ENDED, told)
        await self._close()

    async def _settle(self) -> None:
        """The last words, the rest of the recording and the meters, written."""
        now = self._equipment.time()
        self._record_rest(now)
        try:
            await asyncio.wait_for(self._booth.drain(), self._equipment.limits.finish_utterance_s)
        except TimeoutError:
            _log.warning("the last words were not recognised in time", extra={"session_id": self.id})
        self._meter.pause(now)
        self._checkpoint(now)
        await self._ledger.flush()

    def _record_rest(self, now: float) -> None:
        if self._booth.recorder is not None:
            for piece in self._booth.recorder.rest(int(self._elapsed_s(now) * RATE_HZ)):
                self._ledger.piece(piece)

    async def _within_limit(self, work: Coroutine[Any, Any, None]) -> None:
        """What is not written by then is the sweep's to close."""
        try:
            await asyncio.wait_for(work, self._equipment.limits.flush_s)
        except TimeoutError:
            _log.error("a conversation could not be written in time", extra={"session_id": self.id})

    async def _close(self) -> None:
        self._over(self)
        await self._booth.close()
        await self._ledger.close()

    # What the ledger tells

    def _stored(self, session: Session) -> None:
        if session.is_closed and not self._closing:
            timed_out = session.end_reason is EndReason.TIMEOUT
            self.end(None, "timeout" if timed_out else "ended_by_api")

    def _lost(self) -> None:
        """Another worker holds the session now; whatever it still needs comes from its clients, over there."""
        if self._closing:
            return
        self._closing = True
        self._spawn(self.dismiss())

    def look(self) -> None:
        """The control plane says that something has happened to the session."""
        if not self._closing:
            self._spawn(self._ledger.refresh())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
