"""/v1/api_keys: who may call, and what they may do (`keys:manage`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from kallglot.exchange.requests import Repeat, Request, given, moment, path, query
from kallglot.objects.bodies import one
from kallglot.objects.lists import Page, page_of
from kallglot.objects.service import ApiKey
from kallglot.routes.route import Client, Listing, Resource, Route


class ApiKeys(Resource[Client]):
    @Route
    def create(
        self,
        *,
        scopes: Sequence[str] | None = None,
        name: str | None = None,
        expires_at: dt.datetime | str | None = None,
        extra_body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Request[ApiKey]:
        """A new key; `key` is in this answer and never again."""
        fields = given(scopes=scopes and list(scopes), name=name, expires_at=moment(expires_at))
        body = {**fields, **(extra_body or {})}
        return Request("POST", "/api_keys", one(ApiKey), {}, body, Repeat.BY_KEY, idempotency_key)

    @Listing
    def list(self, *, limit: int | None = None, starting_after: str | None = None) -> Request[Page[ApiKey]]:
        return Request("GET", "/api_keys", page_of(ApiKey), query(limit=limit, starting_after=starting_after))

    @Route
    def get(self, key_id: str) -> Request[ApiKey]:
        return Request("GET", path("api_keys", key_id), one(ApiKey))

    @Route
    def revoke(self, key_id: str) -> Request[ApiKey]:
        """From the next request on nobody comes in with it."""
        return Request("DELETE", path("api_keys", key_id), one(ApiKey))
