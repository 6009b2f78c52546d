"""The composition root of what has to do with agents, as `wiring` is of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.adapters import clients
from core.adapters.dynamodb.agents import DynamoAgents
from core.adapters.dynamodb.knowledge import DynamoKnowledge
from core.adapters.dynamodb.tool_calls import DynamoToolCalls
from core.adapters.sqs import SqsInbox
from core.agent_ports import SchemaFault, Schemas
from core.domain.ids import KNOWLEDGE_BASE, is_one
from core.ports import Clock, IdempotencyStore, Ids
from core.services.agent_descriptions import AgentDescriptions
from core.services.agents import AgentService
from core.services.changes import Changes
from core.services.tool_calls import ToolCallService
from lambdas.runtime import session_wiring, settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


# Telling a worker is a courtesy; an answer to a client must not hang on it.
_SEND_TIMEOUT_S = 1.0


class LazySchemas:
    """Most cold starts see no tool: what checks schemas is loaded when the first one comes."""

    def fault_in(self, schema: Mapping[str, Any]) -> SchemaFault | None:
        return self._schemas.fault_in(schema)

    def fault_of(self, value: Any, schema: Mapping[str, Any]) -> SchemaFault | None:
        return self._schemas.fault_of(value, schema)

    @cached_property
    def _schemas(self) -> Schemas:
        from core.adapters.json_schemas import JsonSchemas  # noqa: PLC0415

        return JsonSchemas()


def descriptions(dynamo: DynamoDBClient, env: settings.Sessions, clock: Clock) -> AgentDescriptions:
    tables = session_wiring.tables(env)
    knowledge = DynamoKnowledge(dynamo, tables, clock)
    return AgentDescriptions(
        DynamoAgents(dynamo, tables, clock),
        LazySchemas(),
        lambda tenant, base_id: is_one(base_id, KNOWLEDGE_BASE) and knowledge.find_base(tenant, base_id) is not None,
    )


def tool_calls(
    dynamo: DynamoDBClient, env: settings.RestSettings, changes: Changes, described: AgentDescriptions
) -> ToolCallService:
    inbox = SqsInbox(clients.sqs(_SEND_TIMEOUT_S), env.inbox_prefix)
    return ToolCallService(changes, DynamoToolCalls(dynamo, env.sessions_table), described.schemas, inbox)


def agents(described: AgentDescriptions, idempotency: IdempotencyStore, clock: Clock, ids: Ids) -> AgentService:
    return AgentService(described.agents, described, idempotency, clock, ids)
