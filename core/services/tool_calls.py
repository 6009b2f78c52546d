"""What an agent has the customer's software do: asked by the worker that holds the session, answered by whoever can.

A call is asked in the session's own write, with the event that tells of it, and closed by one conditional write of its
own: of many answers, and of an answer and the end of its time, one counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.agent_ports import Schemas, ToolCallStore
from core.domain import ids
from core.domain.access import Tenant
from core.domain.agents import spec_of
from core.domain.events import EventType
from core.domain.sessions import Session
from core.domain.tool_calls import ToolCall, ToolCallClosed, answered, is_this_answer, timed_out, tool_call_object
from core.errors import FenceLost, NotFound, invalid_field
from core.ports import Commit, Fence, WorkerInbox
from core.services.changes import Changes

LARGEST_RESULT_BYTES = 32 * 1024
"""Of an answer as JSON: a model reads all of it."""


@dataclass(frozen=True, slots=True)
class ToolCallService:
    """`inbox` is None in a worker: there, who takes an answer is who waits for it."""

    changes: Changes
    calls: ToolCallStore
    schemas: Schemas
    inbox: WorkerInbox | None = None

    def ask(self, held: Session, call: ToolCall) -> Session:
        """Store `call` as pending, and tell of it, once for its id. `held` is the session as the worker holds it.

        Returns the session as it is now. Raises FenceLost or Conflict.
        """

        def decide(current: Session) -> Commit | None:
            # Somebody has written since. That may have been us, and only the answer was lost.
            if current.version != held.version and self._stored(current, call.id):
                return None
            told = (EventType.AGENT_TOOL_CALL, tool_call_object(call))
            return _fenced(held, replace(self.changes.commit_of(current, current, told), tool_calls=(call,)))

        return self.changes.apply(held, decide)

    def answer(self, tenant: Tenant, session_id: str, call_id: str, result: Any, *, failed: bool = False) -> ToolCall:
        """The call with its answer: `result`, any JSON, or with `failed` a sentence about what went wrong.

        The first answer counts; the very same one again is answered with it. Raises NotFound, ToolCallClosed, or
        ValidationFailed that names what does not fit by its path, as in `result.state`.
        """
        session = self._session(tenant, session_id)
        call = self.find(tenant, session_id, call_id)
        if call.is_pending:
            if self.changes.clock.now() >= call.expires_at:
                raise ToolCallClosed(call)
            self._check(session, call, result, failed)
            first = answered(call, result, failed=failed)
            call = first if self.calls.close(tenant, first) else self.find(tenant, session_id, call_id)
        if not is_this_answer(call, result, failed=failed):
            raise ToolCallClosed(call)
        self._tell_owner(session, call_id)
        return call

    def find(self, tenant: Tenant, session_id: str, call_id: str) -> ToolCall:
        """Raises NotFound."""
        known = ids.is_session_id(session_id) and ids.is_one(call_id, ids.TOOL_CALL)
        call = self.calls.find(tenant, session_id, call_id) if known else None
        if call is None:
            raise NotFound("tool_call_not_found", "the session has no such tool call", param="call_id")
        return call

    def time_out(self, held: Session, call_id: str) -> tuple[Session, ToolCall]:
        """The worker waits no longer. The call may turn out to be answered, at the last moment.

        Returns the session and the call as they are now. Raises FenceLost, NotFound or Conflict.
        """

        def decide(current: Session) -> Commit | None:
            call = self.find(current.tenant, current.id, call_id)
            if not call.is_pending:
                return None
            commit = self.changes.commit_of(current, current)
            return _fenced(held, replace(commit, tool_calls=(timed_out(call),)))

        session = self.changes.apply(held, decide)
        return session, self.find(session.tenant, session.id, call_id)

    def _check(self, session: Session, call: ToolCall, result: Any, failed: bool) -> None:
        where = "error" if failed else "result"
        if len(json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode()) > LARGEST_RESULT_BYTES:
            raise invalid_field(where, f"has more than {LARGEST_RESULT_BYTES} bytes of JSON")
        schema = None if failed else _result_schema(session, call.name)
        fault = self.schemas.fault_of(result, schema) if schema is not None else None
        if fault is not None:
            raise invalid_field(".".join((where, *(str(step) for step in fault.path))), fault.message)

    def _tell_owner(self, session: Session, call_id: str) -> None:
        """Best effort, and with a repeat once more: a worker that missed it asks again, or lets the time run out."""
        if self.inbox is not None and session.owner is not None and not session.is_closed:
            self.inbox.send(session.owner, {"type": "tool_result", "session_id": session.id, "call_id": call_id})

    def _session(self, tenant: Tenant, session_id: str) -> Session:
        session = self.changes.sessions.find(tenant, session_id) if ids.is_session_id(session_id) else None
        if session is None:
            raise NotFound("session_not_found", "no such session")
        return session

    def _stored(self, session: Session, call_id: str) -> bool:
        return self.calls.find(session.tenant, session.id, call_id) is not None


def _result_schema(session: Session, name: str) -> Mapping[str, Any] | None:
    """As it was declared; None where any JSON is an answer."""
    spec = spec_of(session)
    return next((tool.result for tool in spec.tools if tool.name == name), None) if spec else None


def _fenced(held: Session, commit: Commit) -> Commit:
    """The epoch is the one that the worker holds, not the one that was just read."""
    if held.owner is None or (commit.session.owner, commit.session.epoch) != (held.owner, held.epoch):
        raise FenceLost(held.id)
    return replace(commit, fence=Fence(held.owner, held.epoch))
