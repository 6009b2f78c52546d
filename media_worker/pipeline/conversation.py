"""One session on this worker: its legs, their messages, its clocks and its billing. How it ends is `ending`'s.

Everything here runs on the event loop and nothing blocks: writes go to the ledger, models to the engines.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.domain.recordings import RATE_HZ
from core.domain.sessions import EndReason, Role, Session
from core.domain.transcripts import Turn
from core.errors import KallglotError, Unavailable
from core.services.streams import SessionEnded
from media_worker.agent.place import Around, Place
from media_worker.closing import CloseCode
from media_worker.messages import (
    AudioIn,
    ClientMessage,
    Control,
    ControlAction,
    EndRequest,
    Ready,
    TextIn,
    ToolAnswer,
)
from media_worker.pipeline import asides, notices
from media_worker.pipeline.arrivals import Arrivals
from media_worker.pipeline.audience import Audience
from media_worker.pipeline.booth import Booth
from media_worker.pipeline.ending import Ending
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.finals import Finals
from media_worker.pipeline.gallery import Gallery
from media_worker.pipeline.ledger import Ledger
from media_worker.pipeline.leg import Leg
from media_worker.pipeline.meter import Meter
from media_worker.pipeline.presence import Presence

_log = logging.getLogger(__name__)
_FIRST_MESSAGE_S = 1.0


class Conversation:
    """`over` is called when nothing is left to do here; the session may go on elsewhere."""

    def __init__(self, session: Session, equipment: Equipment, over: Callable[[Conversation], None]) -> None:
        self.id = session.id
        equipment = replace(equipment, engines=equipment.engines.telling(self._notice))
        self._over = over
        self._equipment = equipment
        self._limits = equipment.limits
        now, date = equipment.time(), equipment.clock.now()
        self._presence = Presence.of(session, date, now)
        self._checked_at = now
        self._ledger = Ledger(session, equipment, self._lost, self._stored, self._written)
        self._audience = Audience(equipment.telemetry.note)
        self._finals = Finals(self._ledger.turn, self._audience.tell, self._limits.tell_final_s)
        self.gallery = Gallery(session, equipment.herald, equipment.clock)
        self._booth = Booth(
            lambda: self._ledger.session, equipment, self._audience, self.gallery, self._finals.add, self._elapsed_s
        )
        self._meter = Meter(session.usage, translating=self._booth.cast.translates)
        self._ending = Ending(self._audience, self._booth, self._ledger, equipment, self._write_down, self._is_over)
        self._muted: set[Role] = set()
        self._was_used = False
        self._arrivals = Arrivals(self._ledger, self._booth, self._finals, self._limits, self._go_on)
        self._stopped_at: float | None = None
        around = Around(
            self._ledger,
            self._booth,
            self._audience,
            lambda: self._meter,
            self._elapsed_s,
            self._ending.spawn,
            self._end,
        )
        self.agent = Place(around, equipment)

    # Legs

    @property
    def is_full(self) -> bool:
        """Those on the way have their places already: many come at once."""
        return len(self._audience) + self._arrivals.on_the_way >= self._limits.sockets_per_session

    @property
    def is_unused(self) -> bool:
        """Nobody has ever come in, and nobody is on the way."""
        return self._arrivals.on_the_way == 0 and not self._was_used

    async def join(self, leg: Leg, last_sequence: int | None = None) -> None:
        """Take a leg in, greet it and tell what it has missed.

        Raises InvalidRequest when nobody of its name takes part, and what `StreamService.attach` raises.
        """
        if self._ending.began:
            raise self._too_late()
        leg.meet(self._booth.cast)
        with self._arrivals.expected():
            await self._arrivals.attach()
            missed = await self._arrivals.missed_by(leg, last_sequence)
        if self._ending.began:
            raise self._too_late()
        self._was_used = True
        self._audience.add(leg)
        self._presence.left_at = None
        if self._presence.began_at is not None:
            self._meter.run(self._equipment.time())
        leg.send(self._greeting(leg))
        for transcript in missed():
            leg.send(transcript)
        if self._presence.began_at is not None:
            self.agent.begin(resumed=True)

    def _too_late(self) -> KallglotError:
        """Why it was too late to come in: the session is over, or only this worker's part of it."""
        if self._ledger.session.is_closed or self._stopped_at is not None:
            return SessionEnded(self.id)
        return Unavailable("session_moving", f"session {self.id} is being handed to another worker")

    def leave(self, leg: Leg) -> None:
        """The socket is gone. With the last one the reconnect window opens."""
        leg.left()
        if not self._audience.remove(leg) or self._ending.began:
            return
        self._arrivals.left(leg)
        if len(self._audience):
            return
        now = self._presence.left_at = self._equipment.time()
        self._meter.pause(now)
        self._checkpoint(now)
        self._ending.spawn(self._ledger.leave(lambda: not len(self._audience)))

    def _go_on(self, session: Session, turns: Sequence[Turn]) -> None:
        """Where its last owner stopped: same clocks, recording and meters."""
        now = self._equipment.time()
        self._presence = Presence.of(session, self._equipment.clock.now(), now)
        self._meter = Meter(session.usage, translating=self._booth.cast.translates)
        if session.started_at is not None:
            self._booth.tape.begin(session, self._presence.elapsed_s(now))
        self.agent.recall(turns)

    def _greeting(self, leg: Leg) -> Ready:
        session = self._ledger.session
        languages = {party.language for party in self._booth.cast}
        capabilities = self._equipment.engines.capabilities
        return Ready(
            status=session.status,
            participant=leg.party.role if leg.party else None,
            participant_id=leg.party.id if leg.party else None,
            resumed=session.started_at is not None or session.turn_count > 0,
            last_sequence=self._arrivals.last_told,
            capabilities=tuple(capabilities.language(code) for code in sorted(filter(None, languages))),
        )

    # Messages

    def receive(self, leg: Leg, message: ClientMessage) -> None:
        if self._ending.began:
            return
        if type(message) is AudioIn:
            self._audio(leg, message)
        else:
            self._word(leg, message)

    def _word(self, leg: Leg, message: ClientMessage) -> None:
        if asides.answer(leg, message, self._equipment.time(), self.id):
            self._audience.note_wishes()
        elif isinstance(message, TextIn):
            self._text(leg, message)
        elif isinstance(message, ToolAnswer):
            self.agent.answer(leg, message)
        elif isinstance(message, EndRequest):
            self._end(EndReason.COMPLETED, "explicit_end")
        elif isinstance(message, Control):
            self._pause(message.action is ControlAction.PAUSE_TRANSCRIPTION)

    def _audio(self, leg: Leg, frame: AudioIn) -> None:
        if leg.muted:
            return
        now = self._equipment.time()
        if self._presence.began_at is None:
            self._begin(now, frame)
        self._presence.touch(now)
        elapsed_s = self._presence.elapsed_s(now)
        for party, pcm in leg.voices(frame):
            if party.role in self._muted:
                continue
            ahead_s = self._booth.hear(leg, party, pcm, frame.rate_hz, elapsed_s, now)
            if ahead_s > self._limits.ahead_s:
                leg.close(CloseCode.TOO_MUCH, "audio comes faster than time passes")

    def _begin(self, now: float, frame: AudioIn) -> None:
        """The first audio: clocks, billing and the recording start. A message arrives with its end."""
        self._presence.began_at = now - min(frame.length_s, _FIRST_MESSAGE_S)
        self._meter.run(now)
        self._booth.tape.begin(self._ledger.session, 0.0)
        self._ending.spawn(self._ledger.first_audio())
        self.agent.begin(resumed=False)

    def _text(self, leg: Leg, message: TextIn) -> None:
        now = self._equipment.time()
        self._presence.touch(now)
        speaker = leg.speaker(message.speaker)
        if speaker.language is None:
            leg.fail(notices.failure("language_unknown"), now)
        elif not self._booth.write(speaker, message.text, self._presence.elapsed_s(now)):
            leg.fail(notices.failure("too_much_text"), now)

    def _pause(self, paused: bool) -> None:
        """Nothing is written down meanwhile; the recording goes on."""
        self._booth.pause(paused)
        self._meter.translate(self._equipment.time(), self._booth.cast.translates and not paused)

    # Time

    def tick(self, now: float) -> None:
        """A few times a second."""
        if self._ending.began:
            return
        self._booth.tick(now)
        self.agent.tick(now)
        for piece in self._booth.tape.due(int(self._presence.elapsed_s(now) * RATE_HZ)):
            self._ledger.piece(piece)
        if self._presence.is_over(now, idle_s=self._limits.idle_s, reconnect_s=self._limits.reconnect_s):
            self._end(EndReason.TIMEOUT, "timeout")
        elif now - self._checked_at >= self._limits.checkpoint_s:
            self._check(now)

    def _check(self, now: float) -> None:
        """Write the meters, in a hold too; when none runs, look whether the session was ended elsewhere."""
        self._checked_at = now
        if self._meter.is_running:
            self._checkpoint(now)
        else:
            self.look()

    def _checkpoint(self, now: float) -> None:
        heard = self._presence.was_heard()
        self._ledger.checkpoint(self._meter.read(now), self._equipment.clock.now() if heard else None)

    def _elapsed_s(self) -> float:
        return self._presence.elapsed_s(self._equipment.time())

    # The end

    def mute(self, role: Role, muted: bool) -> None:
        """By the control plane, and so on whatever leg that voice comes."""
        (self._muted.add if muted else self._muted.discard)(role)

    def look(self) -> None:
        """The control plane says that something has happened to the session, or may have."""
        if not self._ending.began:
            self._ending.spawn(self._ledger.refresh())

    async def hand_over(self) -> None:
        """Bring everything to paper so that another worker can go on; the sockets stay for `dismiss`."""
        await self._ending.hand_over()

    async def dismiss(self) -> None:
        """The clients may come again, elsewhere."""
        await self._ending.dismiss()

    def _end(self, reason: EndReason | None, told: str) -> None:
        if not self._ending.began:
            self._stopped_at = self._equipment.time()
            self._meter.pause(self._stopped_at)
            self._ending.end(reason, told)

    def _write_down(self) -> None:
        """Hand the ledger everything that is still only here."""
        now = self._equipment.time() if self._stopped_at is None else self._stopped_at
        for piece in self._booth.tape.rest(int(self._presence.elapsed_s(now) * RATE_HZ)):
            self._ledger.piece(piece)
        self._meter.pause(now)
        self._checkpoint(now)

    def _stored(self, session: Session) -> None:
        """After every write: somebody may have ended the session meanwhile."""
        if session.is_closed:
            timed_out = session.end_reason is EndReason.TIMEOUT
            self._end(None, "timeout" if timed_out else "ended_by_api")

    def _is_over(self) -> None:
        self._finals.close()
        self._over(self)

    def _written(self, turns: Sequence[Turn]) -> None:
        self._finals.written(turns)

    def _notice(self, code: str) -> None:
        """What engines could not do at once was done in another way."""
        self._audience.tell(notices.failure(code))

    def _lost(self) -> None:
        """Another worker holds the session now; whatever it still needs comes from its clients, over there."""
        self._finals.close()
        self._ending.abandon()
