"""Sessions, their turns, recording chunks and events: every change is one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import cancelled, items, table
from core.adapters.dynamodb.transactions import Action, Tables, actions, failure, stored
from core.domain.access import Tenant
from core.domain.legs import Leg
from core.domain.recordings import Chunk, Recorded
from core.domain.sessions import Session
from core.domain.transcripts import Turn
from core.errors import SeatTaken
from core.ports import Clock, Commit

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")
# As many as their key has digits for.
MOST_TURNS = 99_999_999


@dataclass(frozen=True, slots=True)
class DynamoSessions:
    client: DynamoDBClient
    tables: Tables
    clock: Clock

    def commit(self, commit: Commit) -> Session:
        try:
            self._transact(commit)
        except SeatTaken:
            if not commit.leaves_seat:
                raise
            # A session whose seat somebody has mended away ends all the same.
            self._transact(replace(commit, leaves_seat=False))
        return stored(commit)

    def _transact(self, commit: Commit) -> None:
        made = actions(commit, self.tables, self.clock.now())
        with translated("TransactWriteItems"):
            self._write(commit, made)

    def _write(self, commit: Commit, made: list[Action]) -> None:
        try:
            self.client.transact_write_items(TransactItems=[action.request for action in made])
        except ClientError as error:
            raise failure(commit, made, cancelled.reasons_of(error)) from error

    def find(self, tenant: Tenant, session_id: str) -> Session | None:
        return self._get(Session, table.session_pk(tenant, session_id), table.SESSION_SK)

    def recorded(self, tenant: Tenant, recording_id: str) -> Recorded | None:
        return self._get(Recorded, table.recording_pk(tenant, recording_id), table.RECORDING_SK)

    def tenant_of(self, session_id: str) -> Tenant | None:
        key: items.Item = {"pk": items.text(table.directory_pk(session_id))}
        with translated("GetItem"):
            item = self.client.get_item(TableName=self.tables.access, Key=key, ConsistentRead=True).get("Item")
        return Tenant.parse(item["tenant"]["S"]) if item else None

    def turns(self, tenant: Tenant, session_id: str) -> list[Turn]:
        return list(self._below(Turn, tenant, session_id, "turn#"))

    def last_turns(self, tenant: Tenant, session_id: str, after: int, most: int) -> list[Turn]:
        """From the newest back, so that it reads no more than it returns. They are small: a page holds thousands."""
        with translated("Query"):
            found = self.client.query(
                TableName=self.tables.sessions,
                KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
                ExpressionAttributeValues={
                    ":pk": items.text(table.session_pk(tenant, session_id)),
                    ":first": items.text(table.turn_sk(after + 1)),
                    ":last": items.text(table.turn_sk(MOST_TURNS)),
                },
                ScanIndexForward=False,
                Limit=most,
                ConsistentRead=True,
            )
        return [items.read(Turn, item) for item in reversed(found["Items"])]

    def chunks(self, tenant: Tenant, session_id: str) -> list[Chunk]:
        return list(self._below(Chunk, tenant, session_id, "chunk#"))

    def legs(self, tenant: Tenant, session_id: str) -> list[Leg]:
        found = self._below(Leg, tenant, session_id, table.leg_sk(""))
        return sorted(found, key=lambda leg: (leg.created_at, leg.id))

    def due(self, shard: int, now: datetime, limit: int) -> list[tuple[Tenant, str]]:
        with translated("Query"):
            found = self.client.query(
                TableName=self.tables.sessions,
                IndexName=table.DUE,
                KeyConditionExpression="due_shard = :shard AND due_at <= :now",
                ExpressionAttributeValues={
                    ":shard": items.text(table.shard_name(shard)),
                    ":now": items.text(table.sortable(now)),
                },
                Limit=limit,
            )
        return [table.parse_session_pk(item["pk"]["S"]) for item in found["Items"]]

    def _get(self, kind: type[T], pk: str, sk: str) -> T | None:
        key: items.Item = {"pk": items.text(pk), "sk": items.text(sk)}
        with translated("GetItem"):
            item = self.client.get_item(TableName=self.tables.sessions, Key=key, ConsistentRead=True).get("Item")
        return items.read(kind, item) if item else None

    def _below(self, kind: type[T], tenant: Tenant, session_id: str, prefix: str) -> Iterator[T]:
        """Everything of one kind that lies below a session, in order, page by page."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.tables.sessions,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={
                ":pk": items.text(table.session_pk(tenant, session_id)),
                ":prefix": items.text(prefix),
            },
            ConsistentRead=True,
        )
        with translated("Query"):
            for page in pages:
                yield from (items.read(kind, item) for item in page["Items"])
