"""Tool calls, below their sessions in the sessions table. One is asked in its session's own write; an answer is a write
by itself, so that it does not have to wait for whatever else the session writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.conditions import write_if
from core.domain.access import Tenant
from core.domain.tool_calls import ToolCall, ToolCallStatus

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef


@dataclass(frozen=True, slots=True)
class DynamoToolCalls:
    client: DynamoDBClient
    table: str

    def find(self, tenant: Tenant, session_id: str, call_id: str) -> ToolCall | None:
        key: items.Item = {
            "pk": items.text(table.session_pk(tenant, session_id)),
            "sk": items.text(table.tool_call_sk(call_id)),
        }
        with translated("GetItem"):
            found = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return items.read(ToolCall, found["Item"]) if "Item" in found else None

    def close(self, tenant: Tenant, call: ToolCall) -> bool:
        closed, _ = write_if("PutItem", self.client.put_item, **tool_call_put(tenant, call, self.table))
        return closed


def tool_call_put(tenant: Tenant, call: ToolCall, table_name: str) -> PutTypeDef:
    """A pending one into an empty place, any other over the pending one: so it is asked once and closed once."""
    item: items.Item = {
        "pk": items.text(table.session_pk(tenant, call.session_id)),
        "sk": items.text(table.tool_call_sk(call.id)),
        "status": items.text(call.status.value),
        "data": items.data(call),
    }
    if call.is_pending:
        return {"TableName": table_name, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "TableName": table_name,
        "Item": item,
        "ConditionExpression": "#status = :pending",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":pending": items.text(ToolCallStatus.PENDING.value)},
    }
