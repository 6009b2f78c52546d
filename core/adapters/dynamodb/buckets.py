"""Rate limits: an item a bucket, in the access table; forgotten by TTL once it is full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.conditions import write_if
from core.domain.limits import Take
from core.limit_ports import Taken

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_FULL = "attribute_not_exists(full_at) OR full_at <= :now"
_TAKEN_FROM = "full_at > :now AND full_at <= :latest"
_MICROS = 1_000_000
_KEPT_S = 60


@dataclass(frozen=True, slots=True)
class DynamoBuckets:
    client: DynamoDBClient
    table: str

    def take(self, name: str, take: Take) -> Taken:
        values: items.Item = {
            ":now": items.number(take.now_us),
            # Where the bucket will be full at the latest, whatever is taken from it now.
            ":forgotten": items.number((take.latest_us + take.gap_us) // _MICROS + _KEPT_S),
        }
        if take.was_full:
            change, condition = "full_at = :next", _FULL
            values[":next"] = items.number(take.now_us + take.gap_us)
        else:
            change, condition = "full_at = full_at + :gap", _TAKEN_FROM
            values |= {":gap": items.number(take.gap_us), ":latest": items.number(take.latest_us)}
        done, held = write_if(
            "UpdateItem",
            self.client.update_item,
            TableName=self.table,
            Key={"pk": items.text(table.bucket_pk(name))},
            UpdateExpression=f"SET {change}, expires_at = :forgotten",
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
            ReturnValues="UPDATED_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return Taken(items.number_of(held, "full_at"), done)
