"""AgentStore and ToolCallStore in memory."""

from __future__ import annotations

import threading

from core.domain.access import Tenant
from core.domain.agent_records import MOST_VERSIONS_KEPT, Agent
from core.domain.tool_calls import ToolCall
from core.errors import WriteConflict
from core.ports import IdempotencyRecord
from tests.fakes.stores import MemorySessions


class MemoryAgents:
    """Records lie with those of the sessions it is made with."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()
        self._kept: dict[tuple[Tenant, str], dict[int, Agent]] = {}

    def add(self, agent: Agent, idempotency: IdempotencyRecord | None = None) -> None:
        with self._lock:
            if self.find(agent.tenant, agent.id) is not None:
                raise WriteConflict(agent.id)
            if idempotency is not None:
                self._sessions._put_record(idempotency)
            self._kept[agent.tenant, agent.id] = {agent.version: agent}

    def replace(self, agent: Agent) -> None:
        with self._lock:
            kept = self._at(agent, agent.version - 1)
            kept[agent.version] = agent
            kept.pop(agent.version - MOST_VERSIONS_KEPT, None)

    def remove(self, agent: Agent) -> None:
        with self._lock:
            self._at(agent, agent.version)
            del self._kept[agent.tenant, agent.id]

    def find(self, tenant: Tenant, agent_id: str) -> Agent | None:
        kept = self._kept.get((tenant, agent_id))
        return kept[max(kept)] if kept else None

    def version(self, tenant: Tenant, agent_id: str, version: int) -> Agent | None:
        return self._kept.get((tenant, agent_id), {}).get(version)

    def between(
        self, tenant: Tenant, newer_than: str | None, older_than: str | None, limit: int, *, oldest_first: bool
    ) -> list[Agent]:
        inside = sorted(
            agent_id
            for owner, agent_id in self._kept
            if owner == tenant and (newer_than or "") < agent_id < (older_than or "~")
        )
        chosen = (inside if oldest_first else inside[::-1])[:limit]
        return [agent for agent_id in chosen if (agent := self.find(tenant, agent_id)) is not None]

    def versions(
        self,
        tenant: Tenant,
        agent_id: str,
        newer_than: int | None,
        older_than: int | None,
        limit: int,
        *,
        oldest_first: bool,
    ) -> list[Agent]:
        kept = self._kept.get((tenant, agent_id), {})
        inside = [
            version
            for version in sorted(kept)
            if version > (newer_than or 0) and (older_than is None or version < older_than)
        ]
        return [kept[version] for version in (inside if oldest_first else inside[::-1])[:limit]]

    def _at(self, agent: Agent, version: int) -> dict[int, Agent]:
        kept = self._kept.get((agent.tenant, agent.id))
        if not kept or max(kept) != version:
            raise WriteConflict(agent.id)
        return kept


class MemoryToolCalls:
    """The ToolCallStore side of `MemorySessions`."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._sessions = sessions

    def find(self, tenant: Tenant, session_id: str, call_id: str) -> ToolCall | None:
        return self._sessions._tool_calls.get((tenant, session_id, call_id))

    def close(self, tenant: Tenant, call: ToolCall) -> bool:
        with self._sessions._lock:
            held = self.find(tenant, call.session_id, call.id)
            if held is None or not held.is_pending:
                return False
            self._sessions._tool_calls[tenant, call.session_id, call.id] = call
            return True
