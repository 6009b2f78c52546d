"""Deliveries: the deliveries table. Each step is one conditional write, so that whatever comes twice counts once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import batches, items, table
from core.adapters.dynamodb.conditions import write_if
from core.domain import ids
from core.domain.access import Tenant
from core.domain.deliveries import KEPT, Delivery, DeliveryStatus, Handoff
from core.domain.paging import Page
from core.ports import Clock
from core.webhook_ports import DeliveryKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PENDING = {":pending": items.text(DeliveryStatus.PENDING)}
_STATUS = {"#status": "status"}
# Behind an id and before every other, and behind them all.
_BEHIND, _LAST = "!", "~"


@dataclass(frozen=True, slots=True)
class DynamoDeliveries:
    client: DynamoDBClient
    table: str
    clock: Clock

    def begin(self, delivery: Delivery, due_at: datetime | None) -> bool:
        return self._put(delivery, due_at, ConditionExpression="attribute_not_exists(pk)")

    def begin_again(self, delivery: Delivery, due_at: datetime | None) -> bool:
        return self._put(
            delivery,
            due_at,
            ConditionExpression="#status <> :pending AND attempts = :attempts",
            ExpressionAttributeNames=_STATUS,
            ExpressionAttributeValues={**_PENDING, ":attempts": items.number(delivery.attempts)},
        )

    def claim(self, handed: Handoff, token: str, now: datetime, until: datetime) -> Delivery | None:
        return self._update(
            DeliveryKey(handed.tenant, handed.delivery_id, handed.target_id),
            UpdateExpression="SET claim = :claim, claimed_until = :until",
            ConditionExpression=(
                "#status = :pending AND attempts = :made"
                " AND (attribute_not_exists(claimed_until) OR claimed_until < :now)"
            ),
            ExpressionAttributeNames=_STATUS,
            ExpressionAttributeValues={
                **_PENDING,
                ":claim": items.text(token),
                ":until": items.text(table.sortable(until)),
                ":made": items.number(handed.attempt - 1),
                ":now": items.text(table.sortable(now)),
            },
        )

    def finish(self, delivery: Delivery, token: str, due_at: datetime | None) -> bool:
        return self._put(
            delivery,
            due_at,
            ConditionExpression="claim = :claim",
            ExpressionAttributeValues={":claim": items.text(token)},
        )

    def find(self, tenant: Tenant, delivery_id: str) -> Delivery | None:
        """The target is not in the id, so it is asked for by its partition, in which there is nothing else."""
        with translated("Query"):
            found = self.client.query(
                TableName=self.table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :to)",
                ExpressionAttributeValues={
                    ":pk": items.text(table.delivery_pk(tenant, delivery_id)),
                    ":to": items.text(table.to_sk("")),
                },
                ConsistentRead=True,
            )
        now = self.clock.now()
        return next((items.read(Delivery, item) for item in found["Items"] if items.is_kept(item, now)), None)

    def of_target(self, tenant: Tenant, target_id: str, page: Page) -> list[Delivery]:
        first = f"{page.ending_before}{_BEHIND}" if page.ending_before else f"{ids.DELIVERY}_"
        last = page.starting_after or f"{ids.DELIVERY}_{_LAST}"
        with translated("Query"):
            found = self.client.query(
                TableName=self.table,
                IndexName=table.BY_TARGET,
                KeyConditionExpression="sk = :to AND pk BETWEEN :first AND :last",
                ExpressionAttributeValues={
                    ":to": items.text(table.to_sk(target_id)),
                    ":first": items.text(table.delivery_pk(tenant, first)),
                    ":last": items.text(table.delivery_pk(tenant, last)),
                },
                ScanIndexForward=page.is_backwards,
                # One for the cursor itself, which BETWEEN includes, and one more to see whether there is another.
                Limit=page.limit + 2,
            )
        keys = [item for item in found["Items"] if item["pk"]["S"] != table.delivery_pk(tenant, last)]
        return self._read(keys[: page.limit + 1])

    def due(self, shard: int, now: datetime, limit: int) -> list[DeliveryKey]:
        with translated("Query"):
            found = self.client.query(
                TableName=self.table,
                IndexName=table.DUE,
                KeyConditionExpression="due_shard = :shard AND due_at <= :now",
                ExpressionAttributeValues={
                    ":shard": items.text(table.shard_name(shard)),
                    ":now": items.text(table.sortable(now)),
                },
                Limit=limit,
            )
        return [_read_key(item) for item in found["Items"]]

    def postpone(self, key: DeliveryKey, now: datetime, due_at: datetime) -> Delivery | None:
        return self._update(
            key,
            UpdateExpression="SET due_at = :later",
            ConditionExpression="#status = :pending AND due_at <= :now",
            ExpressionAttributeNames=_STATUS,
            ExpressionAttributeValues={
                **_PENDING,
                ":later": items.text(table.sortable(due_at)),
                ":now": items.text(table.sortable(now)),
            },
        )

    def _read(self, keys: list[Any]) -> list[Delivery]:
        """In the order of the keys."""
        wanted = [{"pk": key["pk"], "sk": key["sk"]} for key in keys]
        now, read = self.clock.now(), batches.read_all(self.client, self.table, wanted)
        found = {item["pk"]["S"]: items.read(Delivery, item) for item in read if items.is_kept(item, now)}
        return [found[key["pk"]["S"]] for key in keys if key["pk"]["S"] in found]

    def _put(self, delivery: Delivery, due_at: datetime | None, **condition: Any) -> bool:
        item: items.Item = {
            **_key(DeliveryKey(delivery.tenant, delivery.id, delivery.target.id)),
            "status": items.text(delivery.status),
            "attempts": items.number(delivery.attempts),
            "data": items.data(delivery),
            "expires_at": items.number(table.epoch_s(self.clock.now() + KEPT)),
        }
        if due_at is not None:
            item["due_shard"] = items.text(table.due_shard(delivery.id))
            item["due_at"] = items.text(table.sortable(due_at))
        stored, _ = write_if("PutItem", self.client.put_item, TableName=self.table, Item=item, **condition)
        return stored

    def _update(self, key: DeliveryKey, **update: Any) -> Delivery | None:
        request = {"TableName": self.table, "Key": _key(key), "ReturnValues": "ALL_NEW", **update}
        written, item = write_if("UpdateItem", self.client.update_item, **request)
        return items.read(Delivery, item) if written else None


def _key(key: DeliveryKey) -> items.Item:
    return {
        "pk": items.text(table.delivery_pk(key.tenant, key.delivery_id)),
        "sk": items.text(table.to_sk(key.target_id)),
    }


def _read_key(item: Mapping[str, Any]) -> DeliveryKey:
    tenant, delivery_id = table.parse_session_pk(item["pk"]["S"])
    return DeliveryKey(tenant, delivery_id, item["sk"]["S"].removeprefix(table.to_sk("")))
