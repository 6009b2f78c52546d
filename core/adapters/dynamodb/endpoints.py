"""Webhook endpoints: the deliveries table. All of a tenant lie in one partition, beside a count of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.parts import event_put, write_all, write_once
from core.domain import ids
from core.domain.access import Tenant
from core.domain.events import Event
from core.domain.webhooks import Endpoint, Signing
from core.errors import WriteConflict
from core.ports import Clock, IdempotencyRecord
from core.webhook_ports import NoRoom

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_COUNT = 1


@dataclass(frozen=True, slots=True)
class DynamoEndpoints:
    """`access` holds idempotency records, `outbox` the events."""

    client: DynamoDBClient
    table: str
    access: str
    outbox: str
    clock: Clock

    def create(self, endpoint: Endpoint, most: int, idempotency: IdempotencyRecord | None = None) -> Endpoint:
        stored = replace(endpoint, version=1)
        put = {**self._put(stored), "ConditionExpression": "attribute_not_exists(pk)"}
        actions: list[Any] = [{"Put": put}, self._counted(endpoint.tenant, 1, most)]
        refused = self._write(actions, idempotency)
        if _COUNT in refused:
            raise NoRoom(endpoint.tenant.organization_id)
        if refused:
            raise WriteConflict(endpoint.id)
        return stored

    def find(self, tenant: Tenant, endpoint_id: str) -> Endpoint | None:
        item = self._get(tenant, endpoint_id)
        return items.read(Endpoint, item) if item else None

    def of_tenant(self, tenant: Tenant) -> list[Endpoint]:
        with translated("Query"):
            found = self.client.query(
                TableName=self.table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues={
                    ":pk": items.text(table.endpoints_pk(tenant)),
                    ":prefix": items.text(f"{ids.ENDPOINT}_"),
                },
                ConsistentRead=True,
            )
        return [items.read(Endpoint, item) for item in found["Items"]]

    def replace(
        self, endpoint: Endpoint, told: Event | None = None, idempotency: IdempotencyRecord | None = None
    ) -> Endpoint:
        stored = replace(endpoint, version=endpoint.version + 1)
        condition = {
            "ConditionExpression": "version = :version",
            "ExpressionAttributeValues": {":version": items.number(endpoint.version)},
        }
        actions: list[Any] = [{"Put": {**self._put(stored), **condition}}]
        if told:
            actions.append({"Put": event_put(told, self.outbox, self.clock.now())})
        if self._write(actions, idempotency):
            raise WriteConflict(endpoint.id)
        return stored

    def remove(self, tenant: Tenant, endpoint_id: str) -> bool:
        delete = {
            "TableName": self.table,
            "Key": _key(tenant, endpoint_id),
            "ConditionExpression": "attribute_exists(pk)",
        }
        actions: list[Any] = [{"Delete": delete}, self._counted(tenant, -1)]
        return not write_all(self.client, actions)

    def session_signing(self, tenant: Tenant) -> Signing:
        item = self._get(tenant, table.SESSION_URLS_SK)
        return items.read(Signing, item) if item else Signing()

    def rotate_session_signing(
        self, tenant: Tenant, signing: Signing, idempotency: IdempotencyRecord | None = None
    ) -> None:
        item = {
            **_key(tenant, table.SESSION_URLS_SK),
            "data": items.data(signing),
            "generation": items.number(signing.generation),
        }
        before = items.number(signing.generation - 1)
        condition = "generation = :before"
        if signing.generation == Signing().generation + 1:
            condition += " OR attribute_not_exists(pk)"
        put: Any = {
            "TableName": self.table,
            "Item": item,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": {":before": before},
        }
        if self._write([{"Put": put}], idempotency):
            raise WriteConflict(table.SESSION_URLS_SK)

    def _write(
        self, actions: Sequence[TransactWriteItemTypeDef], idempotency: IdempotencyRecord | None
    ) -> frozenset[int]:
        return write_once(self.client, actions, idempotency, self.access, self.clock.now())

    def _put(self, endpoint: Endpoint) -> dict[str, Any]:
        item = {
            **_key(endpoint.tenant, endpoint.id),
            "version": items.number(endpoint.version),
            "data": items.data(endpoint),
        }
        return {"TableName": self.table, "Item": item}

    def _counted(self, tenant: Tenant, by: int, most: int | None = None) -> dict[str, Any]:
        update: dict[str, Any] = {
            "TableName": self.table,
            "Key": _key(tenant, table.ENDPOINT_COUNT_SK),
            "UpdateExpression": "ADD endpoints :by",
            "ExpressionAttributeValues": {":by": items.number(by)},
        }
        if most is not None:
            update["ConditionExpression"] = "attribute_not_exists(endpoints) OR endpoints < :most"
            update["ExpressionAttributeValues"][":most"] = items.number(most)
        return {"Update": update}

    def _get(self, tenant: Tenant, sk: str) -> dict[str, Any] | None:
        with translated("GetItem"):
            return self.client.get_item(TableName=self.table, Key=_key(tenant, sk), ConsistentRead=True).get("Item")


def _key(tenant: Tenant, sk: str) -> items.Item:
    return {"pk": items.text(table.endpoints_pk(tenant)), "sk": items.text(sk)}
