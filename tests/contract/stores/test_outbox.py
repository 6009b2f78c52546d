"""What was committed and is not known to be on the bus is found, and only that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.adapters import clients
from core.adapters.dynamodb import table
from core.adapters.dynamodb.sessions import DynamoSessions
from core.adapters.dynamodb.transactions import Tables
from core.adapters.dynamodb.unpublished import DynamoOutbox
from core.ports import Commit
from tests.builders import a_session, an_event
from tests.contract.stores.tables import ACCESS, OUTBOX, SESSIONS
from tests.fakes.clocks import START, FakeClock

IDS = [f"evt_{number:03d}" for number in range(60)]
KEYS = [table.event_pk(an_event().tenant, event_id) for event_id in IDS]


@pytest.fixture
def outbox(aws: None) -> DynamoOutbox:
    """With sixty events, a second apart."""
    clock = FakeClock()
    dynamo = clients.dynamodb()
    sessions = DynamoSessions(dynamo, Tables(SESSIONS, ACCESS, OUTBOX), clock)
    session, version = a_session(), None
    for event_id in IDS:
        session = sessions.commit(Commit(session, version, None, events=(an_event(event_id),)))
        version = session.version
        clock.advance(1)
    return DynamoOutbox(dynamo, OUTBOX)


def found(outbox: DynamoOutbox, after_s: float = 3600) -> list[str]:
    return sorted(kept.key for kept in outbox.unpublished(START + timedelta(seconds=after_s)))


def test_what_was_committed_is_unpublished_until_somebody_says_otherwise(outbox: DynamoOutbox) -> None:
    assert found(outbox) == KEYS

    outbox.published(KEYS[10:50])
    outbox.published(KEYS[10:12])

    assert found(outbox) == KEYS[:10] + KEYS[50:]
    kept = {kept.key: kept.event for kept in outbox.unpublished(START + timedelta(hours=1))}
    assert kept[KEYS[0]] == an_event("evt_000")


def test_what_is_younger_is_not_asked_for(outbox: DynamoOutbox) -> None:
    assert found(outbox, after_s=9.5) == KEYS[:10]


def test_it_stays_in_the_outbox(outbox: DynamoOutbox) -> None:
    outbox.published(KEYS)

    kept = clients.dynamodb().get_item(TableName=OUTBOX, Key={"pk": {"S": KEYS[0]}})["Item"]
    assert {"pk", "data", "expires_at"} <= set(kept)


def test_what_the_table_has_forgotten_is_not_brought_back(outbox: DynamoOutbox) -> None:
    clients.dynamodb().delete_item(TableName=OUTBOX, Key={"pk": {"S": KEYS[0]}})

    outbox.published(KEYS[:1])

    assert "Item" not in clients.dynamodb().get_item(TableName=OUTBOX, Key={"pk": {"S": KEYS[0]}})
    assert found(outbox) == KEYS[1:]


def test_what_no_commit_wrote_is_found_and_cannot_be_read(outbox: DynamoOutbox) -> None:
    marks = {"unpublished_shard": {"S": "00"}, "unpublished_at": {"S": "2026-03-26T10:00:00.000000Z"}}
    clients.dynamodb().put_item(TableName=OUTBOX, Item={"pk": {"S": "evt_x"}, "data": {"S": "{}"}, **marks})

    assert [kept.key for kept in outbox.unpublished(START + timedelta(hours=1)) if kept.event is None] == ["evt_x"]


def test_events_are_spread_over_the_index(outbox: DynamoOutbox) -> None:
    items = clients.dynamodb().scan(TableName=OUTBOX)["Items"]

    assert len({item["unpublished_shard"]["S"] for item in items}) > 8
