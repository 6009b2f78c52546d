"""What only the request shows: a store in memory is consistent anyway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from core.adapters.dynamodb.sessions import DynamoSessions
from core.adapters.dynamodb.transactions import Tables
from core.errors import DependencyRefused, Unavailable
from core.ports import Commit
from tests.builders import ACME, a_session
from tests.fakes.clocks import FakeClock


class Client:
    """Answers nothing and remembers what it was asked."""

    def __init__(self, error: ClientError | None = None) -> None:
        self.error = error
        self.asked: list[dict[str, Any]] = []

    def get_item(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {}

    def get_paginator(self, _operation: str) -> Client:
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(asked)
        return iter([{"Items": []}])

    def transact_write_items(self, **_asked: Any) -> None:
        if self.error:
            raise self.error


def store(client: Client) -> DynamoSessions:
    return DynamoSessions(cast(Any, client), Tables("sessions", "access", "outbox"), FakeClock())


def cancelled(code: str, **more: Any) -> ClientError:
    return ClientError(cast(Any, {"Error": {"Code": code, "Message": ""}, **more}), "TransactWriteItems")


def test_what_a_decision_is_made_on_is_read_consistently() -> None:
    client = Client()

    store(client).find(ACME, "sess_1")
    store(client).tenant_of("sess_1")
    store(client).turns(ACME, "sess_1")
    store(client).chunks(ACME, "sess_1")

    assert [asked["ConsistentRead"] for asked in client.asked] == [True] * 4


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (cancelled("TransactionCanceledException"), DependencyRefused),
        (cancelled("TransactionInProgressException"), Unavailable),
        (cancelled("ThrottlingException"), Unavailable),
        (cancelled("AccessDeniedException"), DependencyRefused),
    ],
)
def test_a_transaction_that_was_not_decided_is_no_conflict(error: ClientError, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        store(Client(error)).commit(Commit(a_session(), None, None))
