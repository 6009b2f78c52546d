"""What tenants have set for calls by SIP (the access table), and the places of calls that run (the sessions table)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.conditions import write_if
from core.adapters.dynamodb.parts import write_once
from core.domain.access import Tenant
from core.domain.sip import Lease, Sip
from core.errors import WriteConflict
from core.ports import Clock, IdempotencyRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, TransactWriteItemTypeDef


@dataclass(frozen=True, slots=True)
class DynamoSip:
    client: DynamoDBClient
    table: str
    clock: Clock

    def of(self, tenant: Tenant) -> Sip:
        key: items.Item = {"pk": items.text(table.sip_pk(tenant))}
        with translated("GetItem"):
            item = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        return items.read(Sip, item) if item else Sip()

    def put(self, tenant: Tenant, sip: Sip, idempotency: IdempotencyRecord | None = None) -> None:
        refused = write_once(self.client, [self._own(tenant, sip)], idempotency, self.table, self.clock.now())
        if refused:
            raise WriteConflict("sip")

    def _own(self, tenant: Tenant, sip: Sip) -> TransactWriteItemTypeDef:
        stored = replace(sip, version=sip.version + 1)
        return {"Put": items.versioned(self.table, table.sip_pk(tenant), stored, sip.version)}


@dataclass(frozen=True, slots=True)
class DynamoCallLeases:
    client: DynamoDBClient
    table: str

    def taken(self, tenant: Tenant) -> list[Lease]:
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": items.text(table.sip_calls_pk(tenant))},
            ConsistentRead=True,
        )
        with translated("Query"):
            return [
                Lease(int(item["sk"]["S"]), item["leg_id"]["S"], _time(int(item["expires_at"]["N"])))
                for page in pages
                for item in page["Items"]
            ]

    def take(self, tenant: Tenant, lease: Lease, now: datetime) -> bool:
        """Over one that has run out: DynamoDB deletes days late."""
        item = {**_key(tenant, lease), "leg_id": items.text(lease.leg_id), "expires_at": _until(lease)}
        done, _ = write_if(
            "PutItem",
            self.client.put_item,
            TableName=self.table,
            Item=item,
            ConditionExpression="attribute_not_exists(pk) OR expires_at <= :now",
            ExpressionAttributeValues={":now": items.number(table.epoch_s(now))},
        )
        return done

    def renew(self, tenant: Tenant, lease: Lease) -> bool:
        done, _ = write_if(
            "UpdateItem",
            self.client.update_item,
            TableName=self.table,
            Key=_key(tenant, lease),
            UpdateExpression="SET expires_at = :until",
            ConditionExpression="leg_id = :leg",
            ExpressionAttributeValues={":until": _until(lease), ":leg": items.text(lease.leg_id)},
        )
        return done

    def give_up(self, tenant: Tenant, lease: Lease) -> None:
        write_if(
            "DeleteItem",
            self.client.delete_item,
            TableName=self.table,
            Key=_key(tenant, lease),
            ConditionExpression="leg_id = :leg",
            ExpressionAttributeValues={":leg": items.text(lease.leg_id)},
        )


def _key(tenant: Tenant, lease: Lease) -> items.Item:
    return {"pk": items.text(table.sip_calls_pk(tenant)), "sk": items.text(table.seat_sk(lease.number))}


def _until(lease: Lease) -> AttributeValueTypeDef:
    return items.number(table.epoch_s(lease.expires_at))


def _time(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)
