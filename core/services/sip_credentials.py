"""The passwords that a tenant's PBXs call with: made by us, shown once, kept as hashes that only check them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from core.domain import ids
from core.domain.access import Tenant
from core.domain.paging import Page, Paged, cut
from core.domain.rotation import Secret, Version
from core.domain.sip import Credential, existing, hashes, rotated, with_credential, without_credential
from core.domain.sip_views import credential_object
from core.errors import IdempotencyKeyTaken, WriteConflict
from core.ports import Clock, IdempotencyStore, Ids
from core.services.idempotency import Answer, RequestKey, first_answer, record_of, running
from core.services.sip_settings import busy
from core.sip_ports import SipStore

T = TypeVar("T")
_ATTEMPTS = 5
_NONCE_BYTES = 16
# 192 bits, as 32 characters.
_PASSWORD_BYTES = 24


@dataclass(frozen=True, slots=True)
class SipCredentialService:
    """`random` gives that many bytes from a cryptographic source. Passwords are derived as API keys are (ADR 17): from
    the pepper and a nonce that lies in the idempotency record alone."""

    store: SipStore
    idempotency: IdempotencyStore
    pepper: Secret
    random: Callable[[int], bytes]
    clock: Clock
    ids: Ids

    def create(self, tenant: Tenant, username: str | None, request: RequestKey | None = None) -> Answer:
        """Raises Conflict when the name is taken, or there are too many already."""
        if record := first_answer(self.idempotency, tenant, request):
            return self._replay(tenant, record.status, record.body)
        credential_id = self.ids.new(ids.SIP_CREDENTIAL)
        # An id is nobody else's name, and a PBX takes it.
        name = username or credential_id
        nonce, pepper, now = self.random(_NONCE_BYTES), self.pepper().in_use(self.clock.now()), self.clock.now()
        password = _password(pepper, tenant, credential_id, nonce)
        made = Credential(credential_id, name, now, hashes(name, password))
        shown = credential_object(tenant, made, now)
        record_ = record_of(self.clock, tenant, request, 201, _remembered(shown, nonce, pepper))

        def write() -> None:
            self.store.put(tenant, with_credential(self.store.of(tenant), made), record_)

        return self._written(tenant, request, 201, write, lambda: {**shown, "password": password})

    def page(self, tenant: Tenant, page: Page) -> Paged[dict[str, Any]]:
        """Newest first. Raises NotFound for a cursor that is no credential of the tenant."""
        held = self.store.of(tenant)
        newest_first = sorted(held.credentials.values(), key=lambda each: (each.created_at, each.id), reverse=True)
        if page.cursor is not None:
            cursor = existing(held, page.cursor, page.cursor_name)
            place = newest_first.index(cursor)
            newest_first = newest_first[:place][::-1] if page.is_backwards else newest_first[place + 1 :]
        now = self.clock.now()
        return cut([credential_object(tenant, credential, now) for credential in newest_first], page)

    def get(self, tenant: Tenant, credential_id: str) -> dict[str, Any]:
        """Raises NotFound."""
        return credential_object(tenant, existing(self.store.of(tenant), credential_id), self.clock.now())

    def remove(self, tenant: Tenant, credential_id: str) -> dict[str, Any]:
        """The next call with its password is not let in; calls that run go on. Raises NotFound."""
        _persistently(
            lambda: self.store.put(tenant, without_credential(self.store.of(tenant), credential_id)),
        )
        return {"id": credential_id, "object": "sip_credential", "deleted": True}

    def rotate(self, tenant: Tenant, credential_id: str, request: RequestKey | None = None) -> Answer:
        """For a day both passwords are good; the one before the last is good no more. Raises NotFound."""
        if record := first_answer(self.idempotency, tenant, request):
            return self._replay(tenant, record.status, record.body)
        nonce, pepper, now = self.random(_NONCE_BYTES), self.pepper().in_use(self.clock.now()), self.clock.now()
        password = _password(pepper, tenant, credential_id, nonce)
        shown: dict[str, Any] = {}

        def write() -> None:
            held = self.store.of(tenant)
            username = existing(held, credential_id).username
            after = rotated(held, credential_id, hashes(username, password), now)
            shown.update(credential_object(tenant, after.credentials[credential_id], now))
            record_ = record_of(self.clock, tenant, request, 200, _remembered(dict(shown), nonce, pepper))
            self.store.put(tenant, after, record_)

        return self._written(tenant, request, 200, write, lambda: {**shown, "password": password})

    def _written(
        self,
        tenant: Tenant,
        request: RequestKey | None,
        status: int,
        write: Callable[[], None],
        told: Callable[[], dict[str, Any]],
    ) -> Answer:
        try:
            _persistently(write)
        except IdempotencyKeyTaken:
            record = first_answer(self.idempotency, tenant, request)
            if record is None:
                raise running() from None
            return self._replay(tenant, record.status, record.body)
        return Answer(status, told())

    def _replay(self, tenant: Tenant, status: int, body: Mapping[str, Any]) -> Answer:
        """The record holds the nonce and not the password, which is derived again, from the pepper of then."""
        shown, pepper = body["object"], self.pepper().numbered(body["pepper"])
        password = _password(pepper, tenant, shown["id"], bytes.fromhex(body["nonce"]))
        return Answer(status, {**shown, "password": password}, replayed=True)


def _password(pepper: Version, tenant: Tenant, credential_id: str, nonce: bytes) -> str:
    about = f"sip password|{tenant}|{credential_id}|".encode()
    made = hmac.new(pepper.value, about + nonce, hashlib.sha256).digest()[:_PASSWORD_BYTES]
    return base64.urlsafe_b64encode(made).decode().replace("-", "A").replace("_", "B")


def _remembered(shown: Mapping[str, Any], nonce: bytes, pepper: Version) -> dict[str, Any]:
    return {"object": shown, "nonce": nonce.hex(), "pepper": pepper.number}


def _persistently(write: Callable[[], T]) -> T:
    for _ in range(_ATTEMPTS):
        try:
            return write()
        except WriteConflict:
            continue
    raise busy()
