"""An agent of ours sits down in a conversation: everything it is made of, put together, for as long as it stays."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from core.domain.agents import AgentSpec, spec_of
from core.domain.knowledge import Passage
from core.domain.tool_calls import ToolCall
from core.domain.transcripts import Turn
from media_worker.agent.attendant import Attendant
from media_worker.agent.composer import Composer, Exits
from media_worker.agent.desk import Effects, FrontDesk
from media_worker.agent.memory import Memory
from media_worker.agent.toolbox import Outlet, Toolbox
from media_worker.language_models.budget import Budget
from media_worker.language_models.leaks import Leaks
from media_worker.messages import ToolAnswer
from media_worker.pipeline.booth import Booth
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.ledger import Ledger
from media_worker.pipeline.party import Party

_log = logging.getLogger(__name__)


def sit_down(
    ledger: Ledger, booth: Booth, equipment: Equipment, effects: Effects, elapsed_s: Callable[[], float]
) -> Seat | None:
    """None where people talk to each other, or do by now."""
    spec, machine = spec_of(ledger.session), booth.cast.machine
    if spec is None or machine is None:
        return None
    return Seat(spec, machine, ledger, booth, equipment, effects, elapsed_s)


class Seat:
    def __init__(
        self,
        spec: AgentSpec,
        machine: Party,
        ledger: Ledger,
        booth: Booth,
        equipment: Equipment,
        effects: Effects,
        elapsed_s: Callable[[], float],
    ) -> None:
        self._language = machine.language or "en"
        self._elapsed_s = elapsed_s
        self._memory = Memory()
        tools = {tool.name: tool for tool in spec.tools}
        outlet = Outlet(self._ask, self._gave_up)
        self._toolbox = Toolbox(ledger.session.id, tools, outlet, equipment.ids, equipment.clock.now)
        composer = Composer(
            spec, self._language, equipment.language_model, self._memory, self._toolbox, self._look_up,
            Exits(effects.leave, lambda: effects.end(False)), Leaks(spec.system_prompt, filter(None, [spec.greeting])),
            Budget(spec.caps, equipment.prices),
        )  # fmt: skip
        desk = FrontDesk(self._language, machine, booth, equipment, effects, elapsed_s)
        waiting = equipment.limits.waiting_clauses
        self._attendant = Attendant(spec, self._language, desk, composer, self._memory, equipment.time, waiting)
        self._began = False
        booth.seat(self._attendant, spec.turn_taking.silence_ms)

    def recall(self, turns: Sequence[Turn]) -> None:
        """What was said before this worker came."""
        self._memory.recall(turns, self._language)

    def begin(self, *, resumed: bool) -> None:
        """The caller is there; once."""
        if not self._began:
            self._began = True
            self._attendant.begin(resumed=resumed)

    def tick(self, now: float) -> None:
        if self._began:
            self._attendant.tick(now, self._elapsed_s())

    def answered(self, answer: ToolAnswer) -> bool:
        """False when nobody waits for it."""
        if not self._toolbox.waits_for(answer.call_id):
            return False
        self._toolbox.answered(answer.call_id, answer.result, failed=answer.failed)
        return True

    async def close(self) -> None:
        await self._attendant.close()

    async def _look_up(self, question: str) -> Sequence[Passage]:
        return ()

    async def _ask(self, call: ToolCall) -> bool:
        return False

    async def _gave_up(self, call: ToolCall) -> None:
        return None
