"""SessionList: a stretch of a tenant's sessions, from either end."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.domain.access import Tenant
from core.domain.paging import Place
from core.domain.sessions import Status
from core.ports import Commit, Stretch
from tests.builders import ACME, ACME_TEST, OTHER, a_session
from tests.contract.stores.kinds import Stores
from tests.fakes.clocks import START


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def create(stores: Stores, number: int, seconds: float, tenant: Tenant = ACME, status: Status = Status.CREATED) -> None:
    session = a_session(f"sess_{number}", tenant, created_at=at(seconds), status=status)
    stores.sessions.commit(Commit(session, None, None))


def numbers(places: list[Place]) -> list[int]:
    return [int(place.id.removeprefix("sess_")) for place in places]


@pytest.fixture
def five(stores: Stores) -> Stores:
    """1 and 2 in the same microsecond."""
    for number, seconds in ((1, 0), (2, 0), (3, 0.000_001), (4, 1), (5, 3600)):
        create(stores, number, seconds)
    create(stores, 6, 0.5, OTHER)
    create(stores, 7, 0.5, ACME_TEST)
    return stores


@pytest.mark.parametrize(
    ("stretch", "newest_first"),
    [
        (Stretch(), [5, 4, 3, 2, 1]),
        (Stretch(older_than=Place(at(1), "sess_4")), [3, 2, 1]),
        (Stretch(older_than=Place(at(0), "sess_2")), [1]),
        (Stretch(newer_than=Place(at(0), "sess_1")), [5, 4, 3, 2]),
        (Stretch(newer_than=Place.behind(at(0))), [5, 4, 3]),
        (Stretch(Place(at(0), "sess_1"), Place(at(1), "sess_4")), [3, 2]),
        (Stretch(Place(at(1), "sess_4"), Place(at(3600), "sess_5")), []),
        (Stretch(older_than=Place(at(0), "sess_1")), []),
        (Stretch(newer_than=Place(at(3600), "sess_5")), []),
    ],
)
def test_a_stretch_is_without_its_ends_and_read_from_either_side(
    five: Stores, stretch: Stretch, newest_first: list[int]
) -> None:
    for limit in (1, 2, 100):
        found = five.session_list.places(ACME, None, stretch, limit, oldest_first=False)
        assert numbers(found) == newest_first[:limit]
        found = five.session_list.places(ACME, None, stretch, limit, oldest_first=True)
        assert numbers(found) == newest_first[::-1][:limit]


def test_a_place_is_given_as_it_was_stored(five: Stores) -> None:
    (newest,) = five.session_list.places(ACME, None, Stretch(), 1, oldest_first=False)

    assert newest == Place(at(3600), "sess_5")


def test_a_status_has_its_own_order(stores: Stores) -> None:
    for number, status in enumerate((Status.ENDED, Status.ACTIVE, Status.ENDED, Status.ACTIVE)):
        create(stores, number, number, status=status)
    create(stores, 9, 9, OTHER, Status.ACTIVE)

    found = stores.session_list.places(ACME, Status.ACTIVE, Stretch(), 9, oldest_first=False)
    older = stores.session_list.places(ACME, Status.ENDED, Stretch(older_than=found[1]), 9, oldest_first=False)

    assert numbers(found) == [3, 1]
    assert numbers(older) == [0]
    assert stores.session_list.places(ACME, Status.ENDING, Stretch(), 9, oldest_first=False) == []


def test_a_batch_comes_in_the_order_that_was_asked_for_and_of_one_tenant(five: Stores) -> None:
    found = five.session_list.read(ACME, ["sess_4", "sess_6", "sess_1", "sess_none", "sess_3"])

    assert [session.id for session in found] == ["sess_4", "sess_1", "sess_3"]
    assert all(session.version == 1 for session in found)
    assert five.session_list.read(ACME, []) == []


def test_a_batch_may_be_a_hundred(stores: Stores) -> None:
    for number in range(100):
        create(stores, number, number)
    wanted = [f"sess_{number}" for number in range(100)]

    assert [session.id for session in stores.session_list.read(ACME, wanted)] == wanted
