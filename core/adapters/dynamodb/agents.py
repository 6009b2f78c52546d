"""Agents: all of a tenant in one partition of the sessions table, in the order of their ids, and each one's versions in
a partition of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.parts import write_all, write_once
from core.adapters.dynamodb.transactions import Tables
from core.domain.access import Tenant
from core.domain.agent_records import MOST_VERSIONS_KEPT, Agent
from core.errors import WriteConflict
from core.ports import Clock, IdempotencyRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Before and behind every id of an agent, and more versions than anybody makes.
_FIRST, _LAST = "agt_", "agt_~"
_LAST_VERSION = 99_999_999
# A transaction takes 4 MB of items, and a version may have 200 kB.
_REMOVED_AT_ONCE = 15


@dataclass(frozen=True, slots=True)
class DynamoAgents:
    client: DynamoDBClient
    tables: Tables
    clock: Clock

    def add(self, agent: Agent, idempotency: IdempotencyRecord | None = None) -> None:
        head = {**self._head(agent), "ConditionExpression": "attribute_not_exists(pk)"}
        actions: list[Any] = [{"Put": head}, {"Put": self._version(agent)}]
        if write_once(self.client, actions, idempotency, self.tables.access, self.clock.now()):
            raise WriteConflict(agent.id)

    def replace(self, agent: Agent) -> None:
        head = {**self._head(agent), **_at(agent.version - 1)}
        actions: list[Any] = [{"Put": head}, {"Put": self._version(agent)}]
        if agent.version > MOST_VERSIONS_KEPT:
            actions.append(self._forget(agent, agent.version - MOST_VERSIONS_KEPT))
        if write_all(self.client, actions):
            raise WriteConflict(agent.id)

    def remove(self, agent: Agent) -> None:
        """The agent itself last: whoever tries again after a break finds it, and the rest of its versions."""
        oldest = max(1, agent.version - MOST_VERSIONS_KEPT + 1)
        for first in range(oldest, agent.version + 1, _REMOVED_AT_ONCE):
            last = min(first + _REMOVED_AT_ONCE, agent.version + 1)
            write_all(self.client, [self._forget(agent, version) for version in range(first, last)])
        key = {"TableName": self.tables.sessions, "Key": _key(table.agents_pk(agent.tenant), agent.id)}
        delete: Any = {"Delete": {**key, **_at(agent.version)}}
        if write_all(self.client, [delete]):
            raise WriteConflict(agent.id)

    def find(self, tenant: Tenant, agent_id: str) -> Agent | None:
        return self._get(table.agents_pk(tenant), agent_id)

    def version(self, tenant: Tenant, agent_id: str, version: int) -> Agent | None:
        return self._get(table.agent_versions_pk(tenant, agent_id), table.agent_version_sk(version))

    def between(
        self, tenant: Tenant, newer_than: str | None, older_than: str | None, limit: int, *, oldest_first: bool
    ) -> list[Agent]:
        """BETWEEN includes its ends: behind the lower one stands a space, the upper one is dropped."""
        first, last = f"{newer_than} " if newer_than else _FIRST, older_than or _LAST
        found = self._query(table.agents_pk(tenant), first, last, limit + 1, oldest_first)
        return [agent for agent in found if agent.id != last][:limit]

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
        first, last = (newer_than or 0) + 1, (older_than or _LAST_VERSION) - 1
        if first > last:
            return []
        ends = table.agent_version_sk(first), table.agent_version_sk(last)
        return list(self._query(table.agent_versions_pk(tenant, agent_id), *ends, limit, oldest_first))

    def _get(self, pk: str, sk: str) -> Agent | None:
        with translated("GetItem"):
            found = self.client.get_item(TableName=self.tables.sessions, Key=_key(pk, sk), ConsistentRead=True)
        return items.read(Agent, found["Item"]) if "Item" in found else None

    def _query(self, pk: str, first: str, last: str, most: int, oldest_first: bool) -> Iterator[Agent]:
        """Page by page: agents are large enough that fewer may come at once than were asked for."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.tables.sessions,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={":pk": items.text(pk), ":first": items.text(first), ":last": items.text(last)},
            ScanIndexForward=oldest_first,
            ConsistentRead=True,
            PaginationConfig={"MaxItems": most, "PageSize": most},
        )
        with translated("Query"):
            for page in pages:
                yield from (items.read(Agent, item) for item in page["Items"])

    def _head(self, agent: Agent) -> dict[str, Any]:
        return self._put(agent, table.agents_pk(agent.tenant), agent.id)

    def _version(self, agent: Agent) -> dict[str, Any]:
        pk = table.agent_versions_pk(agent.tenant, agent.id)
        return self._put(agent, pk, table.agent_version_sk(agent.version))

    def _put(self, agent: Agent, pk: str, sk: str) -> dict[str, Any]:
        item = {**_key(pk, sk), "version": items.number(agent.version), "data": items.data(agent)}
        return {"TableName": self.tables.sessions, "Item": item}

    def _forget(self, agent: Agent, version: int) -> Any:
        pk = table.agent_versions_pk(agent.tenant, agent.id)
        return {"Delete": {"TableName": self.tables.sessions, "Key": _key(pk, table.agent_version_sk(version))}}


def _at(version: int) -> dict[str, Any]:
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": items.number(version)},
    }


def _key(pk: str, sk: str) -> items.Item:
    return {"pk": items.text(pk), "sk": items.text(sk)}
