"""/v1/sip and /v1/sip_credentials: who may call sessions by SIP (`keys:manage`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from kallglot.exchange.requests import Repeat, Request, given, path, query
from kallglot.objects.bodies import one
from kallglot.objects.lists import Page, page_of
from kallglot.objects.recordings import Deleted
from kallglot.objects.sip import SipCredential, SipSettings
from kallglot.routes.inputs import SipUpdate
from kallglot.routes.route import Client, Listing, Resource, Route


class Sip(Resource[Client]):
    @Route
    def get(self) -> Request[SipSettings]:
        return Request("GET", "/sip", one(SipSettings))

    @Route
    def update(
        self, *, extra_body: Mapping[str, Any] | None = None, **changes: Unpack[SipUpdate]
    ) -> Request[SipSettings]:
        """What is not named stays, what is None is taken away. The trunk is replaced as a whole, but for a password
        that is left out."""
        return Request("PATCH", "/sip", one(SipSettings), {}, {**changes, **(extra_body or {})})


class SipCredentials(Resource[Client]):
    @Route
    def create(self, *, username: str | None = None, idempotency_key: str | None = None) -> Request[SipCredential]:
        """The `password` is in this answer and never again. Without a username it is the credential's id."""
        body = given(username=username)
        return Request("POST", "/sip_credentials", one(SipCredential), {}, body, Repeat.BY_KEY, idempotency_key)

    @Route
    def get(self, credential_id: str) -> Request[SipCredential]:
        return Request("GET", path("sip_credentials", credential_id), one(SipCredential))

    @Listing
    def list(self, *, limit: int | None = None, starting_after: str | None = None) -> Request[Page[SipCredential]]:
        asked = query(limit=limit, starting_after=starting_after)
        return Request("GET", "/sip_credentials", page_of(SipCredential), asked)

    @Route
    def delete(self, credential_id: str) -> Request[Deleted]:
        """No new call is let in by it."""
        return Request("DELETE", path("sip_credentials", credential_id), one(Deleted))

    @Route
    def rotate(self, credential_id: str, *, idempotency_key: str | None = None) -> Request[SipCredential]:
        """A new password; the one before it is good for a day more."""
        where = path("sip_credentials", credential_id, "rotate")
        return Request("POST", where, one(SipCredential), {}, {}, Repeat.BY_KEY, idempotency_key)
