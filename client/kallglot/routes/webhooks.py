"""/v1/webhook_endpoints, /v1/webhook_deliveries, /v1/webhook_secret, /v1/events (`webhooks:manage`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kallglot.exchange.requests import Repeat, Request, given, moment, path, query
from kallglot.objects.bodies import one
from kallglot.objects.lists import Page, page_of
from kallglot.objects.recordings import Deleted
from kallglot.objects.webhooks import Event, WebhookDelivery, WebhookEndpoint, WebhookReplay, WebhookSecret
from kallglot.routes.route import Client, Listing, Resource, Route


class WebhookEndpoints(Resource[Client]):
    @Route
    def create(
        self,
        *,
        url: str,
        events: Sequence[str] | None = None,
        description: str | None = None,
        extra_body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Request[WebhookEndpoint]:
        """`events` are types, `*` for all of them. The `secret` is in this answer and never again."""
        fields = given(url=url, events=events and list(events), description=description)
        body = {**fields, **(extra_body or {})}
        return Request("POST", "/webhook_endpoints", one(WebhookEndpoint), {}, body, Repeat.BY_KEY, idempotency_key)

    @Route
    def get(self, endpoint_id: str) -> Request[WebhookEndpoint]:
        return Request("GET", path("webhook_endpoints", endpoint_id), one(WebhookEndpoint))

    @Listing
    def list(self, *, limit: int | None = None, starting_after: str | None = None) -> Request[Page[WebhookEndpoint]]:
        asked = query(limit=limit, starting_after=starting_after)
        return Request("GET", "/webhook_endpoints", page_of(WebhookEndpoint), asked)

    @Route
    def update(
        self,
        endpoint_id: str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        description: str | None = None,
        status: str | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> Request[WebhookEndpoint]:
        """What is not given stays as it is. `status` is "enabled" or "disabled"."""
        fields = given(url=url, events=events and list(events), description=description, status=status)
        body = {**fields, **(extra_body or {})}
        return Request("PATCH", path("webhook_endpoints", endpoint_id), one(WebhookEndpoint), {}, body)

    @Route
    def delete(self, endpoint_id: str) -> Request[Deleted]:
        return Request("DELETE", path("webhook_endpoints", endpoint_id), one(Deleted))

    @Route
    def test(self, endpoint_id: str, *, idempotency_key: str | None = None) -> Request[Event]:
        """Send a `webhook.test` event there."""
        where = path("webhook_endpoints", endpoint_id, "test")
        return Request("POST", where, one(Event), {}, {}, Repeat.BY_KEY, idempotency_key)

    @Route
    def rotate_secret(
        self, endpoint_id: str, *, overlap_seconds: int | None = None, idempotency_key: str | None = None
    ) -> Request[WebhookEndpoint]:
        """A new secret; for `overlap_seconds` (left out: a day) deliveries are signed with both."""
        where, body = path("webhook_endpoints", endpoint_id, "rotate_secret"), given(overlap_seconds=overlap_seconds)
        return Request("POST", where, one(WebhookEndpoint), {}, body, Repeat.BY_KEY, idempotency_key)

    @Route
    def replay(
        self,
        endpoint_id: str,
        *,
        since: datetime,
        until: datetime | None = None,
        types: Sequence[str] | None = None,
        only_failed: bool | None = None,
        idempotency_key: str | None = None,
    ) -> Request[WebhookReplay]:
        """Send again what happened in a stretch of time, at most seven days ago; `until` left out: until now."""
        where = path("webhook_endpoints", endpoint_id, "replay")
        stretch = given(from_=moment(since), to=moment(until))
        body = stretch | given(types=types and list(types), only_failed=only_failed)
        return Request("POST", where, one(WebhookReplay), {}, body, Repeat.BY_KEY, idempotency_key)

    @Listing
    def deliveries(
        self, endpoint_id: str, *, limit: int | None = None, starting_after: str | None = None
    ) -> Request[Page[WebhookDelivery]]:
        asked = query(limit=limit, starting_after=starting_after)
        return Request("GET", path("webhook_endpoints", endpoint_id, "deliveries"), page_of(WebhookDelivery), asked)


class WebhookDeliveries(Resource[Client]):
    @Route
    def get(self, delivery_id: str) -> Request[WebhookDelivery]:
        return Request("GET", path("webhook_deliveries", delivery_id), one(WebhookDelivery))

    @Route
    def retry(self, delivery_id: str, *, idempotency_key: str | None = None) -> Request[WebhookDelivery]:
        """Again from now, with the whole schedule behind it."""
        where = path("webhook_deliveries", delivery_id, "retry")
        return Request("POST", where, one(WebhookDelivery), {}, {}, Repeat.BY_KEY, idempotency_key)


class WebhookSecrets(Resource[Client]):
    """/v1/webhook_secret: what signs the events that go to the `webhook_url` of sessions."""

    @Route
    def get(self) -> Request[WebhookSecret]:
        """What is known of it, without it."""
        return Request("GET", "/webhook_secret", one(WebhookSecret))

    @Route
    def rotate(
        self, *, overlap_seconds: int | None = None, idempotency_key: str | None = None
    ) -> Request[WebhookSecret]:
        """A new secret, in this answer only; for `overlap_seconds` (left out: a day) both sign."""
        body = given(overlap_seconds=overlap_seconds)
        return Request("POST", "/webhook_secret/rotate", one(WebhookSecret), {}, body, Repeat.BY_KEY, idempotency_key)


class Events(Resource[Client]):
    @Route
    def get(self, event_id: str) -> Request[Event]:
        return Request("GET", path("events", event_id), one(Event))

    @Route
    def replay(self, event_id: str, *, idempotency_key: str | None = None) -> Request[Page[WebhookDelivery]]:
        """Deliver it once more, to everybody who is to hear of it: the deliveries, on one page."""
        where = path("events", event_id, "replay")
        return Request("POST", where, page_of(WebhookDelivery), {}, {}, Repeat.BY_KEY, idempotency_key)
