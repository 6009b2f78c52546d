"""An agent of ours sits down in a conversation: everything it is made of, put together, for as long as it stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.domain.agents import AgentSpec, spec_of
from core.domain.transcripts import Turn
from media_worker.agent.attendant import Attendant
from media_worker.agent.composer import Composer, Exits
from media_worker.agent.counter import Counter
from media_worker.agent.desk import Effects, FrontDesk
from media_worker.agent.memory import Memory
from media_worker.agent.toolbox import Outlet, Toolbox
from media_worker.knowledge.looking_up import LookingUp
from media_worker.language_models.budget import Budget
from media_worker.language_models.leaks import Leaks
from media_worker.messages import Failure, ToolAnswer
from media_worker.pipeline.booth import Booth
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.ledger import Ledger
from media_worker.pipeline.party import Party


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
        self._looking_up = LookingUp(
            equipment.knowledge, equipment.offload, ledger.session.tenant, spec.knowledge_base_id
        )
        tools = {tool.name: tool for tool in spec.tools}
        self._counter = Counter(ledger, equipment, effects.tell)
        self._toolbox = Toolbox(
            ledger.session.id, tools, Outlet(self._counter.ask, self._counter.close), equipment.tool_calls.schemas,
            equipment.ids, equipment.clock.now,
        )  # fmt: skip
        self._composer = composer = Composer(
            spec, self._language, equipment.language_model, self._memory, self._toolbox, self._looking_up.find,
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
            self._looking_up.begin()
            self._attendant.begin(resumed=resumed)

    def tick(self, now: float) -> None:
        if self._began:
            self._attendant.tick(now, self._elapsed_s())

    async def answered(self, answer: ToolAnswer) -> Failure | None:
        """By a stream; why it was not taken."""
        taken = await self._counter.answer(answer)
        if isinstance(taken, Failure):
            return taken
        self._toolbox.answered(taken.id, taken.result, failed=taken.failed)
        return None

    async def fetch(self, call_id: str) -> None:
        """An answer that the control plane has taken."""
        call = await self._counter.find(call_id) if self._toolbox.waits_for(call_id) else None
        if call is not None and not call.is_pending:
            self._toolbox.answered(call.id, call.result, failed=call.failed)

    async def close(self) -> None:
        await self._attendant.close()
        await self._composer.close()
        await self._looking_up.close()
