"""Seats: an item each, below their organization, written and deleted with the session that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.conditions import write_if
from core.domain.access import Tenant
from core.domain.seats import Seat

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import DeleteTypeDef, PutTypeDef


@dataclass(frozen=True, slots=True)
class DynamoSeats:
    client: DynamoDBClient
    table: str

    def taken(self, organization_id: str) -> list[Seat]:
        """One page holds some ten thousand."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": items.text(table.seats_pk(organization_id))},
            ConsistentRead=True,
        )
        with translated("Query"):
            return [_read(item) for page in pages for item in page["Items"]]

    def give_up(self, seat: Seat) -> None:
        write_if("DeleteItem", self.client.delete_item, **seat_delete(seat, self.table))


def seat_put(seat: Seat, table_name: str) -> PutTypeDef:
    return {
        "TableName": table_name,
        "Item": {
            **_key(seat),
            "tenant": items.text(str(seat.tenant)),
            "session_id": items.text(seat.session_id),
        },
        "ConditionExpression": "attribute_not_exists(pk)",
    }


def seat_delete(seat: Seat, table_name: str) -> DeleteTypeDef:
    """Never another session's."""
    return {
        "TableName": table_name,
        "Key": _key(seat),
        "ConditionExpression": "session_id = :session",
        "ExpressionAttributeValues": {":session": items.text(seat.session_id)},
    }


def _key(seat: Seat) -> items.Item:
    return {
        "pk": items.text(table.seats_pk(seat.tenant.organization_id)),
        "sk": items.text(table.seat_sk(seat.number)),
    }


def _read(item: Mapping[str, Any]) -> Seat:
    return Seat(int(item["sk"]["S"]), Tenant.parse(item["tenant"]["S"]), item["session_id"]["S"])
