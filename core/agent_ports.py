"""What agents and their tool calls need of the world; the rules of `core.ports` hold here too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.domain.access import Tenant
from core.domain.agent_records import Agent
from core.domain.tool_calls import ToolCall
from core.ports import IdempotencyRecord


class AgentStore(Protocol):
    """Strongly consistent; another tenant's agent is simply not there."""

    def add(self, agent: Agent, idempotency: IdempotencyRecord | None = None) -> None:
        """The agent, its first version and the record, or nothing. Raises IdempotencyKeyTaken or WriteConflict."""
        ...

    def replace(self, agent: Agent) -> None:
        """By its next version. Raises WriteConflict unless the stored one is the version before."""
        ...

    def remove(self, agent: Agent) -> None:
        """With all of its versions. Raises WriteConflict when it has changed, or is gone; trying again is harmless."""
        ...

    def find(self, tenant: Tenant, agent_id: str) -> Agent | None: ...

    def version(self, tenant: Tenant, agent_id: str, version: int) -> Agent | None:
        """As it was then. None too where it is kept no more."""
        ...

    def between(
        self, tenant: Tenant, newer_than: str | None, older_than: str | None, limit: int, *, oldest_first: bool
    ) -> list[Agent]:
        """At most `limit` of those whose ids lie between the two, without them, from the newest or the oldest end."""
        ...

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
        """As `between`, of one agent's versions that are kept."""
        ...


class ToolCallStore(Protocol):
    """They are put there by `Commit`."""

    def find(self, tenant: Tenant, session_id: str, call_id: str) -> ToolCall | None:
        """Strongly consistent."""
        ...

    def close(self, tenant: Tenant, call: ToolCall) -> bool:
        """In the place of the pending one; False when that is pending no more, or never was there."""
        ...


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """`path` leads to what is wrong, from the value's root; `message` quotes nothing of the value."""

    path: tuple[str | int, ...]
    message: str


class Schemas(Protocol):
    """JSON Schema, draft 2020-12. For schemas whose form was checked by `core.domain.tool_schemas`."""

    def fault_in(self, schema: Mapping[str, Any]) -> SchemaFault | None:
        """What keeps this from being a schema."""
        ...

    def fault_of(self, value: Any, schema: Mapping[str, Any]) -> SchemaFault | None:
        """The first thing about `value`, any JSON, that does not fit."""
        ...
