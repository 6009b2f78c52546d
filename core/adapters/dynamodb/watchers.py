"""Connections to the events socket and what they watch: the deliveries table.

What a connection watches stands in its own item, where it is counted, and once more below the session, where the
pushes look. A subscription that outlives its connection costs one failed push, which removes it; TTL takes the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.conditions import write_if
from core.domain.access import Tenant
from core.ports import Clock
from core.watcher_ports import Watcher

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ROOM = "attribute_exists(pk) AND (attribute_not_exists(watched) OR contains(watched, :id) OR size(watched) < :most)"
_NOT_RENEWED = "attribute_exists(pk) AND (attribute_not_exists(renewed_at) OR renewed_at < :since)"


@dataclass(frozen=True, slots=True)
class DynamoWatchers:
    client: DynamoDBClient
    table: str
    clock: Clock

    def add(self, watcher: Watcher) -> None:
        expires_at = items.number(table.epoch_s(watcher.expires_at))
        data = items.data(replace(watcher, watched=frozenset()))
        self._put({**_connection(watcher.connection_id), "data": data, "expires_at": expires_at})
        self._put({**_presence(watcher), "expires_at": expires_at})

    def count(self, tenant: Tenant, most: int) -> int:
        """Expired ones that are still there count, too: the table forgets them in its own time."""
        with translated("Query"):
            found = self.client.query(
                TableName=self.table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": items.text(table.connections_pk(tenant))},
                Select="COUNT",
                Limit=most,
            )
        return found["Count"]

    def find(self, connection_id: str) -> Watcher | None:
        with translated("GetItem"):
            item = self.client.get_item(TableName=self.table, Key=_connection(connection_id), ConsistentRead=True).get(
                "Item"
            )
        return _watcher(item) if item and items.is_kept(item, self.clock.now()) else None

    def remove(self, connection_id: str) -> None:
        """The connection itself goes last, so that what fails in between can be done again."""
        watcher = self.find(connection_id)
        if watcher is None:
            return
        for session_id in watcher.watched:
            self._delete(_subscription(watcher.tenant, connection_id, session_id))
        self._delete(_presence(watcher))
        self._delete(_connection(connection_id))

    def subscribe(self, watcher: Watcher, session_id: str, most: int) -> bool:
        noted = self._update(
            watcher.connection_id,
            "ADD watched :ids",
            _ROOM,
            {":ids": {"SS": [session_id]}, ":id": items.text(session_id), ":most": items.number(most)},
        )
        if noted:
            expires_at = items.number(table.epoch_s(watcher.expires_at))
            key = _subscription(watcher.tenant, watcher.connection_id, session_id)
            self._put({**key, "expires_at": expires_at})
        return noted

    def unsubscribe(self, tenant: Tenant, connection_id: str, session_id: str) -> None:
        self._delete(_subscription(tenant, connection_id, session_id))
        ids: Any = {":ids": {"SS": [session_id]}}
        self._update(connection_id, "DELETE watched :ids", "attribute_exists(pk)", ids)

    def watching(self, tenant: Tenant, session_id: str) -> list[str]:
        pk = items.text(table.watch_pk(tenant, session_id))
        found = (item for item in self._below(pk) if items.is_kept(item, self.clock.now()))
        return [item["sk"]["S"].removeprefix(table.connection_key("")) for item in found]

    def renew(self, connection_id: str, now: datetime, unless_since: datetime) -> bool:
        at = {":now": items.text(table.sortable(now)), ":since": items.text(table.sortable(unless_since))}
        return self._update(connection_id, "SET renewed_at = :now", _NOT_RENEWED, at)

    def _below(self, pk: Any) -> Iterator[dict[str, Any]]:
        query: Any = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": pk},
            "ConsistentRead": True,
        }
        with translated("Query"):
            for page in self.client.get_paginator("query").paginate(**query):
                yield from page["Items"]

    def _update(self, connection_id: str, change: str, condition: str, values: Any) -> bool:
        """False when the condition does not hold."""
        written, _ = write_if(
            "UpdateItem",
            self.client.update_item,
            TableName=self.table,
            Key=_connection(connection_id),
            UpdateExpression=change,
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
        )
        return written

    def _put(self, item: items.Item) -> None:
        with translated("PutItem"):
            self.client.put_item(TableName=self.table, Item=item)

    def _delete(self, key: items.Item) -> None:
        with translated("DeleteItem"):
            self.client.delete_item(TableName=self.table, Key=key)


def _watcher(item: Any) -> Watcher:
    watched = frozenset(item["watched"]["SS"]) if "watched" in item else frozenset()
    return replace(items.read(Watcher, item), watched=watched)


def _connection(connection_id: str) -> items.Item:
    return {"pk": items.text(table.connection_key(connection_id)), "sk": items.text(table.CONNECTION_SK)}


def _presence(watcher: Watcher) -> items.Item:
    """By which the connections of a tenant are counted."""
    key = table.connection_key(watcher.connection_id)
    return {"pk": items.text(table.connections_pk(watcher.tenant)), "sk": items.text(key)}


def _subscription(tenant: Tenant, connection_id: str, session_id: str) -> items.Item:
    return {
        "pk": items.text(table.watch_pk(tenant, session_id)),
        "sk": items.text(table.connection_key(connection_id)),
    }
