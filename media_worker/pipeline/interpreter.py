"""From a finished utterance to the other parties: translate, tell, store, speak."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from core.domain.knowledge import Source
from core.domain.sessions import Session
from core.domain.transcripts import Translation, Turn
from media_worker.engines.base import EngineError
from media_worker.messages import Failure, Latency
from media_worker.pipeline import notices
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.latency import Stage
from media_worker.pipeline.party import Cast, Party
from media_worker.pipeline.sentence import Sentence
from media_worker.pipeline.utterance import Said

_log = logging.getLogger(__name__)


class Outcome(Protocol):
    """What becomes of a turn."""

    def is_listened_to(self, target: Party) -> bool:
        """Whether anybody is here as `target`."""
        ...

    def tell(self, message: Latency | Failure) -> None: ...

    def store(self, turn: Turn) -> None:
        """And tell it."""
        ...

    def speak(self, target: Party, sentence: Sentence) -> None: ...


@dataclass(slots=True)
class Interpreter:
    """One per conversation. Turns are numbered in the order in which they are told.

    Everything is translated for the other side, whether or not it is here, because the transcript keeps that; for
    further participants, with languages of their own, while they listen.
    """

    session: Callable[[], Session]
    cast: Cast
    equipment: Equipment
    outcome: Outcome
    last_sequence: int
    _complained: set[tuple[str, str, str]] = field(default_factory=set)

    async def final(self, said: Said) -> Mapping[str, Translation]:
        """What was made of it, by language."""
        targets = self._targets(said.party)
        languages = list(dict.fromkeys(party.language for party in targets if party.language))
        made = await asyncio.gather(*(self.translated(said, language) for language in languages))
        translations = {translation.language: translation for translation in made if translation is not None}
        said.watch.lap(Stage.MT, self.equipment.time())
        self.write(said, tuple(translations.values()))
        heard = [(party, translations.get(party.language or "")) for party in targets]
        self._speak(said, [(party, it) for party, it in heard if it and self._is_spoken(said, party, it)])
        return translations

    def _targets(self, speaker: Party) -> list[Party]:
        across, *others = self.cast.others(speaker)
        listening = [across, *(party for party in others if self.outcome.is_listened_to(party))]
        return [party for party in listening if self.cast.is_translated(speaker, party)]

    def _speak(self, said: Said, heard: Sequence[tuple[Party, Translation]]) -> None:
        """The first listener's time is the segment's; each of the others has a watch that nobody reads."""
        if not heard:
            self.outcome.tell(said.watch.report(said.segment_id))
        for number, (party, translation) in enumerate(heard):
            own = said if number == 0 else replace(said, watch=said.watch.copy())
            self.outcome.speak(party, Sentence(own, translation.text, translation.language, measured=number == 0))

    async def translated(self, said: Said, target: str) -> Translation | None:
        """None where that cannot be done, which has been told then."""
        if not self.equipment.engines.capabilities.translates(said.language, target):
            self._complain("translation_unavailable", said.language, target)
            return None
        work = self.equipment.engines.translate(said.text, said.language, target)
        try:
            text = await asyncio.wait_for(work, self.equipment.limits.engine_wait_s)
        except (EngineError, TimeoutError):
            _log.warning("translation failed", extra={"segment_id": said.segment_id})
            self.outcome.tell(notices.failure("translation_failed", segment_id=said.segment_id))
            return None
        wording = self.equipment.vocabulary.wording(said.language, target)
        return Translation(target, text, wording.missing(said.text, text))

    def write(
        self,
        said: Said,
        translations: tuple[Translation, ...],
        sources: tuple[Source, ...] = (),
        *,
        interrupted: bool = False,
    ) -> None:
        """`sources` and `interrupted` are a machine's."""
        if not self.session().transcription.enabled:
            return
        self.last_sequence += 1
        turn = self._turn(said, translations)
        self.outcome.store(replace(turn, sources=sources, interrupted=interrupted))

    def _turn(self, said: Said, translations: tuple[Translation, ...]) -> Turn:
        return Turn(
            id=said.segment_id,
            sequence=self.last_sequence,
            speaker=said.speaker,
            language=said.language,
            text=said.text,
            timestamp=self.equipment.clock.now(),
            start_s=said.start_s,
            end_s=said.end_s,
            confidence=said.confidence,
            translation=translations[0] if translations else None,
            further_translations=translations[1:],
            participant=said.party.id,
        )

    def _is_spoken(self, said: Said, party: Party, translation: Translation) -> bool:
        if not self.cast.hears_translation(said.party, party) or not translation.text.strip():
            return False
        if translation.language in self.equipment.engines.capabilities.speech_out:
            return True
        self._complain("voice_unavailable", said.language, translation.language)
        return False

    def _complain(self, code: str, source: str, target: str) -> None:
        """Once per pair: it will not change during the call."""
        if (code, source, target) not in self._complained:
            self._complained.add((code, source, target))
            self.outcome.tell(notices.failure(code, f"{source} to {target}"))
