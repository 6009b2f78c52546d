"""The days of a tenant and their sum, each in USAGE_SHARDS items: all its calls add to the same day at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.batches import read_all
from core.domain.access import Tenant
from core.domain.sessions import Session
from core.domain.usage import Addition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UpdateTypeDef


@dataclass(frozen=True, slots=True)
class DynamoUsage:
    client: DynamoDBClient
    table: str

    def additions(self, tenant: Tenant, first: date, last: date) -> Iterator[Addition]:
        """One query a shard, each of at most as many small items as there are days."""
        for shard in range(table.USAGE_SHARDS):
            yield from (_read(item) for item in self._shard(table.usage_pk(tenant, shard), first, last))

    def active_us(self, organization_id: str) -> int:
        """One call: an item for each shard of either side."""
        sides = (Tenant(organization_id, livemode) for livemode in (True, False))
        keys = [_sum_key(side, shard) for side in sides for shard in range(table.USAGE_SHARDS)]
        return sum(items.number_of(item, "active_us") for item in read_all(self.client, self.table, keys))

    def _shard(self, pk: str, first: date, last: date) -> Iterator[dict[str, Any]]:
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": items.text(pk),
                ":first": items.text(first.isoformat()),
                ":last": items.text(last.isoformat()),
            },
            ConsistentRead=True,
        )
        with translated("Query"):
            for page in pages:
                yield from page["Items"]


def usage_update(session: Session, used: Addition, sk: str, table_name: str) -> UpdateTypeDef:
    """Exactly once: the session's version, in the same transaction, stands for the meters this was reckoned from."""
    return {
        "TableName": table_name,
        "Key": {
            "pk": items.text(table.usage_pk(session.tenant, table.usage_shard(session.id))),
            "sk": items.text(sk),
        },
        "UpdateExpression": "ADD active_us :active, translation_us :translation, ai_agent_us :ai_agent",
        "ExpressionAttributeValues": {
            ":active": items.number(used.active_us),
            ":translation": items.number(used.translation_us),
            ":ai_agent": items.number(used.ai_agent_us),
        },
    }


def _sum_key(tenant: Tenant, shard: int) -> items.Item:
    return {"pk": items.text(table.usage_pk(tenant, shard)), "sk": items.text(table.USAGE_SUM_SK)}


def _read(item: dict[str, Any]) -> Addition:
    counts = (items.number_of(item, name) for name in ("active_us", "translation_us", "ai_agent_us"))
    return Addition(date.fromisoformat(item["sk"]["S"]), *counts)
