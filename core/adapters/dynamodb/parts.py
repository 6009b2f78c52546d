"""Parts of transactions that more than one adapter writes, and small transactions made of such."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import cancelled, items, table
from core.adapters.dynamodb.unpublished import unpublished
from core.domain.events import Event
from core.errors import IdempotencyKeyTaken, WriteConflict
from core.ports import IdempotencyRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

OUTBOX_KEPT = timedelta(days=7)


def event_put(event: Event, table_name: str, now: datetime) -> PutTypeDef:
    """What is told to nobody outside is found by nobody either."""
    item: items.Item = {
        "pk": items.text(table.event_pk(event.tenant, event.id)),
        "data": items.data(event),
        "expires_at": items.number(table.epoch_s(now + OUTBOX_KEPT)),
        **unpublished(event.id, now),
    }
    if not event.type.is_internal:
        item |= {"tenant": items.text(str(event.tenant)), "event_id": items.text(event.id)}
    return {"TableName": table_name, "Item": item}


def idempotency_put(record: IdempotencyRecord, table_name: str, now: datetime) -> PutTypeDef:
    """An expired record may still lie there: DynamoDB deletes late."""
    item: items.Item = {
        "pk": items.text(table.idempotency_pk(record.tenant, record.route, record.key)),
        "data": items.data(record),
        "expires_at": items.number(table.epoch_s(record.expires_at)),
    }
    return {
        "TableName": table_name,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
        "ExpressionAttributeValues": {":now": items.number(table.epoch_s(now))},
    }


def write_all(client: DynamoDBClient, actions: Sequence[TransactWriteItemTypeDef]) -> frozenset[int]:
    """All or nothing; the positions of those whose conditions did not hold, none when it was written.

    Raises WriteConflict when somebody else was writing there at the same time.
    """
    with translated("TransactWriteItems"):
        try:
            client.transact_write_items(TransactItems=actions)
        except ClientError as error:
            reasons = cancelled.reasons_of(error)
            codes = cancelled.codes(reasons)
            if cancelled.CONDITION in codes:
                return frozenset(place for place, code in enumerate(codes) if code == cancelled.CONDITION)
            if cancelled.CONFLICT in codes:
                raise WriteConflict("another transaction was there first") from error
            raise cancelled.refused(reasons) from error
    return frozenset()


def write_once(
    client: DynamoDBClient,
    actions: Sequence[TransactWriteItemTypeDef],
    record: IdempotencyRecord | None,
    access_table: str,
    now: datetime,
) -> frozenset[int]:
    """As `write_all`, together with the record of the request's key, if it came with one.

    Raises IdempotencyKeyTaken when the key was used before, whatever else was refused.
    """
    if record is None:
        return write_all(client, actions)
    refused = write_all(client, [*actions, {"Put": idempotency_put(record, access_table, now)}])
    if len(actions) in refused:
        raise IdempotencyKeyTaken(record.route)
    return refused
