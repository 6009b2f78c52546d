"""The interpreters' booth of one conversation: voices in, turns and translated speech out.

A lane listens to each party, one interpreter translates, a voice speaks to each; the audience hears. Knows nothing of
sockets that come and go, of clocks or of billing: that is the conversation's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator

from core.domain.recordings import RATE_HZ
from core.domain.sessions import Session
from core.domain.transcripts import Turn
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
from media_worker.pipeline.recorder import Piece, Recorder
from media_worker.pipeline.sentence import Sentence
from media_worker.pipeline.track import Track
from media_worker.pipeline.typist import Typist
from media_worker.pipeline.utterance import Said, Utterance
from media_worker.pipeline.voice import Voice

_log = logging.getLogger(__name__)


class Booth:
    """`keep` stores and tells a turn, and says whether it could be stored."""

    def __init__(
        self,
        session: Callable[[], Session],
        equipment: Equipment,
        audience: Audience,
        gallery: Gallery,
        keep: Callable[[Turn], bool],
    ) -> None:
        self._session = session
        self._audience = audience
        self._gallery = gallery
        self._keep = keep
        now = session()
        self.cast = Cast(now)
        self._interpreter = Interpreter(session, self.cast, equipment, self, now.turn_count)
        self._typist = Typist(self._interpreter.final, self._unwritten, equipment)
        self._tracks = {party: Track(Lane(party, equipment, self, now.transcription)) for party in self.cast}
        chosen = ChosenVoices(now.voices, equipment.engines, self._voice_unknown)
        self._voices = {party: Voice(party, equipment, self, chosen) for party in self.cast}
        self._originals = {party: self._who_hears(party) for party in self.cast}
        self._original_sequence = 0
        self._recorder: Recorder | None = None

    @property
    def last_sequence(self) -> int:
        return self._interpreter.last_sequence

    def go_on_after(self, sequence: int) -> None:
        """Another worker has numbered turns up to there."""
        self._interpreter.last_sequence = sequence

    def hear(self, leg: Leg, party: Party, pcm: bytes, rate_hz: int, elapsed_s: float, now: float) -> float:
        """A piece of a speaker's voice; how far (s) it runs ahead of the clock."""
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
        if self._recorder is not None:
            self._recorder.write(party, position, narrow)
        if self._originals[party] or self._audience.wants_original:
            self._pass_on(leg, party, pcm, rate_hz)
        return track.timeline.ahead_s(elapsed_s)

    def write(self, party: Party, text: str, at_s: float) -> bool:
        """Something typed; False when it was refused."""
        return self._typist.write(party, text, at_s)

    def pause(self, paused: bool) -> None:
        for track in self._tracks.values():
            track.lane.pause(paused)

    def tick(self, now: float) -> None:
        for track in self._tracks.values():
            track.lane.tick(now)

    def record_from(self, session: Session, elapsed_s: float) -> None:
        """Where asked for; a conversation that goes on here begins where its clock stands."""
        if session.recording.enabled:
            self._recorder = Recorder(session.id, session.recording.channels, int(elapsed_s * RATE_HZ))

    def recorded(self, now: int) -> Iterator[Piece]:
        """What of the recording is complete at `now` (8 kHz samples on the session's clock)."""
        return self._recorder.due(now) if self._recorder else iter(())

    def rest_of_recording(self, now: int) -> Iterator[Piece]:
        return self._recorder.rest(now) if self._recorder else iter(())

    async def drain(self) -> None:
        """Until everything said or typed so far has been told."""
        await asyncio.gather(*(track.lane.drain() for track in self._tracks.values()), self._typist.drain())

    async def close(self) -> None:
        lanes = (track.lane.close() for track in self._tracks.values())
        voices = (voice.close() for voice in self._voices.values())
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

    def fell_silent(self, party: Party) -> None:
        self._voices[party].go_on()

    def partial(self, party: Party, utterance: Utterance, language: str, text: str) -> None:
        wanted = self._session().transcription
        if wanted.enabled and wanted.partials:
            message = Transcript(
                utterance.segment_id, self.last_sequence + 1, party.role, language, text, False,
                utterance.start_s, utterance.end_s, 0.0, participant=party.id,
            )  # fmt: skip
            self._audience.tell(message, droppable=True)
            self._gallery.partial(message)

    async def final(self, said: Said) -> None:
        if said.party.detected:
            # What was not known when the call began decides who hears the voice itself.
            self._originals = {party: self._who_hears(party) for party in self.cast}
        await self._interpreter.final(said)

    def unheard(self, party: Party, code: str, segment_id: str | None = None) -> None:
        self._audience.tell(notices.failure(code, party.language, segment_id))

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
        self._audience.play(target, speech)

    def stop(self, target: Party, clear: Clear) -> None:
        self._audience.stop(target, clear)

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
