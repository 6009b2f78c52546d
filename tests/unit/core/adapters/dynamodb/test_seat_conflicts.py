"""What a cancelled transaction says of a seat. The emulator cancels none because of a conflict; DynamoDB does."""

from __future__ import annotations

import pytest

from core.adapters.dynamodb.transactions import Part, Tables, actions, failure
from core.domain.sessions import Status
from core.errors import IdempotencyKeyTaken, SeatTaken, WriteConflict
from core.ports import Commit
from tests.builders import a_record, a_session
from tests.fakes.clocks import START

CONDITION, CONFLICT = "ConditionalCheckFailed", "TransactionConflict"
TAKES = Commit(a_session(seat=3), None, None, idempotency=a_record())
LEAVES = Commit(a_session(seat=3, status=Status.ENDED), 1, None, leaves_seat=True)


@pytest.mark.parametrize(
    ("commit", "blamed", "expected"),
    [
        (TAKES, {Part.SEAT: CONDITION}, SeatTaken),
        (TAKES, {Part.SEAT: CONFLICT}, SeatTaken),
        (TAKES, {Part.SEAT: CONDITION, Part.IDEMPOTENCY: CONDITION}, IdempotencyKeyTaken),
        (TAKES, {Part.SEAT: CONDITION, Part.IDEMPOTENCY: CONFLICT}, WriteConflict),
        (TAKES, {Part.IDEMPOTENCY: CONFLICT}, WriteConflict),
        (LEAVES, {Part.SEAT: CONDITION}, SeatTaken),
        # The seat is the session's still: to end without it would leave it taken.
        (LEAVES, {Part.SEAT: CONFLICT}, WriteConflict),
        (LEAVES, {Part.SEAT: CONDITION, Part.SESSION: CONDITION}, WriteConflict),
        (LEAVES, {Part.SEAT: CONDITION, Part.SESSION: CONFLICT}, WriteConflict),
    ],
)
def test_a_cancelled_write_is_told_by_what_was_in_its_way(
    commit: Commit, blamed: dict[Part, str], expected: type[Exception]
) -> None:
    made = actions(commit, Tables("sessions", "access", "outbox"), START)
    reasons = [{"Code": blamed.get(action.part, "None")} for action in made]

    assert blamed.keys() <= {action.part for action in made}
    assert type(failure(commit, made, reasons)) is expected
