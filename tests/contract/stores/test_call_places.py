"""As many calls by SIP as a tenant may have, whoever comes at once, on each kind of store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

from core.errors import Conflict
from core.services.call_places import CallPlaces
from tests.builders import ACME
from tests.contract.stores.kinds import Stores

_MOST, _COMING = 5, 12


def test_of_many_that_come_at_once_as_many_get_a_place_as_there_are(stores: Stores) -> None:
    places = CallPlaces(stores.leases, stores.clock, Random(1))

    def come(number: int) -> bool:
        try:
            places.take(ACME, _MOST, f"leg_{number}")
        except Conflict as refused:
            assert refused.code == "too_many_calls"
            return False
        return True

    with ThreadPoolExecutor(_COMING) as pool:
        got = list(pool.map(come, range(_COMING)))
    assert sum(got) == len(stores.leases.taken(ACME)) == _MOST
    assert {lease.leg_id for lease in stores.leases.taken(ACME)} == {f"leg_{n}" for n, has in enumerate(got) if has}


def test_a_dead_gateways_calls_free_themselves(stores: Stores) -> None:
    places = CallPlaces(stores.leases, stores.clock, Random(1))
    for number in range(_MOST):
        places.take(ACME, _MOST, f"leg_{number}")
    stores.clock.advance(149)
    places.renew(ACME, ["leg_0", "leg_gone"])
    stores.clock.advance(2)
    for number in range(_MOST - 1):
        places.take(ACME, _MOST, f"leg_new_{number}")
    try:
        places.take(ACME, _MOST, "leg_one_too_many")
    except Conflict:
        pass
    else:
        raise AssertionError("the living call kept its place")
