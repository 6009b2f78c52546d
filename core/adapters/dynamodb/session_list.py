"""The sessions of a tenant in the order in which they came: keys from an index, sessions in one batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import batches, items, table
from core.domain.access import Tenant
from core.domain.paging import Place
from core.domain.sessions import Session, Status
from core.ports import Stretch

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Before and behind every key of a session: those begin with the digit of a year.
_FIRST, _LAST = "0", "~"


@dataclass(frozen=True, slots=True)
class DynamoSessionList:
    client: DynamoDBClient
    table: str
    wait: Callable[[float], None] = time.sleep

    def places(
        self, tenant: Tenant, status: Status | None, stretch: Stretch, limit: int, *, oldest_first: bool
    ) -> list[Place]:
        """BETWEEN includes its ends: behind the lower one stands a space, the upper one is dropped."""
        index, name, of = _index(tenant, status)
        last = table.created_key(stretch.older_than) if stretch.older_than else _LAST
        with translated("Query"):
            found = self.client.query(
                TableName=self.table,
                IndexName=index,
                KeyConditionExpression=f"{name} = :of AND created_key BETWEEN :first AND :last",
                ExpressionAttributeValues={
                    ":of": items.text(of),
                    ":first": items.text(f"{table.created_key(stretch.newer_than)} " if stretch.newer_than else _FIRST),
                    ":last": items.text(last),
                },
                ScanIndexForward=oldest_first,
                Limit=limit + 1,
            )
        keys = [item["created_key"]["S"] for item in found["Items"]]
        return [table.parse_created_key(key) for key in keys if key != last][:limit]

    def read(self, tenant: Tenant, session_ids: Sequence[str]) -> list[Session]:
        wanted: list[items.Item] = [
            {"pk": items.text(table.session_pk(tenant, each)), "sk": items.text(table.SESSION_SK)}
            for each in session_ids
        ]
        found = {
            session.id: session
            for session in (
                items.read(Session, item) for item in batches.read_all(self.client, self.table, wanted, self.wait)
            )
        }
        return [found[each] for each in session_ids if each in found]


def _index(tenant: Tenant, status: Status | None) -> tuple[str, str, str]:
    """The index, its partition attribute, and which partition."""
    if status is None:
        return table.BY_TENANT, "tenant", str(tenant)
    return table.BY_STATUS, "tenant_status", table.tenant_status(tenant, status)
