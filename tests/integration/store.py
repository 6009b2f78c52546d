"""Behind the stack's back: what a test changes or reads in its tables, through the product's own adapter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import boto3

from core.adapters import clients
from core.adapters.dynamodb.access import DynamoAccess, DynamoWorkers
from core.adapters.dynamodb.sessions import DynamoSessions
from core.adapters.dynamodb.transactions import Tables
from core.adapters.dynamodb.watchers import DynamoWatchers
from core.adapters.system import RandomIds, SystemClock
from core.domain.access import Tenant
from core.domain.rotation import fixed
from core.domain.sessions import Session, Timeouts
from core.ports import Commit
from core.services.changes import Changes
from core.services.streams import StreamService
from local.deploy import Outputs
from local.seed import ORGANIZATION

TENANT = Tenant(ORGANIZATION.id, livemode=False)


@dataclass(frozen=True)
class Store:
    outputs: Outputs

    @property
    def sessions(self) -> DynamoSessions:
        tables = Tables(self.outputs.sessions_table, self.outputs.access_table, self.outputs.outbox_table)
        return DynamoSessions(clients.dynamodb(), tables, SystemClock())

    @property
    def access(self) -> DynamoAccess:
        return DynamoAccess(clients.dynamodb(), self.outputs.access_table)

    @property
    def watchers(self) -> DynamoWatchers:
        return DynamoWatchers(clients.dynamodb(), self.outputs.deliveries_table, SystemClock())

    def streams_of(self, session: Session) -> StreamService:
        """As the worker that holds the session would write."""
        changes = Changes(self.sessions, SystemClock(), RandomIds(SystemClock()), Timeouts())
        workers = DynamoWorkers(clients.dynamodb(), self.outputs.access_table)
        return StreamService(changes, workers, fixed(b""), session.owner or "")

    def change(self, session_id: str, change: Callable[[Session], Session], due_in: timedelta) -> None:
        """Rewrite a session; the sweep looks at it `due_in` from now."""
        session = self.sessions.find(TENANT, session_id)
        assert session is not None
        self.sessions.commit(Commit(change(session), session.version, now() + due_in))


def now() -> datetime:
    return SystemClock().now()


def function_named(handler: str) -> dict[str, Any]:
    """The deployed function with this handler, as Lambda describes it."""
    functions = boto3.client("lambda").get_paginator("list_functions").paginate()
    found = [function for page in functions for function in page["Functions"] if function["Handler"] == handler]
    assert len(found) == 1, f"{len(found)} functions have the handler {handler}"
    return dict(found[0])
