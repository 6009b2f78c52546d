"""What of the outbox is not known to be on the bus: a sparse index, which whoever publishes takes events out of.

It holds what is on its way, a second's worth, and what got lost on it; so it costs two small writes an event, and
looking for the lost costs as much as was lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.conditions import write_if
from core.adapters.dynamodb.outbox import kept_of
from core.ports import Kept

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# As many as a client has connections.
_AT_ONCE = 10


def unpublished(event_id: str, now: datetime) -> items.Item:
    """The attributes that put a new event into the index."""
    return {
        "unpublished_shard": items.text(table.unpublished_shard(event_id)),
        "unpublished_at": items.text(table.sortable(now)),
    }


@dataclass(frozen=True, slots=True)
class DynamoOutbox:
    client: DynamoDBClient
    table: str

    def published(self, keys: Sequence[str]) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(self._take_out, keys))

    def unpublished(self, before: datetime) -> Iterator[Kept]:
        for shard in range(table.OUTBOX_SHARDS):
            for keys in self._pages(table.shard_name(shard), before):
                with ThreadPoolExecutor(_AT_ONCE) as threads:
                    found = list(threads.map(self._get, keys))
                yield from (kept_of(item) for item in found if item is not None)

    def _pages(self, shard: str, before: datetime) -> Iterator[list[str]]:
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            IndexName=table.UNPUBLISHED,
            KeyConditionExpression="unpublished_shard = :shard AND unpublished_at < :before",
            ExpressionAttributeValues={
                ":shard": items.text(shard),
                ":before": items.text(table.sortable(before)),
            },
            PaginationConfig={"PageSize": 100},
        )
        with translated("Query"):
            for page in pages:
                yield [item["pk"]["S"] for item in page["Items"]]

    def _get(self, key: str) -> Mapping[str, Any] | None:
        """None when it has left the index, or the table, since that was read."""
        with translated("GetItem"):
            item = self.client.get_item(TableName=self.table, Key=_key(key), ConsistentRead=True).get("Item")
        return item if item is not None and "unpublished_at" in item else None

    def _take_out(self, key: str) -> None:
        write_if(
            "UpdateItem",
            self.client.update_item,
            TableName=self.table,
            Key=_key(key),
            UpdateExpression="REMOVE unpublished_shard, unpublished_at",
            ConditionExpression="attribute_exists(pk)",
        )


def _key(key: str) -> items.Item:
    return {"pk": items.text(key)}
