"""Managing keys: what may be granted, what a repeat is told, and that somebody is left who can."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.access import ApiKey, Principal, Refusal, Scope
from core.domain.organizations import Organization
from core.domain.paging import Page
from core.domain.rotation import USED_AFTER, Versions, fixed
from core.errors import Conflict, InvalidRequest, NotFound, PermissionDenied, ValidationFailed, WriteConflict
from core.services.access import AccessService
from core.services.api_keys import ApiKeyService, NewKey
from core.services.idempotency import RequestKey
from tests.builders import ACME, ACME_TEST, OTHER, PEPPER, an_api_key
from tests.fakes.clocks import START, FakeClock, SequenceIds
from tests.fakes.keys import MemoryKeys
from tests.fakes.stores import MemoryAccess, MemoryIdempotency, MemorySessions

MANAGER = Principal(ACME, "key_1", frozenset({Scope.KEYS_MANAGE, Scope.SESSIONS_READ}))
ONCE = RequestKey("POST /v1/api_keys", "once", "hash")


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    access: MemoryAccess = field(default_factory=MemoryAccess)
    drawn: int = 0

    def __post_init__(self) -> None:
        records = MemorySessions(self.clock)
        self.records = MemoryIdempotency(records)
        self.keys = MemoryKeys(self.access, records)
        self.peppers = fixed(PEPPER)()
        self.service = ApiKeyService(self.keys, self.records, self.pepper, self.random, self.clock, SequenceIds())
        self.access.put_organization(Organization("org_acme", "Acme"))

    def random(self, count: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(count, "big")

    def pepper(self) -> Versions:
        return self.peppers

    def create(self, creator: Principal = MANAGER, request: RequestKey | None = None, **new: Any) -> dict[str, Any]:
        return dict(self.service.create(creator, NewKey(**new), request).body)

    def caller(self, secret: str) -> Principal | Refusal:
        return AccessService(self.access, self.pepper, self.clock).authenticate(secret)

    def holds(self, *keys: ApiKey) -> None:
        for key in keys:
            self.keys.add(key)


@pytest.fixture
def world() -> World:
    return World()


def a_manager(number: int, **more: Any) -> ApiKey:
    made = an_api_key(f"sk_live_manager_{number}", scopes=frozenset({Scope.KEYS_MANAGE}), **more)
    return replace(made, id=f"key_m{number}")


def test_a_new_key_lets_its_holder_in_with_what_was_granted(world: World) -> None:
    made = world.create(name="reader", scopes=frozenset({Scope.SESSIONS_READ}))

    assert world.caller(made["key"]) == Principal(ACME, made["id"], frozenset({Scope.SESSIONS_READ}))
    assert made == {
        "id": "key_0001",
        "object": "api_key",
        "name": "reader",
        "livemode": True,
        "scopes": ["sessions:read"],
        "last_four": made["key"][-4:],
        "created_at": "2026-03-26T11:00:00Z",
        "expires_at": None,
        "revoked_at": None,
        "key": made["key"],
    }


def test_without_scopes_it_may_do_what_its_creator_may_and_in_the_same_environment(world: World) -> None:
    made = world.create(replace(MANAGER, tenant=ACME_TEST))

    assert made["key"].startswith("sk_test_")
    assert world.caller(made["key"]) == Principal(ACME_TEST, made["id"], MANAGER.scopes)


def test_nobody_grants_what_they_lack(world: World) -> None:
    with pytest.raises(PermissionDenied) as refused:
        world.create(scopes=frozenset({Scope.SESSIONS_READ, Scope.SESSIONS_WRITE}))

    assert (refused.value.code, refused.value.param) == ("insufficient_permissions", "scopes")
    assert "sessions:write" in refused.value.message
    assert world.keys.keyring(ACME).keys == ()


def test_a_key_expires_when_it_was_told_to(world: World) -> None:
    made = world.create(expires_at=START + timedelta(hours=1))
    world.clock.advance(3600)

    assert world.caller(made["key"]) is Refusal.EXPIRED
    with pytest.raises(ValidationFailed) as refused:
        world.create(expires_at=world.clock.now())
    assert refused.value.param == "expires_at"


def test_the_text_of_a_key_is_stored_nowhere(world: World) -> None:
    made = world.create(request=ONCE)

    stored = repr([*world.keys.keyring(ACME).keys, world.records.find(ACME, ONCE.route, ONCE.key)])
    assert "nonce" in stored
    assert made["key"] not in stored
    assert made["key"].removeprefix("sk_live_") not in stored


def test_a_repeat_is_answered_as_the_first_was_secret_and_all(world: World) -> None:
    first = world.service.create(MANAGER, NewKey("one"), ONCE)
    world.clock.advance(3600)
    again = world.service.create(MANAGER, NewKey("one"), ONCE)

    assert (again.status, again.body, again.replayed) == (201, first.body, True)
    assert len(world.keys.keyring(ACME).keys) == 1


def test_after_a_day_a_repeat_makes_another_key(world: World) -> None:
    first = world.create(request=ONCE)
    world.clock.advance(24 * 3600 + 1)

    assert world.create(request=ONCE)["key"] != first["key"]


def test_another_key_that_repeats_a_request_is_not_told_the_secret(world: World) -> None:
    world.create(request=ONCE)

    with pytest.raises(InvalidRequest) as refused:
        world.create(replace(MANAGER, key_id="key_2"), ONCE)

    assert refused.value.code == "idempotency_mismatch"


def test_two_keys_never_have_the_same_text(world: World) -> None:
    assert len({world.create()["key"] for _ in range(20)}) == 20


def test_keys_are_read_and_listed_by_their_own_tenant_without_their_text(world: World) -> None:
    made = [world.create(name=str(number)) for number in range(5)]
    world.create(Principal(OTHER, "key_9", MANAGER.scopes))

    page = world.service.page(ACME, Page(2, starting_after="key_0004"))
    back = world.service.page(ACME, Page(2, ending_before="key_0001"))

    assert [key["name"] for key in page.items] == ["2", "1"]
    assert [key["name"] for key in back.items] == ["2", "1"]
    assert (page.has_more, back.has_more) == (True, True)
    assert world.service.get(ACME, "key_0001") == {name: made[0][name] for name in made[0] if name != "key"}
    for tenant, key_id in ((OTHER, "key_0001"), (ACME_TEST, "key_0001"), (ACME, "key_9999"), (ACME, "sess_1")):
        with pytest.raises(NotFound):
            world.service.get(tenant, key_id)
    with pytest.raises(NotFound) as refused:
        world.service.page(OTHER, Page(starting_after="key_0001"))
    assert refused.value.param == "starting_after"


def test_a_revoked_key_is_refused_and_stays_in_the_list(world: World) -> None:
    world.holds(a_manager(1))
    made = world.create()

    revoked = world.service.revoke(MANAGER, made["id"])
    world.clock.advance(60)

    assert revoked["revoked_at"] == "2026-03-26T11:00:00Z"
    assert world.caller(made["key"]) is Refusal.REVOKED
    assert world.service.revoke(MANAGER, made["id"]) == revoked
    assert made["id"] in [key["id"] for key in world.service.page(ACME, Page()).items]


def test_another_tenants_key_cannot_be_revoked(world: World) -> None:
    world.holds(a_manager(1), a_manager(2, tenant=OTHER), a_manager(3, tenant=ACME_TEST))

    for number in (2, 3):
        with pytest.raises(NotFound):
            world.service.revoke(MANAGER, f"key_m{number}")


@pytest.mark.parametrize(
    "other",
    [
        None,
        a_manager(2, revoked_at=START),
        a_manager(2, expires_at=START),
        a_manager(2, tenant=ACME_TEST),
        replace(an_api_key("sk_live_reader"), id="key_reader"),
    ],
)
def test_the_last_key_that_manages_keys_stays(world: World, other: ApiKey | None) -> None:
    world.holds(a_manager(1), *([other] if other else []))

    with pytest.raises(Conflict) as refused:
        world.service.revoke(MANAGER, "key_m1")

    assert refused.value.code == "last_managing_key"
    assert refused.value.retry_after_s is None


def test_one_of_two_may_go_and_the_other_stays(world: World) -> None:
    world.holds(a_manager(1), a_manager(2))

    assert world.service.revoke(MANAGER, "key_m1")["revoked_at"]
    with pytest.raises(Conflict):
        world.service.revoke(MANAGER, "key_m2")


def test_two_that_revoke_each_other_do_not_both_succeed(world: World) -> None:
    class Racing(MemoryKeys):
        """Between our look at the ring and our write, the other one revokes."""

        def revoke(self, revoked: ApiKey, keyring_version: int) -> None:
            if revoked.id == "key_m1" and world.service.keys is self:
                world.service = replace(world.service, keys=world.keys)
                world.service.revoke(MANAGER, "key_m2")
            super().revoke(revoked, keyring_version)

    racing = Racing(world.access)
    world.keys = racing
    world.holds(a_manager(1), a_manager(2))
    service = world.service = replace(world.service, keys=racing)
    world.keys = MemoryKeys(world.access)
    world.keys._versions = racing._versions

    with pytest.raises(Conflict):
        service.revoke(MANAGER, "key_m1")


def test_a_ring_that_never_stands_still_is_said(world: World) -> None:
    class Busy(MemoryKeys):
        def revoke(self, revoked: ApiKey, keyring_version: int) -> None:
            raise WriteConflict(revoked.id)

    world.holds(a_manager(1), a_manager(2))

    with pytest.raises(Conflict) as refused:
        replace(world.service, keys=Busy(world.access)).revoke(MANAGER, "key_m1")

    assert (refused.value.code, refused.value.retry_after_s) == ("keys_busy", 1)


def test_a_rotation_of_the_pepper_voids_no_key_and_makes_the_next_one_with_the_new_version(world: World) -> None:
    before = world.create()
    world.peppers = world.peppers.with_new(b"n" * 64, world.clock.now())
    while_known = world.create()
    world.clock.advance(USED_AFTER.total_seconds())
    after = world.create()

    assert [isinstance(world.caller(made["key"]), Principal) for made in (before, while_known, after)] == [True] * 3
    assert [key.pepper for key in world.keys.keyring(ACME).keys] == [1, 1, 2]
    world.peppers = world.peppers.without(1)
    assert [world.caller(made["key"]) for made in (before, while_known)] == [Refusal.UNKNOWN] * 2
    assert isinstance(world.caller(after["key"]), Principal)


def test_a_repeat_after_a_rotation_tells_the_key_of_before(world: World) -> None:
    first = world.create(request=ONCE)
    world.peppers = world.peppers.with_new(b"n" * 64, world.clock.now())
    world.clock.advance(USED_AFTER.total_seconds())

    assert world.create(request=ONCE) == first
