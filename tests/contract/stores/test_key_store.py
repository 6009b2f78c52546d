"""KeyStore: a key lies where the authorizer finds it and where a list finds it, or nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.access import ApiKey, Tenant
from core.errors import IdempotencyKeyTaken, WriteConflict
from tests.builders import ACME, ACME_TEST, OTHER, a_record, an_api_key
from tests.contract.stores.kinds import Stores
from tests.fakes.clocks import START

ROUTE = "POST /v1/sessions"


def a_key(number: int, tenant: Tenant = ACME) -> ApiKey:
    return replace(an_api_key(f"sk_live_{number}", tenant), id=f"key_{number}", name=f"number {number}")


def ids(keys: list[ApiKey]) -> list[str]:
    return [key.id for key in keys]


def test_a_key_is_found_by_its_id_by_its_own_tenant_only(stores: Stores) -> None:
    key = replace(a_key(1), expires_at=START + timedelta(days=1))
    stores.keys.add(key)

    assert stores.keys.find(ACME, "key_1") == key
    assert stores.access.key_by_hash(key.hash) == key
    assert stores.keys.find(OTHER, "key_1") is None
    assert stores.keys.find(ACME_TEST, "key_1") is None
    assert stores.keys.keyring(OTHER).keys == ()


def test_keys_are_listed_between_two_from_either_end(stores: Stores) -> None:
    for number in (3, 1, 2, 5, 4):
        stores.keys.add(a_key(number))
    stores.keys.add(a_key(6, OTHER))

    assert ids(stores.keys.between(ACME, None, None, 9, oldest_first=False)) == [f"key_{n}" for n in (5, 4, 3, 2, 1)]
    assert ids(stores.keys.between(ACME, None, "key_4", 2, oldest_first=False)) == ["key_3", "key_2"]
    assert ids(stores.keys.between(ACME, "key_1", None, 2, oldest_first=True)) == ["key_2", "key_3"]
    assert ids(stores.keys.between(ACME, "key_2", "key_5", 9, oldest_first=True)) == ["key_3", "key_4"]
    assert stores.keys.between(ACME, "key_5", None, 9, oldest_first=True) == []


def test_a_key_comes_with_its_record_or_not_at_all(stores: Stores) -> None:
    stores.keys.add(a_key(1), a_record("once"))

    with pytest.raises(IdempotencyKeyTaken):
        stores.keys.add(a_key(2), a_record("once"))

    assert stores.idempotency.find(ACME, ROUTE, "once") == a_record("once")
    assert stores.keys.find(ACME, "key_2") is None
    assert stores.access.key_by_hash(a_key(2).hash) is None


def test_a_key_is_added_once(stores: Stores) -> None:
    stores.keys.add(a_key(1))

    with pytest.raises(WriteConflict):
        stores.keys.add(replace(a_key(1), name="other"))

    found = stores.keys.find(ACME, "key_1")
    assert found is not None
    assert found.name == "number 1"


def test_a_revoked_key_is_revoked_in_both_places_and_stays(stores: Stores) -> None:
    stores.keys.add(a_key(1))
    revoked = replace(a_key(1), revoked_at=START)

    stores.keys.revoke(revoked, stores.keys.keyring(ACME).version)

    assert stores.keys.find(ACME, "key_1") == stores.access.key_by_hash(revoked.hash) == revoked
    assert stores.keys.keyring(ACME).keys == (revoked,)


def test_a_revocation_is_decided_on_the_ring_as_it_is(stores: Stores) -> None:
    for number in (1, 2):
        stores.keys.add(a_key(number))
    seen = stores.keys.keyring(ACME).version
    stores.keys.revoke(replace(a_key(1), revoked_at=START), seen)

    for number, version in ((2, seen), (1, stores.keys.keyring(ACME).version)):
        with pytest.raises(WriteConflict):
            stores.keys.revoke(replace(a_key(number), revoked_at=START), version)

    stores.keys.revoke(replace(a_key(2), revoked_at=START), stores.keys.keyring(ACME).version)
    assert all(key.revoked_at for key in stores.keys.keyring(ACME).keys)
