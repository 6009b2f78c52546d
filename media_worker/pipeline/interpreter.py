"""From a finished utterance to the other party: translate, tell, store, speak."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from core.domain.sessions import Role, Session
from core.domain.transcripts import Translation, Turn
from media_worker.engines.base import EngineError
from media_worker.messages import Failure, Latency
from media_worker.pipeline import notices
from media_worker.pipeline.audience import hears_translation, translates
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.latency import Stage
from media_worker.pipeline.utterance import Said
from media_worker.pipeline.voice import Sentence

_log = logging.getLogger(__name__)


class Outcome(Protocol):
    """What becomes of a turn."""

    def tell(self, message: Latency | Failure) -> None: ...

    def store(self, turn: Turn) -> None:
        """And tell it."""
        ...

    def speak(self, target: Role, sentence: Sentence) -> None: ...


@dataclass(slots=True)
class Interpreter:
    """One per conversation. Turns are numbered in the order in which they are told."""

    session: Callable[[], Session]
    equipment: Equipment
    outcome: Outcome
    last_sequence: int
    _complained: set[tuple[str, str, str]] = field(default_factory=set)

    async def final(self, said: Said) -> None:
        session = self.session()
        target = session.language_of(said.speaker.other)
        translation = await self._translated(said, target) if translates(session) and target else None
        said.watch.lap(Stage.MT, self.equipment.time())
        self._write(session, said, translation)
        if translation and self._is_spoken(session, said, translation):
            self.outcome.speak(said.speaker.other, Sentence(said, translation.text, translation.language))
        else:
            self.outcome.tell(said.watch.report(said.segment_id))

    async def _translated(self, said: Said, target: str) -> Translation | None:
        if not self.equipment.engines.capabilities.translates(said.language, target):
            self._complain("translation_unavailable", said.language, target)
            return None
        work = self.equipment.engines.translate(said.text, said.language, target)
        try:
            return Translation(target, await asyncio.wait_for(work, self.equipment.limits.engine_wait_s))
        except (EngineError, TimeoutError):
            _log.warning("translation failed", extra={"segment_id": said.segment_id})
            self.outcome.tell(notices.failure("translation_failed", segment_id=said.segment_id))
            return None

    def _write(self, session: Session, said: Said, translation: Translation | None) -> None:
        if not session.transcription.enabled:
            return
        self.last_sequence += 1
        self.outcome.store(self._turn(said, translation))

    def _turn(self, said: Said, translation: Translation | None) -> Turn:
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
            translation=translation,
        )

    def _is_spoken(self, session: Session, said: Said, translation: Translation) -> bool:
        if not hears_translation(session, said.speaker.other) or not translation.text.strip():
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
