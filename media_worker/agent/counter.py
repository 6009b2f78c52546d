"""The way of a conversation's tool calls to the customer's software, and of the answers back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from core.domain.sessions import Session
from core.domain.tool_calls import ToolCall
from core.errors import KallglotError
from media_worker.messages import Failure, ServerMessage, ToolAnswer, ToolAsked
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.ledger import Ledger

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counter:
    """`tell` goes to everybody on the session's streams; the event that watchers and webhooks get is written with the
    call."""

    ledger: Ledger
    equipment: Equipment
    tell: Callable[[ServerMessage], None]

    async def ask(self, call: ToolCall) -> bool:
        """Stored first, so that an answer that comes at once finds it."""
        asked = await self.ledger.change(lambda session: self.equipment.tool_calls.ask(session, call))
        if asked:
            self.tell(ToolAsked(call))
        return asked

    async def close(self, call: ToolCall) -> ToolCall | None:
        """Its time is over. As it is now, which may be answered after all."""
        closed: list[ToolCall] = []

        def write(session: Session) -> Session:
            after, found = self.equipment.tool_calls.time_out(session, call.id)
            closed.append(found)
            return after

        return closed[-1] if await self.ledger.change(write) else None

    async def find(self, call_id: str) -> ToolCall | None:
        """As it is stored; the control plane says that it has been answered."""
        session = self.ledger.session
        try:
            return await self.equipment.offload(self.equipment.tool_calls.find, session.tenant, session.id, call_id)
        except KallglotError as error:
            _log.warning("a tool call was not found", extra={"session_id": session.id, "code": error.code})
            return None

    async def answer(self, answer: ToolAnswer) -> ToolCall | Failure:
        """One that came on a stream: the call with it, or why it was not taken."""
        session, calls = self.ledger.session, self.equipment.tool_calls
        try:
            return await self.equipment.offload(
                calls.answer, session.tenant, session.id, answer.call_id, answer.result, failed=answer.failed
            )
        except KallglotError as error:
            return Failure(error.code, error.message)
