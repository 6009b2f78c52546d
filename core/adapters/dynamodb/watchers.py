"""Connections to the events socket and what they watch: the deliveries table.

A subscription that outlives its connection costs one failed push, after which it is removed; TTL takes the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.ports import Clock, Watcher

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoWatchers:
    client: DynamoDBClient
    table: str
    clock: Clock

    def add(self, watcher: Watcher) -> None:
        item: items.Item = {
            **_connection(watcher.connection_id),
            "data": items.data(watcher),
            "expires_at": items.number(table.epoch_s(watcher.expires_at)),
        }
        with translated("PutItem"):
            self.client.put_item(TableName=self.table, Item=item)

    def find(self, connection_id: str) -> Watcher | None:
        with translated("GetItem"):
            item = self.client.get_item(TableName=self.table, Key=_connection(connection_id), ConsistentRead=True).get(
                "Item"
            )
        return items.read(Watcher, item) if item and self._lives(item) else None

    def remove(self, connection_id: str) -> None:
        for session_id in self._watched_by(connection_id):
            self.unsubscribe(connection_id, session_id)
        self._delete(_connection(connection_id))

    def subscribe(self, watcher: Watcher, session_id: str) -> None:
        item: items.Item = {
            **_subscription(watcher.connection_id, session_id),
            "expires_at": items.number(table.epoch_s(watcher.expires_at)),
        }
        with translated("PutItem"):
            self.client.put_item(TableName=self.table, Item=item)

    def unsubscribe(self, connection_id: str, session_id: str) -> None:
        self._delete(_subscription(connection_id, session_id))

    def watching(self, session_id: str) -> list[str]:
        pages = self._query(
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": items.text(table.watch_pk(session_id))},
            ConsistentRead=True,
        )
        return [item["sk"]["S"].removeprefix(table.connection_key("")) for item in pages if self._lives(item)]

    def _watched_by(self, connection_id: str) -> list[str]:
        found = self._query(
            IndexName=table.BY_TARGET,
            KeyConditionExpression="sk = :sk",
            ExpressionAttributeValues={":sk": items.text(table.connection_key(connection_id))},
        )
        return [item["pk"]["S"].removeprefix(table.watch_pk("")) for item in found]

    def _query(self, **query: Any) -> Iterator[dict[str, Any]]:
        with translated("Query"):
            for page in self.client.get_paginator("query").paginate(TableName=self.table, **query):
                yield from page["Items"]

    def _delete(self, key: items.Item) -> None:
        with translated("DeleteItem"):
            self.client.delete_item(TableName=self.table, Key=key)

    def _lives(self, item: items.Item) -> bool:
        return items.number_of(item, "expires_at") > table.epoch_s(self.clock.now())


def _connection(connection_id: str) -> items.Item:
    return {"pk": items.text(table.connection_key(connection_id)), "sk": items.text(table.CONNECTION_SK)}


def _subscription(connection_id: str, session_id: str) -> items.Item:
    return {"pk": items.text(table.watch_pk(session_id)), "sk": items.text(table.connection_key(connection_id))}
