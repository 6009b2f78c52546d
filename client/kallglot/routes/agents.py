"""/v1/agents: descriptions that sessions can name (`agents:read`, `agents:write`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from kallglot.exchange.requests import Repeat, Request, given, path, query
from kallglot.objects.agents import Agent
from kallglot.objects.bodies import one
from kallglot.objects.lists import Page, page_of
from kallglot.objects.recordings import Deleted
from kallglot.routes.inputs import AgentDescription, AgentUpdate
from kallglot.routes.route import Client, Listing, Resource, Route


class Agents(Resource[Client]):
    @Route
    def create(
        self,
        *,
        name: str,
        metadata: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        **described: Unpack[AgentDescription],
    ) -> Request[Agent]:
        """Keep a description, `system_prompt` at least. Name it in a session: `ai_agent={"id": agent.id}`."""
        fields = given(name=name, metadata=metadata and dict(metadata), **described)
        body = {**fields, **(extra_body or {})}
        return Request("POST", "/agents", one(Agent), {}, body, Repeat.BY_KEY, idempotency_key)

    @Route
    def get(self, agent_id: str, version: int | None = None) -> Request[Agent]:
        """As it is now, or as it was at a version."""
        of_version = ("versions", str(version)) if version is not None else ()
        return Request("GET", path("agents", agent_id, *of_version), one(Agent))

    @Listing
    def list(
        self, *, limit: int | None = None, starting_after: str | None = None, ending_before: str | None = None
    ) -> Request[Page[Agent]]:
        asked = query(limit=limit, starting_after=starting_after, ending_before=ending_before)
        return Request("GET", "/agents", page_of(Agent), asked)

    @Route
    def update(
        self, agent_id: str, *, extra_body: Mapping[str, Any] | None = None, **changes: Unpack[AgentUpdate]
    ) -> Request[Agent]:
        """The next version. What is not named stays, what is None is taken away, an object is replaced as a whole."""
        return Request("PATCH", path("agents", agent_id), one(Agent), {}, {**changes, **(extra_body or {})})

    @Route
    def delete(self, agent_id: str) -> Request[Deleted]:
        """With all its versions. Sessions keep the description that they were created with."""
        return Request("DELETE", path("agents", agent_id), one(Deleted))

    @Route
    def versions(
        self, agent_id: str, *, limit: int | None = None, starting_after: int | None = None
    ) -> Request[Page[Agent]]:
        """One page of them, the latest first; `starting_after` is a version's number. Fifty are kept."""
        asked = query(limit=limit, starting_after=starting_after)
        return Request("GET", path("agents", agent_id, "versions"), page_of(Agent), asked)
