"""From the text of a key to a principal, or to the reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.access import Principal, Refusal, Scope, api_key_hash
from core.domain.organizations import Organization
from core.domain.rotation import Version, Versions, fixed
from core.errors import AuthenticationFailed, PermissionDenied
from core.services import access
from core.services.access import AccessService
from tests.builders import ACME, PEPPER, SECRET, an_api_key
from tests.fakes.clocks import START, FakeClock
from tests.fakes.stores import MemoryAccess


@pytest.fixture
def store() -> MemoryAccess:
    store = MemoryAccess()
    store.put_organization(Organization("org_acme", "Acme"))
    store.put_key(an_api_key())
    return store


@pytest.fixture
def service(store: MemoryAccess) -> AccessService:
    return AccessService(store, fixed(PEPPER), FakeClock())


def test_a_known_key_names_its_tenant_and_scopes(service: AccessService) -> None:
    assert service.authenticate(SECRET) == Principal(
        ACME, "key_1", frozenset({Scope.SESSIONS_READ, Scope.SESSIONS_WRITE})
    )


@pytest.mark.parametrize("secret", [None, "", "sk_live_other", SECRET + "x", SECRET.upper(), "Bearer", "x" * 5000])
def test_anything_else_is_unknown(service: AccessService, secret: str | None) -> None:
    assert service.authenticate(secret) is Refusal.UNKNOWN


@pytest.mark.parametrize(
    ("secret", "change"),
    [
        (None, {}),
        ("", {}),
        ("kst_live_token", {}),
        ("sk_" + "x" * 5000, {}),
        ("sk_live_unknown", {}),
        ("sk_live_\udc80", {}),
        (SECRET, {"expires_at": START}),
        (SECRET, {"revoked_at": START}),
    ],
)
@pytest.mark.parametrize("peppers", [1, 2, 3])
def test_every_key_that_is_refused_costs_a_hash_for_each_pepper_and_one_read(
    monkeypatch: pytest.MonkeyPatch, secret: str | None, change: dict[str, Any], peppers: int
) -> None:
    """So that the time of the answer says nothing of why, nor with which pepper a key was made."""
    did: list[str] = []

    class Counting(MemoryAccess):
        def key_by_hashes(self, key_hashes: Sequence[str]) -> Any:
            did.append("read")
            return super().key_by_hashes(key_hashes)

        def organization(self, organization_id: str) -> Any:
            did.append("organization")
            return super().organization(organization_id)

    def counted(pepper: bytes, text: str) -> str:
        did.append("hash")
        assert len(text) <= 200
        return api_key_hash(pepper, text)

    monkeypatch.setattr(access, "api_key_hash", counted)
    store = Counting()
    store.put_organization(Organization("org_acme", "Acme"))
    store.put_key(an_api_key(**change))

    versions = Versions(tuple(Version(number, PEPPER * number) for number in range(peppers, 0, -1)))
    assert isinstance(AccessService(store, lambda: versions, FakeClock()).authenticate(secret), Refusal)

    assert did == ["hash"] * peppers + ["read"]


def test_a_key_made_before_the_pepper_was_rotated_is_found_and_remembered_by_its_own_hash(store: MemoryAccess) -> None:
    key = an_api_key()
    store.put_key(key)
    rotated = fixed(PEPPER)().with_new(b"n" * 64, START)
    service = AccessService(store, lambda: rotated, FakeClock())

    principal, remembered = service.admit_to_remember(SECRET, Scope.SESSIONS_READ)

    assert (principal.key_id, remembered) == (key.id, key.hash)
    assert service.admit_again(remembered, Scope.SESSIONS_READ) == principal
    dropped = rotated.without(1)
    assert AccessService(store, lambda: dropped, FakeClock()).authenticate(SECRET) is Refusal.UNKNOWN


def test_a_key_expires_at_its_time(store: MemoryAccess, service: AccessService) -> None:
    store.put_key(an_api_key(expires_at=START))

    assert service.authenticate(SECRET) is Refusal.EXPIRED

    store.put_key(an_api_key(expires_at=START + timedelta(seconds=1)))

    assert isinstance(service.authenticate(SECRET), Principal)


def test_a_revoked_key_is_revoked_even_when_it_has_also_expired(store: MemoryAccess, service: AccessService) -> None:
    store.put_key(replace(an_api_key(expires_at=START), revoked_at=START))

    assert service.authenticate(SECRET) is Refusal.REVOKED


@pytest.mark.parametrize("organization", [Organization("org_acme", "Acme", active=False), None])
def test_a_suspended_or_missing_organization_lets_nobody_in(
    service: AccessService, store: MemoryAccess, organization: Organization | None
) -> None:
    store._organizations.clear()
    if organization:
        store.put_organization(organization)

    assert service.authenticate(SECRET) is Refusal.INACTIVE


def test_admission_needs_the_scope(service: AccessService) -> None:
    assert service.admit(SECRET, Scope.SESSIONS_READ).key_id == "key_1"

    with pytest.raises(PermissionDenied) as refused:
        service.admit(SECRET, Scope.KEYS_MANAGE)

    assert refused.value.code == "insufficient_permissions"


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"revoked_at": START}, AuthenticationFailed, "revoked_api_key"),
        ({"expires_at": START}, AuthenticationFailed, "expired_api_key"),
        ({"hash": "other"}, AuthenticationFailed, "invalid_api_key"),
    ],
)
def test_a_refused_key_is_an_error_with_its_code(
    change: dict[str, Any], error: type[AuthenticationFailed], code: str
) -> None:
    store = MemoryAccess()
    store.put_organization(Organization("org_acme", "Acme"))
    store.put_key(an_api_key(**change))

    with pytest.raises(error) as refused:
        AccessService(store, fixed(PEPPER), FakeClock()).admit(SECRET, Scope.SESSIONS_READ)

    assert refused.value.code == code
    assert SECRET not in refused.value.message
