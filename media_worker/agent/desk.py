"""The agent's place in a conversation: its answers become speech for the caller, and turns of the transcript."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.domain import ids
from core.domain.sessions import Role
from core.domain.transcripts import Translation
from media_worker.agent.answer import Answer, Room
from media_worker.agent.script import Script
from media_worker.messages import ServerMessage, Transcript
from media_worker.pipeline import notices
from media_worker.pipeline.booth import Booth
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.latency import Stopwatch
from media_worker.pipeline.party import Party
from media_worker.pipeline.sentence import Sentence
from media_worker.pipeline.utterance import Said


@dataclass(frozen=True, slots=True)
class Effects:
    """What the agent brings about beyond words."""

    tell: Callable[[ServerMessage], None]
    work: Callable[[bool], None]
    leave: Callable[[], None]
    end: Callable[[bool], None]


@dataclass(slots=True)
class FrontDesk:
    """`attendant.Desk`. `language` is the agent's."""

    language: str
    machine: Party
    booth: Booth
    equipment: Equipment
    effects: Effects
    elapsed_s: Callable[[], float]
    _reading: asyncio.Task[None] | None = None
    _complained: bool = False

    def answer(self, script: Script, watch: Stopwatch, ended: Callable[[Answer], None]) -> Answer:
        at_s = self.elapsed_s()
        segment_id = self.equipment.ids.new(ids.SEGMENT)
        said = Said(segment_id, self.machine, self.language, "", at_s, at_s, 1.0, watch)
        room = Room(self._render, self.equipment.time, self.elapsed_s)
        answer = Answer(said, script, room, self._sounding, ended)
        if self._target in self.equipment.engines.capabilities.speech_out:
            self.booth.speak(self.booth.caller, Sentence(said, "", self._target, unfolding=answer))
        else:
            self._complain()
            self._reading = asyncio.create_task(answer.read(), name="agent-text")
        return answer

    def keep(self, answer: Answer) -> None:
        began_s = answer.said.start_s if answer.began_s is None else answer.began_s
        said = replace(answer.said, text=answer.heard, start_s=began_s, end_s=max(began_s, self.elapsed_s()))
        translations = (Translation(self._target, answer.rendered),) if self._target != self.language else ()
        sources = tuple(dict.fromkeys(answer.script.sources))
        self.booth.interpreter.write(said, translations, sources, interrupted=not answer.is_whole)

    def hush(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self.booth.hush(self.booth.caller)

    def tell(self, code: str) -> None:
        self.effects.tell(notices.failure(code))

    def work(self, working: bool) -> None:
        self.effects.work(working)

    def end(self, *, silent: bool) -> None:
        self.effects.end(silent)

    @property
    def _target(self) -> str:
        """What the caller speaks; until they have spoken, what the agent does."""
        return self.booth.caller.language or self.language

    async def _render(self, clause: str) -> str | None:
        if self._target == self.language:
            return None
        said = Said("", self.machine, self.language, clause, 0.0, 0.0, 1.0, Stopwatch(0.0))
        translation = await self.booth.interpreter.translated(said, self._target)
        return translation.text if translation else None

    def _sounding(self, answer: Answer) -> None:
        own, rendered = answer.so_far
        said = answer.said
        translation = Translation(self._target, rendered) if self._target != self.language else None
        partial = Transcript(
            said.segment_id, self.booth.last_sequence + 1, Role.AGENT, self.language, own, False,
            said.start_s, max(said.start_s, self.elapsed_s()), 0.0, translation, participant=self.machine.id,
        )  # fmt: skip
        self.booth.tell_partial(partial)

    def _complain(self) -> None:
        """Once: it will not change during the call."""
        if not self._complained:
            self._complained = True
            self.effects.tell(notices.failure("voice_unavailable", self._target))
