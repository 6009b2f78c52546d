"""Connections and numbers of a tenant, whose number is whose, and whose call is whose: the access table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from core.adapters.aws_errors import code_of, translated
from core.adapters.dynamodb import items, table
from core.domain.access import Tenant
from core.domain.telephony import Telephony
from core.errors import WriteConflict
from core.telephony_ports import CallPlace, NumberTaken

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

# One place is the tenant's own item.
_MOST_AT_ONCE = 99


@dataclass(frozen=True, slots=True)
class DynamoTelephony:
    client: DynamoDBClient
    table: str

    def of(self, tenant: Tenant) -> Telephony:
        item = self._get(table.telephony_pk(tenant))
        return items.read(Telephony, item) if item else Telephony()

    def put(self, tenant: Tenant, telephony: Telephony) -> None:
        """The numbers that come or go are written in the same transaction, so at most 99 at once."""
        before = self.of(tenant)
        directory = list(self._directory(tenant, before, telephony))
        if len(directory) > _MOST_AT_ONCE:
            raise ValueError(f"at most {_MOST_AT_ONCE} numbers come or go at once")
        with translated("TransactWriteItems"):
            self._write([self._own(tenant, telephony), *directory])

    def owner_of(self, number: str) -> Tenant | None:
        item = self._get(table.number_pk(number))
        return Tenant.parse(item["tenant"]["S"]) if item else None

    def place_of(self, carrier: str, call_id: str) -> CallPlace | None:
        item = self._get(table.call_pk(carrier, call_id))
        if item is None:
            return None
        return CallPlace(Tenant.parse(item["tenant"]["S"]), item["session_id"]["S"], item["id"]["S"])

    def _write(self, actions: list[TransactWriteItemTypeDef]) -> None:
        try:
            self.client.transact_write_items(TransactItems=actions)
        except ClientError as error:
            if code_of(error) != "TransactionCanceledException":
                raise
            reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons") or [{}]
            own, *numbers = (reason.get("Code") for reason in reasons)
            if own != "ConditionalCheckFailed" and "ConditionalCheckFailed" in numbers:
                raise NumberTaken from error
            raise WriteConflict("telephony") from error

    def _own(self, tenant: Tenant, telephony: Telephony) -> TransactWriteItemTypeDef:
        stored = replace(telephony, version=telephony.version + 1)
        return {"Put": items.versioned(self.table, table.telephony_pk(tenant), stored, telephony.version)}

    def _directory(self, tenant: Tenant, before: Telephony, after: Telephony) -> Iterator[TransactWriteItemTypeDef]:
        for number in after.numbers.keys() - before.numbers.keys():
            item: items.Item = {
                "pk": items.text(table.number_pk(number)),
                "id": items.text(str(tenant)),
                "tenant": items.text(str(tenant)),
            }
            yield {"Put": items.once(self.table, item)}
        for number in before.numbers.keys() - after.numbers.keys():
            yield {
                "Delete": {
                    "TableName": self.table,
                    "Key": {"pk": items.text(table.number_pk(number))},
                    "ConditionExpression": "attribute_not_exists(pk) OR id = :id",
                    "ExpressionAttributeValues": {":id": items.text(str(tenant))},
                }
            }

    def _get(self, pk: str) -> dict[str, Any] | None:
        with translated("GetItem"):
            key: items.Item = {"pk": items.text(pk)}
            found = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        return dict(found) if found else None
