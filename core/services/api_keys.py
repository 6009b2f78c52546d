"""Managing the API keys of a tenant: create, list, read, revoke."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.domain import ids
from core.domain.access import ApiKey, Principal, Scope, Tenant, api_key_hash, api_key_secret
from core.domain.api_keys import NONCE_BYTES, api_key_object, is_last_manager, key_random
from core.domain.paging import Page, Paged, cut
from core.domain.rotation import Secret, Version
from core.errors import Conflict, IdempotencyKeyTaken, NotFound, PermissionDenied, ValidationFailed, WriteConflict
from core.key_ports import KeyStore
from core.ports import Clock, IdempotencyStore, Ids
from core.services.idempotency import Answer, RequestKey, first_answer, record_of, running

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class NewKey:
    """`scopes` None: all that its creator has."""

    name: str | None = None
    scopes: frozenset[Scope] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiKeyService:
    """`random` gives that many bytes from a cryptographic source."""

    keys: KeyStore
    idempotency: IdempotencyStore
    pepper: Secret
    random: Callable[[int], bytes]
    clock: Clock
    ids: Ids

    def create(self, creator: Principal, new: NewKey, request: RequestKey | None = None) -> Answer:
        """Raises PermissionDenied for a scope that the creator lacks, ValidationFailed for a time that has passed."""
        request = _of_creator(creator, request)
        if record := first_answer(self.idempotency, creator.tenant, request):
            return self._replay(creator.tenant, record.status, record.body)
        scopes = _granted(creator, new)
        self._check_expiry(new)
        key_id, nonce = self.ids.new(ids.API_KEY), self.random(NONCE_BYTES)
        pepper = self.pepper().in_use(self.clock.now())
        secret = _secret(pepper, creator.tenant, key_id, nonce)
        key = issued(pepper, secret, key_id, creator.tenant, scopes, self.clock.now())
        key = replace(key, name=new.name, expires_at=new.expires_at)
        body = {"object": api_key_object(key), "nonce": nonce.hex(), "pepper": pepper.number}
        try:
            self.keys.add(key, record_of(self.clock, creator.tenant, request, 201, body))
        except (IdempotencyKeyTaken, WriteConflict):
            return self._answer_of_the_first(creator.tenant, request)
        return Answer(201, _with_secret(key, secret))

    def get(self, tenant: Tenant, key_id: str) -> dict[str, Any]:
        return api_key_object(self._find(tenant, key_id))

    def page(self, tenant: Tenant, page: Page) -> Paged[dict[str, Any]]:
        """Newest first, the revoked ones among them. Raises NotFound for a cursor that is no key of the tenant."""
        if page.cursor is not None:
            self._find(tenant, page.cursor, page.cursor_name)
        found = self.keys.between(
            tenant, page.ending_before, page.starting_after, page.limit + 1, oldest_first=page.is_backwards
        )
        return cut([api_key_object(key) for key in found], page)

    def revoke(self, caller: Principal, key_id: str) -> dict[str, Any]:
        """From the next request on nobody comes in with it; revoked again, it stays as it is.

        Raises Conflict for the caller's own key while no other key of the tenant could manage keys.
        """
        for _ in range(_ATTEMPTS):
            ring = self.keys.keyring(caller.tenant)
            key = next((held for held in ring.keys if held.id == key_id), None)
            if key is None:
                raise _not_found()
            if key.revoked_at is not None:
                return api_key_object(key)
            if is_last_manager(key, ring.keys, self.clock.now()):
                raise Conflict("last_managing_key", "no other API key could manage keys; create one first")
            revoked = replace(key, revoked_at=self.clock.now())
            try:
                self.keys.revoke(revoked, ring.version)
            except WriteConflict:
                continue
            return api_key_object(revoked)
        raise Conflict("keys_busy", "the keys are changing too fast", retry_after_s=1)

    def _answer_of_the_first(self, tenant: Tenant, request: RequestKey | None) -> Answer:
        record = first_answer(self.idempotency, tenant, request)
        if record is None:
            raise running()
        return self._replay(tenant, record.status, record.body)

    def _replay(self, tenant: Tenant, status: int, body: Mapping[str, Any]) -> Answer:
        """The record holds the nonce and not the key, which is derived again, from the pepper of then."""
        shown, pepper = body["object"], self.pepper().numbered(body.get("pepper", 1))
        secret = _secret(pepper, tenant, shown["id"], bytes.fromhex(body["nonce"]))
        return Answer(status, {**shown, "key": secret}, replayed=True)

    def _check_expiry(self, new: NewKey) -> None:
        if new.expires_at is not None and new.expires_at <= self.clock.now():
            raise ValidationFailed("invalid_field_value", "expires_at: must be in the future", param="expires_at")

    def _find(self, tenant: Tenant, key_id: str, param: str | None = None) -> ApiKey:
        key = self.keys.find(tenant, key_id) if ids.is_one(key_id, ids.API_KEY) else None
        if key is None:
            raise _not_found(param)
        return key


def issued(
    pepper: Version, secret: str, key_id: str, tenant: Tenant, scopes: frozenset[Scope], now: datetime
) -> ApiKey:
    """What is stored of a key with this text, which exists nowhere else."""
    key_hash = api_key_hash(pepper.value, secret)
    return ApiKey(key_id, key_hash, tenant, scopes, now, secret[-4:], pepper=pepper.number)


def _secret(pepper: Version, tenant: Tenant, key_id: str, nonce: bytes) -> str:
    return api_key_secret(tenant.livemode, key_random(pepper.value, tenant, key_id, nonce))


def _granted(creator: Principal, new: NewKey) -> frozenset[Scope]:
    scopes = creator.scopes if new.scopes is None else new.scopes
    if lacking := sorted(scopes - creator.scopes):
        why = f"this API key cannot grant what it lacks: {', '.join(lacking)}"
        raise PermissionDenied("insufficient_permissions", why, param="scopes")
    return scopes


def _of_creator(creator: Principal, request: RequestKey | None) -> RequestKey | None:
    """Another key that repeats the request must not be told the secret: it may have fewer scopes."""
    if request is None:
        return None
    own = hashlib.sha256(f"{creator.key_id}|{request.request_hash}".encode()).hexdigest()
    return replace(request, request_hash=own)


def _with_secret(key: ApiKey, secret: str) -> dict[str, Any]:
    return {**api_key_object(key), "key": secret}


def _not_found(param: str | None = None) -> NotFound:
    return NotFound("api_key_not_found", "no such API key", param=param)
