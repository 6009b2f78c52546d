"""The agent's place in one conversation: an agent of ours sits in it, or nobody does, or nobody does any more."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.sessions import EndReason, Role
from core.domain.transcripts import Turn
from media_worker.agent.desk import Effects
from media_worker.agent.seat import Seat, sit_down
from media_worker.messages import AgentLeft, ToolAnswer
from media_worker.pipeline import notices
from media_worker.pipeline.audience import Audience
from media_worker.pipeline.booth import Booth
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.ledger import Ledger
from media_worker.pipeline.leg import Leg
from media_worker.pipeline.meter import Meter


@dataclass(frozen=True, slots=True)
class Around:
    """The conversation. `meter` is asked for every time, since another worker's is gone on with; `spawn` is for work
    that nobody waits for, `end` ends the session and says why."""

    ledger: Ledger
    booth: Booth
    audience: Audience
    meter: Callable[[], Meter]
    elapsed_s: Callable[[], float]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    end: Callable[[EndReason, str], None]


class Place:
    def __init__(self, around: Around, equipment: Equipment) -> None:
        self._around = around
        self._time = equipment.time
        effects = Effects(around.audience.tell, self._work, self._leave, self._end)
        self._seat: Seat | None = sit_down(around.ledger, around.booth, equipment, effects, around.elapsed_s)

    def recall(self, turns: Sequence[Turn]) -> None:
        """What was said before this worker came."""
        if self._seat is not None:
            self._seat.recall(turns)

    def begin(self, *, resumed: bool) -> None:
        """The caller is there; the first time counts."""
        if self._seat is not None:
            self._seat.begin(resumed=resumed)

    def tick(self, now: float) -> None:
        if self._seat is not None:
            self._seat.tick(now)

    def fetch(self, call_id: str) -> None:
        """The control plane has taken the answer to a tool call."""
        if self._seat is not None:
            self._around.spawn(self._seat.fetch(call_id))

    def answer(self, leg: Leg, answer: ToolAnswer) -> None:
        """One came on a stream."""
        self._around.spawn(self._answer(leg, answer))

    async def _answer(self, leg: Leg, answer: ToolAnswer) -> None:
        refused = await self._seat.answered(answer) if self._seat else notices.failure("tool_call_closed")
        if refused is not None:
            leg.fail(refused, self._time())

    def _work(self, working: bool) -> None:
        self._around.meter().work(self._time(), working)

    def _leave(self) -> None:
        """A human takes over: whoever joins as the agent, or is here already."""
        seat, self._seat = self._seat, None
        if seat is None:
            return
        around, now = self._around, self._time()
        around.spawn(seat.close())
        around.booth.hand_over(around.ledger.session.language_of(Role.AGENT))
        meter = around.meter()
        meter.work(now, False)
        meter.translate(now, around.booth.cast.translates)
        around.audience.tell(AgentLeft())
        around.spawn(around.ledger.agent_left())

    def _end(self, silent: bool) -> None:
        if silent:
            self._around.end(EndReason.TIMEOUT, "timeout")
        else:
            self._around.end(EndReason.COMPLETED, "agent_limit_reached")
