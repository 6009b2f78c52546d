"""The interpreters' booth of one conversation: voices in, turns and translated speech out.

A lane listens to each party, one interpreter translates, a voice speaks to each; the audience hears. Knows nothing of
sockets that come and go, of clocks or of billing: that is the conversation's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from core.domain.sessions import Role, Session
from core.domain.transcripts import Translation, Turn
from media_worker.audio.formats import SAMPLE_BYTES
from media_worker.messages import Clear, Failure, Lag, Latency, Speech, Transcript
from media_worker.pipeline import notices
from media_worker.pipeline.audience import Audience
from media_worker.pipeline.chosen_voices import ChosenVoices
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.gallery import Gallery
from media_worker.pipeline.interpreter import Interpreter
from media_worker.pipeline.lane import Lane
from media_worker.pipeline.leg import Leg
from media_worker.pipeline.party import Cast, Party
from media_worker.pipeline.sentence import Sentence
from media_worker.pipeline.tape import Tape
from media_worker.pipeline.track import Track
from media_worker.pipeline.typist import Typist
from media_worker.pipeline.utterance import Said, Utterance
from media_worker.pipeline.voice import Voice

_log = logging.getLogger(__name__)


class Attends(Protocol):
    """A machine at one end: what the lead customer does is what it answers to."""

    def stirred(self) -> None: ...

    def fell_silent(self, *, spoke: bool) -> None: ...

    def heard(self, said: Said, text: str) -> None: ...

    def unheard(self) -> None: ...

    def settle(self) -> None: ...

    async def close(self) -> None: ...


class Booth:
    """`keep` stores and tells a turn, and says whether it could be stored. `elapsed_s` is the session's clock."""

    def __init__(
        self,
        session: Callable[[], Session],
        equipment: Equipment,
        audience: Audience,
        gallery: Gallery,
        keep: Callable[[Turn], bool],
        elapsed_s: Callable[[], float],
    ) -> None:
        self._session = session
        self._audience = audience
        self._gallery = gallery
        self._keep = keep
        self._elapsed_s = elapsed_s
        self._equipment = equipment
        now = session()
        self.cast = Cast(now)
        self.interpreter = Interpreter(session, self.cast, equipment, self, now.turn_count)
        self._typist = Typist(self.final, self._unwritten, equipment)
        self._tracks = {party: self._track(party) for party in self.cast}
        chosen = ChosenVoices(now.voices, equipment.engines, self._voice_unknown)
        yields = self.cast.machine is not None
        self._voices = {party: Voice(party, equipment, self, chosen, yields=yields) for party in self.cast}
        self._originals = {party: self._who_hears(party) for party in self.cast}
        self._original_sequence = 0
        self.tape = Tape()
        self._attendant: Attends | None = None

    @property
    def last_sequence(self) -> int:
        return self.interpreter.last_sequence

    def go_on_after(self, sequence: int) -> None:
        """Another worker has numbered turns up to there."""
        self.interpreter.last_sequence = sequence

    @property
    def caller(self) -> Party:
        """Whom a machine at the other end talks to."""
        return self.cast.side(Role.CUSTOMER)

    def seat(self, attendant: Attends, silence_ms: int | None) -> None:
        """A machine sits down in the agent's place. `silence_ms` of the caller end what they say."""
        self._attendant = attendant
        if silence_ms is not None:
            self._equipment = replace(self._equipment, turns=replace(self._equipment.turns, endpoint_ms=silence_ms))
            self._tracks[self.caller] = self._track(self.caller)

    def hand_over(self, language: str | None) -> None:
        """The machine leaves, and a human who speaks `language` has its place."""
        machine, self._attendant = self.cast.machine, None
        self.cast.hand_over(language)
        if machine is not None:
            self._tracks[machine] = self._track(machine)
        for voice in self._voices.values():
            voice.yields = False
        self._originals = {party: self._who_hears(party) for party in self.cast}

    def _track(self, party: Party) -> Track:
        return Track(Lane(party, self._equipment, self, self._session().transcription))

    def hear(self, leg: Leg, party: Party, pcm: bytes, rate_hz: int, elapsed_s: float, now: float) -> float:
        """A piece of a speaker's voice; how far (s) it runs ahead of the clock."""
        if party is self.cast.machine:
            return 0.0
        track = self._tracks[party]
        if not track.accepts(leg, now):
            leg.fail(notices.failure("speaker_taken"), now)
            return 0.0
        leg.spoken.add(party)
        lane = track.lane
        recogniser_hz = lane.recogniser_hz or lane.start(rate_hz)
        narrow, recogniser = leg.intake(party, rate_hz, recogniser_hz).convert(pcm)
        position = track.timeline.place(elapsed_s, len(narrow) // SAMPLE_BYTES, silent=not lane.hears_speech)
        lane.hear(narrow, recogniser, position, now)
        self.tape.hear(party, position, narrow)
        if self._originals[party] or self._audience.wants_original:
            self._pass_on(leg, party, pcm, rate_hz)
        return track.timeline.ahead_s(elapsed_s)

    def write(self, party: Party, text: str, at_s: float) -> bool:
        """Something typed; False when it was refused."""
        return party is not self.cast.machine and self._typist.write(party, text, at_s)

    def pause(self, paused: bool) -> None:
        for track in self._tracks.values():
            track.lane.pause(paused)

    def tick(self, now: float) -> None:
        for track in self._tracks.values():
            track.lane.tick(now)

    async def drain(self) -> None:
        """Until everything said or typed so far has been told. A machine says no more."""
        if self._attendant is not None:
            self._attendant.settle()
        await asyncio.gather(*(track.lane.drain() for track in self._tracks.values()), self._typist.drain())

    async def close(self) -> None:
        lanes = (track.lane.close() for track in self._tracks.values())
        voices = (voice.close() for voice in self._voices.values())
        if self._attendant is not None:
            await self._attendant.close()
        await asyncio.gather(*lanes, *voices, self._typist.close())

    def _who_hears(self, speaker: Party) -> tuple[Party, ...]:
        """The voice as it is, without asking for it."""
        return tuple(party for party in self.cast.others(speaker) if self.cast.hears_original(speaker, party))

    def _pass_on(self, leg: Leg, speaker: Party, pcm: bytes, rate_hz: int) -> None:
        """The original voice, at once."""
        everybody = self._originals[speaker]
        for listener in self.cast.others(speaker) if self._audience.wants_original else everybody:
            self._original_sequence += 1
            speech = Speech(
                None, self._original_sequence, speaker.role, listener.role, speaker.language or "", pcm, rate_hz,
                None, speaker.line,
            )  # fmt: skip
            self._audience.pass_on(listener, speech, leg, everybody=listener in everybody)

    # What lanes tell

    def began(self, party: Party) -> None:
        """Who starts to speak is not spoken to any longer."""
        if self._audience.may_interrupt(party):
            self._voices[party].interrupt()
        if self._attendant is not None and party is self.caller:
            self._attendant.stirred()

    def fell_silent(self, party: Party, *, spoke: bool) -> None:
        self._voices[party].go_on()
        if self._attendant is not None and party is self.caller:
            self._attendant.fell_silent(spoke=spoke)

    def partial(self, party: Party, utterance: Utterance, language: str, text: str) -> None:
        wanted = self._session().transcription
        if wanted.enabled and wanted.partials:
            message = Transcript(
                utterance.segment_id, self.last_sequence + 1, party.role, language, text, False,
                utterance.start_s, utterance.end_s, 0.0, participant=party.id,
            )  # fmt: skip
            self.tell_partial(message)

    def tell_partial(self, message: Transcript) -> None:
        self._audience.tell(message, droppable=True)
        self._gallery.partial(message)

    async def final(self, said: Said) -> None:
        if said.party.detected:
            # What was not known when the call began decides who hears the voice itself.
            self._originals = {party: self._who_hears(party) for party in self.cast}
        translations = await self.interpreter.final(said)
        if self._attendant is not None and said.party is self.caller:
            self._attendant.heard(said, self._for_the_machine(said, translations))

    def _for_the_machine(self, said: Said, translations: Mapping[str, Translation]) -> str:
        machine = self.cast.machine
        translation = translations.get(machine.language or "") if machine else None
        return translation.text if translation else said.text

    def unheard(self, party: Party, code: str, segment_id: str | None = None) -> None:
        self._audience.tell(notices.failure(code, party.language, segment_id))
        if self._attendant is not None and party is self.caller and segment_id is not None:
            self._attendant.unheard()

    def _unwritten(self, said: Said) -> None:
        self.unheard(said.party, "internal_error", said.segment_id)

    # What the interpreter makes

    def tell(self, message: Latency | Failure) -> None:
        self._audience.tell(message)

    def store(self, turn: Turn) -> None:
        self._gallery.final(turn.id)
        if not self._keep(turn):
            self._audience.tell(notices.failure("transcript_not_saved", segment_id=turn.id))

    def speak(self, target: Party, sentence: Sentence) -> None:
        self._voices[target].say(sentence)

    def is_listened_to(self, target: Party) -> bool:
        return bool(self._audience.listeners(target))

    # What voices need

    def speech_rate_hz(self, target: Party) -> int | None:
        return self._audience.speech_rate_hz(target)

    def play(self, target: Party, speech: Speech) -> None:
        if self.cast.machine is not None and target is self.caller:
            self.tape.speak(self.cast.machine, speech, self._elapsed_s())
        self._audience.play(target, speech)

    def stop(self, target: Party, clear: Clear) -> None:
        self.tape.cut(self._elapsed_s())
        self._audience.stop(target, clear)

    def hush(self, target: Party) -> None:
        self._voices[target].cut()

    def heard_s(self, target: Party, segment_id: str) -> float | None:
        return self._audience.heard_s(target, segment_id)

    def lagging(self, lag: Lag) -> None:
        self._audience.tell(lag)

    def measured(self, latency: Latency) -> None:
        self._audience.tell(latency)

    def _voice_unknown(self, language: str) -> None:
        _log.warning(
            "a voice that was asked for is not there", extra={"session_id": self._session().id, "language": language}
        )
        self._audience.tell(notices.failure("voice_unknown", language))

    def unspoken(self, sentence: Sentence, code: str) -> None:
        self._audience.tell(notices.failure(code, sentence.language, sentence.said.segment_id))
