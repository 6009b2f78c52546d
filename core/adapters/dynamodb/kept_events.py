"""Events as the outbox keeps them: by their ids, and by the time in their ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import batches, items, table
from core.adapters.dynamodb.parts import event_put, write_once
from core.domain.access import Tenant
from core.domain.events import Event
from core.ports import Clock, IdempotencyRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


@dataclass(frozen=True, slots=True)
class DynamoEvents:
    client: DynamoDBClient
    table: str
    access: str
    clock: Clock

    def find(self, tenant: Tenant, event_id: str) -> Event | None:
        with translated("GetItem"):
            item = self.client.get_item(TableName=self.table, Key=_key(tenant, event_id), ConsistentRead=True).get(
                "Item"
            )
        return items.read(Event, item) if item and items.is_kept(item, self.clock.now()) else None

    def add(self, event: Event, idempotency: IdempotencyRecord | None = None) -> bool:
        now = self.clock.now()
        put = event_put(event, self.table, now)
        new: TransactWriteItemTypeDef = {"Put": {**put, "ConditionExpression": "attribute_not_exists(pk)"}}
        return not write_once(self.client, [new], idempotency, self.access, now)

    def between(self, tenant: Tenant, first: str, last: str, limit: int) -> list[Event]:
        with translated("Query"):
            found = self.client.query(**self._query(tenant, first, last), Limit=min(limit, batches.MOST_AT_ONCE))
        keys = [_key(tenant, item["event_id"]["S"]) for item in found["Items"]]
        read = [items.read(Event, item) for item in batches.read_all(self.client, self.table, keys)]
        return sorted(read, key=lambda event: event.id)

    def count_between(self, tenant: Tenant, first: str, last: str, most: int) -> int:
        pages = self.client.get_paginator("query").paginate(
            **self._query(tenant, first, last), Select="COUNT", PaginationConfig={"MaxItems": most, "PageSize": most}
        )
        with translated("Query"):
            return min(most, sum(page["Count"] for page in pages))

    def _query(self, tenant: Tenant, first: str, last: str) -> dict[str, Any]:
        return {
            "TableName": self.table,
            "IndexName": table.BY_TENANT,
            "KeyConditionExpression": "tenant = :tenant AND event_id BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":tenant": items.text(str(tenant)),
                ":first": items.text(first),
                ":last": items.text(last),
            },
        }


def _key(tenant: Tenant, event_id: str) -> items.Item:
    return {"pk": items.text(table.event_pk(tenant, event_id))}
