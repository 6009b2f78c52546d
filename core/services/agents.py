"""A tenant's agents: create, list, read, change, remove, and the versions that changes have left."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.agent_ports import AgentStore
from core.domain import ids
from core.domain.access import Tenant
from core.domain.agent_records import Agent, agent_object, merged, next_version
from core.domain.paging import Page, Paged, cut
from core.errors import Conflict, IdempotencyKeyTaken, WriteConflict
from core.ports import Clock, IdempotencyStore, Ids
from core.services.agent_descriptions import AgentDescriptions, agent_not_found, version_not_found
from core.services.idempotency import Answer, RequestKey, answer_of_the_first, record_of, replayed

_ATTEMPTS = 5
_LARGEST_PAGE_BYTES = 4_000_000
"""What Lambda hands out in one answer, less a third."""


@dataclass(frozen=True, slots=True)
class NewAgent:
    name: str
    described: Mapping[str, Any]
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgentChange:
    """`described` has only what changes, and None for what is taken away; the others are None where they stay."""

    name: str | None = None
    described: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class AgentService:
    agents: AgentStore
    descriptions: AgentDescriptions
    idempotency: IdempotencyStore
    clock: Clock
    ids: Ids

    def create(self, tenant: Tenant, new: NewAgent, request: RequestKey | None = None) -> Answer:
        """Raises ValidationFailed."""
        if answer := replayed(self.idempotency, tenant, request):
            return answer
        self.descriptions.check(tenant, new.described)
        now = self.clock.now()
        agent = Agent(self.ids.new(ids.AGENT), tenant, new.name, new.described, now, now, dict(new.metadata))
        shown = agent_object(agent)
        try:
            self.agents.add(agent, record_of(self.clock, tenant, request, 201, shown))
        except (IdempotencyKeyTaken, WriteConflict):
            return answer_of_the_first(self.idempotency, tenant, request)
        return Answer(201, shown)

    def page(self, tenant: Tenant, page: Page) -> Paged[dict[str, Any]]:
        """Newest first. Raises NotFound for a cursor that is no agent of the tenant."""
        if page.cursor is not None:
            self._find(tenant, page.cursor, page.cursor_name)
        found = self.agents.between(
            tenant, page.ending_before, page.starting_after, page.limit + 1, oldest_first=page.is_backwards
        )
        return _paged(found, page)

    def get(self, tenant: Tenant, agent_id: str) -> dict[str, Any]:
        return agent_object(self._find(tenant, agent_id))

    def change(self, tenant: Tenant, agent_id: str, change: AgentChange) -> dict[str, Any]:
        """The next version, if that is another one than this. Raises NotFound, ValidationFailed or Conflict."""
        for _ in range(_ATTEMPTS):
            agent = self._find(tenant, agent_id)
            after = next_version(agent, _changed(agent, change), self.clock.now())
            if after is None:
                return agent_object(agent)
            if change.described:
                self.descriptions.check(tenant, after.described)
            try:
                self.agents.replace(after)
            except WriteConflict:
                continue
            return agent_object(after)
        raise _busy()

    def remove(self, tenant: Tenant, agent_id: str) -> dict[str, Any]:
        """With its versions; sessions keep what they were given of it. Raises NotFound or Conflict."""
        for _ in range(_ATTEMPTS):
            try:
                self.agents.remove(self._find(tenant, agent_id))
            except WriteConflict:
                continue
            return {"id": agent_id, "object": "agent", "deleted": True}
        raise _busy()

    def version(self, tenant: Tenant, agent_id: str, version: str) -> dict[str, Any]:
        """As it was then. Raises NotFound."""
        self._find(tenant, agent_id)
        return agent_object(self._version(tenant, agent_id, version))

    def versions(self, tenant: Tenant, agent_id: str, page: Page) -> Paged[dict[str, Any]]:
        """The newest first; cursors are their numbers. Raises NotFound."""
        self._find(tenant, agent_id)
        if page.cursor is not None:
            self._version(tenant, agent_id, page.cursor, page.cursor_name)
        newer_than, older_than = (int(end) if end else None for end in (page.ending_before, page.starting_after))
        found = self.agents.versions(
            tenant, agent_id, newer_than, older_than, page.limit + 1, oldest_first=page.is_backwards
        )
        return _paged(found, page)

    def _find(self, tenant: Tenant, agent_id: str, param: str | None = None) -> Agent:
        agent = self.agents.find(tenant, agent_id) if ids.is_one(agent_id, ids.AGENT) else None
        if agent is None:
            raise agent_not_found(param)
        return agent

    def _version(self, tenant: Tenant, agent_id: str, number: str, param: str | None = None) -> Agent:
        known = len(number) <= 8 and number.isascii() and number.isdigit() and not number.startswith("0")
        agent = self.agents.version(tenant, agent_id, int(number)) if known else None
        if agent is None:
            raise version_not_found(param)
        return agent


def _changed(agent: Agent, change: AgentChange) -> Agent:
    return replace(
        agent,
        name=agent.name if change.name is None else change.name,
        described=merged(agent.described, change.described),
        metadata=agent.metadata if change.metadata is None else dict(change.metadata),
    )


def _paged(found: Sequence[Agent], page: Page) -> Paged[dict[str, Any]]:
    """A page ends early, and says that there are more, where agents are so large that it would not go through."""
    shown = [agent_object(agent) for agent in found]
    room = _fitting(shown)
    return cut(shown[: room + 1], replace(page, limit=min(page.limit, room)))


def _fitting(shown: Sequence[Mapping[str, Any]]) -> int:
    """How many, from the first on, an answer has room for: one at least."""
    size = 0
    for count, each in enumerate(shown):
        size += len(json.dumps(each, ensure_ascii=False).encode())
        if size > _LARGEST_PAGE_BYTES and count:
            return count
    return max(1, len(shown))


def _busy() -> Conflict:
    return Conflict("ai_agent_busy", "the agent is changing too fast", retry_after_s=1)
