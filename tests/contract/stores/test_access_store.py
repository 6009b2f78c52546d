"""AccessStore and WorkerDirectory."""

from __future__ import annotations

from datetime import timedelta

from core.domain.limits import RATE_LIMITS, RateLimit, RouteGroup
from core.domain.organizations import Defaults, Organization
from core.domain.sessions import Channels, Recording
from core.domain.terminology import Terminology
from core.release_ports import Opening
from tests.builders import an_api_key
from tests.contract.stores.kinds import Stores
from tests.fakes.clocks import START


def test_a_key_is_found_by_its_hash_and_only_so(stores: Stores) -> None:
    key = an_api_key()
    stores.keys.add(key)

    assert stores.access.key_by_hash(key.hash) == key
    assert stores.access.key_by_hash(key.id) is None


def test_a_key_is_found_by_any_of_several_hashes(stores: Stores) -> None:
    key = an_api_key()
    stores.keys.add(key)

    assert stores.access.key_by_hashes([key.hash]) == key
    assert stores.access.key_by_hashes(["0" * 64, key.hash]) == key
    assert stores.access.key_by_hashes(["0" * 64, "1" * 64]) is None


def test_an_expired_or_revoked_key_is_still_there_to_say_so(stores: Stores) -> None:
    key = an_api_key(expires_at=START - timedelta(days=400), revoked_at=START - timedelta(days=500))
    stores.keys.add(key)

    assert stores.access.key_by_hash(key.hash) == key


def test_an_organization_is_there_as_it_was_put(stores: Stores) -> None:
    organization = Organization("org_acme", "Acme", False)
    stores.access.put_organization(organization)

    assert stores.access.organization("org_acme") == organization
    assert stores.access.organization("org_other") is None


def test_an_organization_keeps_its_defaults_limits_and_credits(stores: Stores) -> None:
    defaults = Defaults("de", "en", Recording(True, Channels.MONO), "https://example.com/hook")
    limits = {RouteGroup.CREATE: RateLimit(3, 0.5)}
    organization = Organization(
        "org_acme", "Acme", defaults=defaults, rate_limits=limits, max_sessions=0, credits_s=3600
    )
    stores.access.put_organization(organization)

    found = stores.access.organization("org_acme")

    assert found == organization
    assert found.rate_limit(RouteGroup.CREATE) == RateLimit(3, 0.5)
    assert found.rate_limit(RouteGroup.READ) == RATE_LIMITS[RouteGroup.READ]


def test_the_terms_of_an_organization_are_there_as_they_were_put(stores: Stores) -> None:
    terms = Terminology(({"de": "Rückläufer", "en": "returned debit"},), ("PX-9",))
    stores.access.put_terminology("org_acme", Terminology(names=("old",)))
    stores.access.put_terminology("org_acme", terms)

    assert stores.access.terminology("org_acme") == terms
    assert stores.access.terminology("org_other") == Terminology()


def test_the_last_beat_of_a_worker_counts(stores: Stores) -> None:
    stores.workers.beat("w1", START)
    stores.workers.beat("w1", START + timedelta(seconds=5))

    assert stores.workers.last_beat("w1") == START + timedelta(seconds=5)
    assert stores.workers.last_beat("w2") is None


def test_a_worker_is_reached_where_its_last_beat_said(stores: Stores) -> None:
    stores.workers.beat("w1", START, "10.0.0.1:8081")
    stores.workers.beat("w1", START, "10.0.0.2:8081")
    stores.workers.beat("w2", START, "10.0.0.3:8081")
    stores.workers.beat("w2", START)

    assert stores.workers.address_of("w1") == "10.0.0.2:8081"
    assert stores.workers.address_of("w2") is None
    assert stores.workers.address_of("w3") is None


def test_a_forgotten_worker_has_never_been(stores: Stores) -> None:
    stores.workers.beat("w1", START, "10.0.0.1:8081")

    stores.workers.forget("w1")
    stores.workers.forget("w2")

    assert stores.workers.last_beat("w1") is None
    assert stores.workers.address_of("w1") is None


def test_the_last_worker_of_a_release_that_had_room_is_remembered(stores: Stores) -> None:
    stores.openings.announce("worker:7", Opening("w1", START))
    stores.openings.announce("worker:7", Opening("w2", START + timedelta(seconds=1)))

    assert stores.openings.announced("worker:7") == Opening("w2", START + timedelta(seconds=1))
    assert stores.openings.announced("worker:8") is None
