"""A commit as one transaction, and what a cancelled one means."""

from __future__ import annotations

from typing import Any

import pytest

from core.adapters.dynamodb.transactions import MAX_ACTIONS, Action, Part, Tables, actions, failure
from core.errors import DependencyRefused, FenceLost, IdempotencyKeyTaken, Unavailable, WriteConflict
from core.ports import Commit, Fence
from tests.builders import a_chunk, a_record, a_session, a_turn, an_event
from tests.fakes.clocks import START

TABLES = Tables("sessions", "access", "outbox")
FAILED = {"Code": "ConditionalCheckFailed"}
FINE = {"Code": "None"}


def made(commit: Commit) -> list[Action]:
    return actions(commit, TABLES, START)


def reasons(commit: Commit, **failed: dict[str, Any]) -> list[dict[str, Any]]:
    return [failed.get(action.part.name.lower(), FINE) for action in made(commit)]


def outcome(commit: Commit, **failed: dict[str, Any]) -> type[Exception]:
    return type(failure(commit, made(commit), reasons(commit, **failed)))


CREATE = Commit(a_session(), None, None, idempotency=a_record())
CHANGE = Commit(a_session(owner="w1", epoch=1), 3, None, turns=(a_turn(),), fence=Fence("w1", 1))
HELD = {"owner": {"S": "w1"}, "epoch": {"N": "1"}}


def test_everything_goes_into_one_transaction() -> None:
    commit = Commit(
        a_session(), None, START, (an_event(),), (a_turn(1), a_turn(2)), (a_chunk(),), idempotency=a_record()
    )

    parts = [action.part for action in made(commit)]

    assert parts == [
        Part.SESSION,
        Part.DIRECTORY,
        Part.IDEMPOTENCY,
        Part.TURN,
        Part.TURN,
        Part.CHUNK,
        Part.EVENT,
    ]


def test_only_a_new_session_enters_the_directory() -> None:
    assert Part.DIRECTORY not in [action.part for action in made(CHANGE)]


def test_a_commit_that_does_not_fit_is_refused_before_it_is_sent() -> None:
    turns = tuple(a_turn(number) for number in range(MAX_ACTIONS))

    with pytest.raises(ValueError, match="does not fit"):
        made(Commit(a_session(), 1, None, turns=turns))


@pytest.mark.parametrize(
    ("commit", "failed", "expected"),
    [
        (CREATE, {"session": FAILED, "directory": FAILED}, WriteConflict),
        (CREATE, {"idempotency": FAILED}, IdempotencyKeyTaken),
        (CREATE, {"session": FAILED, "idempotency": FAILED}, IdempotencyKeyTaken),
        (CREATE, {"idempotency": {"Code": "TransactionConflict"}}, WriteConflict),
        (CHANGE, {"session": {**FAILED, "Item": HELD}}, WriteConflict),
        (CHANGE, {"session": {**FAILED, "Item": {**HELD, "owner": {"S": "w2"}}}}, FenceLost),
        (CHANGE, {"session": {**FAILED, "Item": {**HELD, "epoch": {"N": "2"}}}}, FenceLost),
        (CHANGE, {"session": {**FAILED, "Item": {"epoch": {"N": "1"}}}}, FenceLost),
        (CHANGE, {"session": FAILED}, FenceLost),
        (CHANGE, {"turn": FAILED}, WriteConflict),
        (CHANGE, {"session": {"Code": "ThrottlingError"}}, Unavailable),
        (CHANGE, {"session": {"Code": "ProvisionedThroughputExceeded"}}, Unavailable),
        (CHANGE, {"session": {"Code": "ItemCollectionSizeLimitExceeded"}}, DependencyRefused),
    ],
)
def test_a_cancelled_transaction_says_who_was_in_the_way(
    commit: Commit, failed: dict[str, dict[str, Any]], expected: type[Exception]
) -> None:
    assert outcome(commit, **failed) is expected


def test_the_message_of_a_reason_decides_nothing() -> None:
    misleading = {"Code": "ConditionalCheckFailed", "Message": "TransactionConflict owner epoch", "Item": HELD}

    assert outcome(CHANGE, session=misleading) is WriteConflict


def test_every_event_is_among_the_unpublished_from_the_beginning() -> None:
    commit = Commit(a_session(), 1, None, events=(an_event("evt_1"), an_event("evt_2")))

    written = [action.request["Put"]["Item"] for action in made(commit) if action.part is Part.EVENT]

    assert [item["unpublished_at"] for item in written] == [{"S": "2026-03-26T11:00:00.000000Z"}] * 2
    assert all("unpublished_shard" in item for item in written)
