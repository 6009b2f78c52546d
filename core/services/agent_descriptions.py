"""What describes an agent, checked in one place whichever way it comes: kept under an id, with a session, or as what a
session changes of an agent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.agent_ports import AgentStore, Schemas
from core.domain import ids
from core.domain.access import Tenant
from core.domain.agent_records import merged
from core.domain.tool_schemas import structure_fault
from core.errors import NotFound, invalid_field

LARGEST_BYTES = 64 * 1024
"""Of a whole description, as JSON: a session keeps it, and every write of the session carries it."""


@dataclass(frozen=True, slots=True)
class AgentDescriptions:
    """`has_base` says whether a tenant has a knowledge base of this id."""

    agents: AgentStore
    schemas: Schemas
    has_base: Callable[[Tenant, str], bool] = lambda tenant, base_id: True

    def check(self, tenant: Tenant, described: Mapping[str, Any], where: str = "") -> None:
        """What the fields alone cannot say. `where` begins the names of fields, as in `ai_agent.`.

        And whether the knowledge base that it names is there. Raises ValidationFailed.
        """
        base = described.get("knowledge_base_id")
        if base is not None and not self.has_base(tenant, base):
            raise invalid_field(f"{where}knowledge_base_id", "there is no such knowledge base")
        if len(json.dumps(described, ensure_ascii=False, separators=(",", ":")).encode()) > LARGEST_BYTES:
            raise invalid_field(f"{where}tools", f"with everything else they make more than {LARGEST_BYTES} bytes")
        for place, tool in enumerate(described.get("tools") or ()):
            for name in ("parameters", "result"):
                if tool.get(name) is not None:
                    self._check_schema(tool[name], f"{where}tools.{place}.{name}")

    def for_session(self, tenant: Tenant, given: Mapping[str, Any]) -> dict[str, Any]:
        """The whole description that a session keeps, from `{id, overrides}` or from one given with the session.

        With `id` and `version` where the agent is kept under an id. Raises NotFound or ValidationFailed.
        """
        if "id" not in given:
            self.check(tenant, given, "ai_agent.")
            return dict(given)
        agent = self.agents.find(tenant, given["id"]) if ids.is_one(given["id"], ids.AGENT) else None
        if agent is None:
            raise agent_not_found("ai_agent.id")
        described = merged(agent.described, given.get("overrides") or {})
        if given.get("overrides"):
            self.check(tenant, described, "ai_agent.overrides.")
        return {**described, "id": agent.id, "version": agent.version}

    def _check_schema(self, schema: Mapping[str, Any], param: str) -> None:
        if why := structure_fault(schema):
            raise invalid_field(param, why)
        if fault := self.schemas.fault_in(schema):
            at = ".".join(str(step) for step in fault.path)
            raise invalid_field(f"{param}.{at}" if at else param, f"is no JSON Schema: {fault.message}")


def agent_not_found(param: str | None = None) -> NotFound:
    return NotFound("ai_agent_not_found", "no such agent", param=param)


def version_not_found(param: str | None = None) -> NotFound:
    return NotFound("ai_agent_version_not_found", "the agent has no such version, or no more", param=param)
