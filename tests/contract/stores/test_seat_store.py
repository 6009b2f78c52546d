"""Seats: taken and given up with their session, in one write or none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.seats import Seat
from core.domain.sessions import Status
from core.errors import IdempotencyKeyTaken, SeatTaken, WriteConflict
from core.ports import Commit
from tests.builders import ACME, ACME_TEST, OTHER, a_record, a_session
from tests.contract.stores.kinds import Stores


def created(session_id: str, number: int, **more: Any) -> Commit:
    return Commit(a_session(session_id, seat=number, **more), None, None)


def closed(commit: Commit, version: int = 1) -> Commit:
    ended = replace(commit.session, status=Status.ENDED)
    return replace(commit, session=ended, expected_version=version, leaves_seat=True)


def test_a_session_takes_its_seat_and_gives_it_up(stores: Stores) -> None:
    first, second = created("sess_1", 11), created("sess_2", 2, tenant=ACME_TEST)
    stores.sessions.commit(first)
    stores.sessions.commit(second)
    stores.sessions.commit(created("sess_3", 2, tenant=OTHER))

    assert stores.seats.taken("org_acme") == [Seat(2, ACME_TEST, "sess_2"), Seat(11, ACME, "sess_1")]
    stores.sessions.commit(closed(first))
    assert stores.seats.taken("org_acme") == [Seat(2, ACME_TEST, "sess_2")]
    assert stores.seats.taken("org_nobody") == []


def test_two_cannot_have_one_seat_and_the_second_is_not_there(stores: Stores) -> None:
    stores.sessions.commit(created("sess_1", 1))

    with pytest.raises(SeatTaken):
        stores.sessions.commit(replace(created("sess_2", 1), idempotency=a_record()))

    assert stores.sessions.find(ACME, "sess_2") is None
    assert stores.idempotency.find(ACME, "POST /v1/sessions", "key") is None
    assert stores.seats.taken("org_acme") == [Seat(1, ACME, "sess_1")]


def test_a_key_that_is_taken_outweighs_a_seat_that_is(stores: Stores) -> None:
    """Its owner gets the first answer, whether or not there is a seat for a second one."""
    stores.sessions.commit(replace(created("sess_1", 1), idempotency=a_record()))

    for number in (1, 2):
        with pytest.raises(IdempotencyKeyTaken):
            stores.sessions.commit(replace(created("sess_2", number), idempotency=a_record()))
    assert len(stores.seats.taken("org_acme")) == 1


def test_a_change_that_does_not_close_keeps_the_seat(stores: Stores) -> None:
    first = created("sess_1", 1)
    stored = stores.sessions.commit(first)
    stores.sessions.commit(replace(first, session=stored, expected_version=1))

    assert stores.seats.taken("org_acme") == [Seat(1, ACME, "sess_1")]


def test_who_closes_on_an_old_version_gives_up_nothing(stores: Stores) -> None:
    first = created("sess_1", 1)
    stores.sessions.commit(first)

    with pytest.raises(WriteConflict):
        stores.sessions.commit(closed(first, version=7))
    assert stores.seats.taken("org_acme") == [Seat(1, ACME, "sess_1")]


def test_a_session_ends_also_without_its_seat_and_leaves_anothers_alone(stores: Stores) -> None:
    first = created("sess_1", 1)
    stores.sessions.commit(first)
    stores.seats.give_up(Seat(1, ACME, "sess_1"))
    stores.sessions.commit(created("sess_2", 1))

    ended = stores.sessions.commit(closed(first))

    assert (ended.status, ended.version) == (Status.ENDED, 2)
    assert stores.seats.taken("org_acme") == [Seat(1, ACME, "sess_2")]


def test_a_seat_is_given_up_for_nobody_but_who_sits_there(stores: Stores) -> None:
    stores.sessions.commit(created("sess_1", 1))

    stores.seats.give_up(Seat(1, ACME, "sess_2"))
    stores.seats.give_up(Seat(9, ACME, "sess_1"))
    assert len(stores.seats.taken("org_acme")) == 1
    stores.seats.give_up(Seat(1, ACME, "sess_1"))
    assert stores.seats.taken("org_acme") == []
