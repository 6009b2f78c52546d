"""UsageStore: what commits add to a tenant's days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.domain.sessions import Usage
from core.domain.usage import Addition, summed
from core.errors import WriteConflict
from core.ports import Commit
from tests.builders import ACME, ACME_TEST, OTHER, a_session
from tests.contract.stores.kinds import Stores

DAY = date(2026, 3, 26)


def used(stores: Stores, session_id: str, day: date = DAY, active_us: int = 1_000_000) -> None:
    """A new session that comes with an addition."""
    commit = Commit(a_session(session_id), None, None, used=Addition(day, active_us, 2, 3))
    stores.sessions.commit(commit)


def days(stores: Stores, first: date = DAY, last: date = DAY) -> dict[date, Usage]:
    return summed(stores.usage.additions(ACME, first, last))


def test_a_day_on_which_nothing_was_used_is_not_there(stores: Stores) -> None:
    assert days(stores) == {}


def test_the_sessions_of_a_day_are_added_up(stores: Stores) -> None:
    for number in range(100):
        used(stores, f"sess_{number}")

    assert days(stores) == {DAY: Usage(100.0, 0.0002, 0.0003)}


def test_one_session_adds_again_and_again(stores: Stores) -> None:
    session = stores.sessions.commit(Commit(a_session(), None, None, used=Addition(DAY, 5, 0, 0)))
    stores.sessions.commit(Commit(session, 1, None, used=Addition(DAY, 7, 0, 1)))

    assert days(stores) == {DAY: Usage(0.000012, 0.0, 0.000001)}


def test_only_the_days_asked_for_are_counted_both_ends_included(stores: Stores) -> None:
    for number in range(5):
        used(stores, f"sess_{number}", DAY + timedelta(days=number))

    found = days(stores, DAY + timedelta(days=1), DAY + timedelta(days=3))

    assert sorted(found) == [DAY + timedelta(days=number) for number in (1, 2, 3)]


def test_others_see_nothing_of_it(stores: Stores) -> None:
    used(stores, "sess_1")

    for tenant in (OTHER, ACME_TEST):
        assert list(stores.usage.additions(tenant, DAY, DAY)) == []


def test_the_sum_is_of_all_days_and_of_both_sides_of_the_organization(stores: Stores) -> None:
    for number in range(40):
        used(stores, f"sess_{number}", DAY + timedelta(days=number), active_us=10)
    stores.sessions.commit(Commit(a_session("sess_t", tenant=ACME_TEST), None, None, used=Addition(DAY, 7, 0, 0)))
    stores.sessions.commit(Commit(a_session("sess_o", tenant=OTHER), None, None, used=Addition(DAY, 100, 0, 0)))

    assert stores.usage.active_us("org_acme") == 407
    assert stores.usage.active_us("org_nobody") == 0


def test_a_refused_commit_adds_nothing(stores: Stores) -> None:
    used(stores, "sess_1")

    with pytest.raises(WriteConflict):
        stores.sessions.commit(Commit(a_session(), 9, None, used=Addition(DAY, 5, 0, 0)))

    assert days(stores) == {DAY: Usage(1.0, 0.000002, 0.000003)}
    assert stores.usage.active_us("org_acme") == 1_000_000
