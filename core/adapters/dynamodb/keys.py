"""API keys for those who manage them. A key lies twice, written together: by its hash in the access table, where the
authorizer finds it, and by its id below its tenant in the sessions table, where a list finds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.parts import write_once
from core.adapters.dynamodb.transactions import Tables
from core.domain.access import ApiKey, Tenant
from core.errors import WriteConflict
from core.key_ports import Keyring
from core.ports import Clock, IdempotencyRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

# Before and behind every id of a key; the item that counts revocations lies outside.
_FIRST, _LAST = "key_", "key_~"
_NEW = "attribute_not_exists(pk)"
_STANDING = "attribute_exists(pk) AND attribute_not_exists(revoked_at)"


@dataclass(frozen=True, slots=True)
class DynamoKeys:
    client: DynamoDBClient
    tables: Tables
    clock: Clock

    def add(self, key: ApiKey, idempotency: IdempotencyRecord | None = None) -> None:
        self._write([self._found(key, _NEW), self._listed(key, _NEW)], key, idempotency)

    def revoke(self, revoked: ApiKey, keyring_version: int) -> None:
        """The key was read through its place in the list, so that is what is guarded; the other one follows it."""
        ring = self._ring(revoked.tenant, keyring_version)
        self._write([self._found(revoked, "attribute_exists(pk)"), self._listed(revoked, _STANDING), ring], revoked)

    def find(self, tenant: Tenant, key_id: str) -> ApiKey | None:
        item = self._get(tenant, key_id)
        return items.read(ApiKey, item) if item else None

    def keyring(self, tenant: Tenant) -> Keyring:
        """The version first: a revocation that comes in between is noticed by whoever decides on this."""
        head = self._get(tenant, table.KEYRING_SK)
        version = items.number_of(head, "version") if head else 0
        return Keyring(version, tuple(self._all(tenant)))

    def between(
        self, tenant: Tenant, newer_than: str | None, older_than: str | None, limit: int, *, oldest_first: bool
    ) -> list[ApiKey]:
        """BETWEEN includes its ends: behind the lower one stands a space, the upper one is dropped."""
        last = older_than or _LAST
        with translated("Query"):
            found = self.client.query(
                **self._query(tenant, f"{newer_than} " if newer_than else _FIRST, last),
                ScanIndexForward=oldest_first,
                Limit=limit + 1,
            )
        return [items.read(ApiKey, item) for item in found["Items"] if item["sk"]["S"] != last][:limit]

    def _all(self, tenant: Tenant) -> Iterator[ApiKey]:
        with translated("Query"):
            for page in self.client.get_paginator("query").paginate(**self._query(tenant, _FIRST, _LAST)):
                yield from (items.read(ApiKey, item) for item in page["Items"])

    def _query(self, tenant: Tenant, first: str, last: str) -> dict[str, Any]:
        return {
            "TableName": self.tables.sessions,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": items.text(table.keys_pk(tenant)),
                ":first": items.text(first),
                ":last": items.text(last),
            },
            "ConsistentRead": True,
        }

    def _get(self, tenant: Tenant, sk: str) -> dict[str, Any] | None:
        key: items.Item = {"pk": items.text(table.keys_pk(tenant)), "sk": items.text(sk)}
        with translated("GetItem"):
            item = self.client.get_item(TableName=self.tables.sessions, Key=key, ConsistentRead=True).get("Item")
        return dict(item) if item else None

    def _found(self, key: ApiKey, condition: str) -> PutTypeDef:
        item: items.Item = {"pk": items.text(table.key_pk(key.hash)), "data": items.data(key)}
        return {"TableName": self.tables.access, "Item": item, "ConditionExpression": condition}

    def _listed(self, key: ApiKey, condition: str) -> PutTypeDef:
        item: items.Item = {
            "pk": items.text(table.keys_pk(key.tenant)),
            "sk": items.text(key.id),
            "data": items.data(key),
        }
        if key.revoked_at is not None:
            item["revoked_at"] = items.text(table.sortable(key.revoked_at))
        return {"TableName": self.tables.sessions, "Item": item, "ConditionExpression": condition}

    def _ring(self, tenant: Tenant, version: int) -> PutTypeDef:
        item: items.Item = {
            "pk": items.text(table.keys_pk(tenant)),
            "sk": items.text(table.KEYRING_SK),
            "version": items.number(version + 1),
        }
        return {
            "TableName": self.tables.sessions,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(pk) OR #version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": items.number(version)},
        }

    def _write(self, puts: list[PutTypeDef], key: ApiKey, idempotency: IdempotencyRecord | None = None) -> None:
        """Raises IdempotencyKeyTaken, or WriteConflict when any of it was not as it was read."""
        actions: list[TransactWriteItemTypeDef] = [{"Put": put} for put in puts]
        if write_once(self.client, actions, idempotency, self.tables.access, self.clock.now()):
            raise WriteConflict(key.id)
