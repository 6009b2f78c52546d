"""API keys, organizations, idempotency records, worker heartbeats: the access table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.batches import read_all
from core.adapters.dynamodb.conditions import write_if
from core.adapters.dynamodb.parts import idempotency_put
from core.domain.access import ApiKey, Tenant
from core.domain.organizations import Organization
from core.domain.terminology import Terminology
from core.errors import IdempotencyKeyTaken
from core.ports import Clock, IdempotencyRecord
from core.release_ports import Opening

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BEAT_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _AccessTable:
    client: DynamoDBClient
    table: str

    def _get(self, pk: str) -> items.Item | None:
        with translated("GetItem"):
            return self.client.get_item(TableName=self.table, Key={"pk": items.text(pk)}, ConsistentRead=True).get(
                "Item"
            )

    def _put(self, item: items.Item) -> None:
        with translated("PutItem"):
            self.client.put_item(TableName=self.table, Item=item)


@dataclass(frozen=True, slots=True)
class DynamoAccess(_AccessTable):
    """A key's own expiry stays in `data`: as the TTL attribute it would turn "expired" into "unknown"."""

    def key_by_hash(self, key_hash: str) -> ApiKey | None:
        item = self._get(table.key_pk(key_hash))
        return items.read(ApiKey, item) if item else None

    def key_by_hashes(self, key_hashes: Sequence[str]) -> ApiKey | None:
        """By GetItem where it is but one: that is half a batch's price."""
        if len(key_hashes) == 1:
            return self.key_by_hash(key_hashes[0])
        keys: list[items.Item] = [{"pk": items.text(table.key_pk(key_hash))} for key_hash in key_hashes]
        found = read_all(self.client, self.table, keys)
        return items.read(ApiKey, found[0]) if found else None

    def every_key(self) -> Iterator[ApiKey]:
        """Of all tenants. Reads the whole table: for operators, and no function may."""
        asked: dict[str, Any] = {
            "TableName": self.table,
            "FilterExpression": "begins_with(pk, :key)",
            "ExpressionAttributeValues": {":key": items.text(table.key_pk(""))},
        }
        with translated("Scan"):
            for page in self.client.get_paginator("scan").paginate(**asked):
                yield from (items.read(ApiKey, item) for item in page["Items"])

    def organization(self, organization_id: str) -> Organization | None:
        item = self._get(table.organization_pk(organization_id))
        return items.read(Organization, item) if item else None

    def put_organization(self, organization: Organization) -> None:
        self._put({"pk": items.text(table.organization_pk(organization.id)), "data": items.data(organization)})

    def terminology(self, organization_id: str) -> Terminology:
        item = self._get(table.terminology_pk(organization_id))
        return items.read(Terminology, item) if item else Terminology()

    def put_terminology(self, organization_id: str, terminology: Terminology) -> None:
        self._put({"pk": items.text(table.terminology_pk(organization_id)), "data": items.data(terminology)})


@dataclass(frozen=True, slots=True)
class DynamoIdempotency(_AccessTable):
    clock: Clock

    def find(self, tenant: Tenant, route: str, key: str) -> IdempotencyRecord | None:
        item = self._get(table.idempotency_pk(tenant, route, key))
        if item is None or not items.is_kept(item, self.clock.now()):
            return None
        return items.read(IdempotencyRecord, item)

    def put(self, record: IdempotencyRecord) -> None:
        put = idempotency_put(record, self.table, self.clock.now())
        stored, _ = write_if("PutItem", self.client.put_item, **put)
        if not stored:
            raise IdempotencyKeyTaken(record.route)


@dataclass(frozen=True, slots=True)
class DynamoWorkers(_AccessTable):
    """A beat that nobody renews is garbage after a day; whether a worker lives is for the reader to say."""

    def beat(self, worker_id: str, at: datetime, address: str | None = None) -> None:
        item: items.Item = {
            "pk": items.text(table.worker_pk(worker_id)),
            "beat_at": items.text(table.sortable(at)),
            "expires_at": items.number(table.epoch_s(at + _BEAT_KEPT)),
        }
        self._put({**item, "address": items.text(address)} if address else item)

    def last_beat(self, worker_id: str) -> datetime | None:
        item = self._get(table.worker_pk(worker_id))
        return datetime.fromisoformat(item["beat_at"]["S"]) if item else None

    def address_of(self, worker_id: str) -> str | None:
        item = self._get(table.worker_pk(worker_id))
        return item["address"]["S"] if item and "address" in item else None

    def announce(self, release: str, opening: Opening) -> None:
        self._put(
            {
                "pk": items.text(table.opening_pk(release)),
                "worker_id": items.text(opening.worker_id),
                "beat_at": items.text(table.sortable(opening.at)),
                "expires_at": items.number(table.epoch_s(opening.at + _BEAT_KEPT)),
            }
        )

    def announced(self, release: str) -> Opening | None:
        item = self._get(table.opening_pk(release))
        return Opening(item["worker_id"]["S"], datetime.fromisoformat(item["beat_at"]["S"])) if item else None

    def forget(self, worker_id: str) -> None:
        with translated("DeleteItem"):
            self.client.delete_item(TableName=self.table, Key={"pk": items.text(table.worker_pk(worker_id))})
