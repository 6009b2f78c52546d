"""IdempotencyStore."""

from __future__ import annotations

import pytest

from core.errors import IdempotencyKeyTaken
from tests.builders import ACME, OTHER, a_record
from tests.contract.stores.kinds import Stores

ROUTE = "POST /v1/sessions"


def test_a_record_is_found_as_it_was_put(stores: Stores) -> None:
    stores.idempotency.put(a_record(body={"id": "sess_1", "metadata": {"a": "ü"}, "n": 1.5, "none": None}))

    found = stores.idempotency.find(ACME, ROUTE, "key")

    assert found == a_record(body={"id": "sess_1", "metadata": {"a": "ü"}, "n": 1.5, "none": None})


def test_a_record_belongs_to_its_tenant_its_route_and_its_key(stores: Stores) -> None:
    stores.idempotency.put(a_record())

    assert stores.idempotency.find(OTHER, ROUTE, "key") is None
    assert stores.idempotency.find(ACME, "POST /v1/sessions/<session_id>/end", "key") is None
    assert stores.idempotency.find(ACME, ROUTE, "Key") is None


def test_a_key_is_taken_until_its_record_expires(stores: Stores) -> None:
    stores.idempotency.put(a_record())

    with pytest.raises(IdempotencyKeyTaken):
        stores.idempotency.put(a_record())

    stores.clock.advance(24 * 3600)
    assert stores.idempotency.find(ACME, ROUTE, "key") is None
    stores.idempotency.put(a_record())


def test_a_key_may_be_255_characters_of_anything(stores: Stores) -> None:
    key = "#😀/" * 85

    stores.idempotency.put(a_record(key))

    assert stores.idempotency.find(ACME, ROUTE, key) is not None
