"""From the text of a key to a principal, or to the reason why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.access import Principal, Refusal, Scope
from core.domain.organizations import Organization
from core.errors import AuthenticationFailed, PermissionDenied
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
    return AccessService(store, lambda: PEPPER, FakeClock())


def test_a_known_key_names_its_tenant_and_scopes(service: AccessService) -> None:
    assert service.authenticate(SECRET) == Principal(
        ACME, "key_1", frozenset({Scope.SESSIONS_READ, Scope.SESSIONS_WRITE})
    )


@pytest.mark.parametrize("secret", [None, "", "sk_live_other", SECRET + "x", SECRET.upper(), "Bearer", "x" * 5000])
def test_anything_else_is_unknown(service: AccessService, secret: str | None) -> None:
    assert service.authenticate(secret) is Refusal.UNKNOWN


def test_what_cannot_be_a_key_is_not_even_looked_up(store: MemoryAccess) -> None:
    def no_pepper() -> bytes:
        raise AssertionError("asked for the pepper")

    service = AccessService(store, no_pepper, FakeClock())

    assert service.authenticate("kst_live_token") is Refusal.UNKNOWN
    assert service.authenticate("sk_" + "x" * 500) is Refusal.UNKNOWN


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
        AccessService(store, lambda: PEPPER, FakeClock()).admit(SECRET, Scope.SESSIONS_READ)

    assert refused.value.code == code
    assert SECRET not in refused.value.message
