"""A tenant's webhook endpoints: create, list, read, change, remove, test, and give another secret."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from core.domain import ids
from core.domain.access import Tenant
from core.domain.events import EventType, of_tenant
from core.domain.paging import Page, Paged, cut
from core.domain.webhook_views import endpoint_object, event_object, session_secret_object
from core.domain.webhooks import EVERYTHING, MOST_ENDPOINTS, SESSION_URLS, Endpoint, enabled_again, signing_secret
from core.errors import Conflict, IdempotencyKeyTaken, NotFound, WriteConflict
from core.ports import Clock, IdempotencyStore, Ids
from core.services.idempotency import Answer, RequestKey, first_answer, record_of, running
from core.services.webhook_targets import TargetCheck
from core.webhook_ports import EndpointStore, EventStore, HealthStore, NoRoom

T = TypeVar("T")
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    url: str
    events: tuple[str, ...] = (EVERYTHING,)
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What is None stays as it is."""

    url: str | None = None
    events: tuple[str, ...] | None = None
    description: str | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class EndpointService:
    endpoints: EndpointStore
    health: HealthStore
    events: EventStore
    idempotency: IdempotencyStore
    targets: TargetCheck
    signing_key: Callable[[], bytes]
    clock: Clock
    ids: Ids

    def create(self, tenant: Tenant, new: NewEndpoint, request: RequestKey | None = None) -> Answer:
        """Raises ValidationFailed for a URL that is not taken, Conflict when there are too many already."""
        if answer := self._first_answer(tenant, request):
            return answer
        self.targets.reachable(tenant, new.url, "url")
        now = self.clock.now()
        endpoint = Endpoint(
            self.ids.new(ids.ENDPOINT), tenant, new.url, now, tuple(dict.fromkeys(new.events)), new.description
        )
        shown = endpoint_object(endpoint, now)
        record = record_of(self.clock, tenant, request, 201, shown)
        try:
            _persistently(lambda: self.endpoints.create(endpoint, MOST_ENDPOINTS, record))
        except NoRoom:
            raise Conflict("endpoint_limit_reached", f"there may be {MOST_ENDPOINTS} webhook endpoints") from None
        except IdempotencyKeyTaken:
            return self._answer_of_the_first(tenant, request)
        return Answer(201, self._with_secret(tenant, shown))

    def page(self, tenant: Tenant, page: Page) -> Paged[dict[str, Any]]:
        """Newest first. Raises NotFound for a cursor that is no endpoint of the tenant."""
        newest_first = self.endpoints.of_tenant(tenant)[::-1]
        if page.cursor is not None:
            place = next((n for n, each in enumerate(newest_first) if each.id == page.cursor), None)
            if place is None:
                raise _not_found(page.cursor_name)
            newest_first = newest_first[:place][::-1] if page.is_backwards else newest_first[place + 1 :]
        now = self.clock.now()
        return cut([endpoint_object(endpoint, now) for endpoint in newest_first], page)

    def get(self, tenant: Tenant, endpoint_id: str) -> dict[str, Any]:
        return endpoint_object(self.find(tenant, endpoint_id), self.clock.now())

    def change(self, tenant: Tenant, endpoint_id: str, change: Change) -> dict[str, Any]:
        """Enabled again, or at another URL, it begins with a clean record. Raises NotFound or ValidationFailed."""
        if change.url is not None:
            self.targets.reachable(tenant, change.url, "url")
        changed = _persistently(lambda: self.endpoints.replace(_changed(self.find(tenant, endpoint_id), change)))
        if change.url is not None or change.enabled:
            self.health.forget(tenant, endpoint_id)
        return endpoint_object(changed, self.clock.now())

    def remove(self, tenant: Tenant, endpoint_id: str) -> dict[str, Any]:
        """What is on its way to it ends with its next attempt. Raises NotFound."""
        known = ids.is_one(endpoint_id, ids.ENDPOINT)
        if not (known and _persistently(lambda: self.endpoints.remove(tenant, endpoint_id))):
            raise _not_found()
        self.health.forget(tenant, endpoint_id)
        return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}

    def test(self, tenant: Tenant, endpoint_id: str, request: RequestKey | None = None) -> Answer:
        """An event like any other, but for this endpoint alone: whatever it asks for, and even if it is disabled."""
        endpoint = self.find(tenant, endpoint_id)
        if record := first_answer(self.idempotency, tenant, request):
            return Answer(record.status, record.body, replayed=True)
        now = self.clock.now()
        shown = endpoint_object(endpoint, now)
        event = of_tenant(self.ids.new(ids.EVENT), EventType.WEBHOOK_TEST, tenant, now, shown)
        body = event_object(event)
        try:
            self.events.add(event, record_of(self.clock, tenant, request, 202, body))
        except (IdempotencyKeyTaken, WriteConflict):
            return self._answer_of_the_first(tenant, request)
        return Answer(202, body)

    def rotate(self, tenant: Tenant, endpoint_id: str, overlap: timedelta, request: RequestKey | None = None) -> Answer:
        """For the overlap both secrets sign; the one before the last does so no more. Raises NotFound."""
        if answer := self._first_answer(tenant, request):
            return answer
        now = self.clock.now()

        def rotate() -> dict[str, Any]:
            endpoint = self.find(tenant, endpoint_id)
            rotated = replace(endpoint, signing=endpoint.signing.rotated(now, overlap))
            shown = endpoint_object(rotated, now)
            self.endpoints.replace(rotated, idempotency=record_of(self.clock, tenant, request, 200, shown))
            return shown

        return self._rotated(tenant, request, rotate)

    def session_secret(self, tenant: Tenant) -> dict[str, Any]:
        """Of what goes to sessions' own URLs, without its text."""
        return session_secret_object(self.endpoints.session_signing(tenant), self.clock.now())

    def rotate_session_secret(self, tenant: Tenant, overlap: timedelta, request: RequestKey | None = None) -> Answer:
        if answer := self._first_answer(tenant, request):
            return answer
        now = self.clock.now()

        def rotate() -> dict[str, Any]:
            signing = self.endpoints.session_signing(tenant).rotated(now, overlap)
            shown = session_secret_object(signing, now)
            record = record_of(self.clock, tenant, request, 200, shown)
            self.endpoints.rotate_session_signing(tenant, signing, record)
            return shown

        return self._rotated(tenant, request, rotate)

    def find(self, tenant: Tenant, endpoint_id: str) -> Endpoint:
        endpoint = self.endpoints.find(tenant, endpoint_id) if ids.is_one(endpoint_id, ids.ENDPOINT) else None
        if endpoint is None:
            raise _not_found()
        return endpoint

    def _rotated(self, tenant: Tenant, request: RequestKey | None, rotate: Callable[[], dict[str, Any]]) -> Answer:
        """`rotate` reads, writes, and returns what is shown but for the secret."""
        try:
            shown = _persistently(rotate)
        except IdempotencyKeyTaken:
            return self._answer_of_the_first(tenant, request)
        return Answer(200, self._with_secret(tenant, shown))

    def _first_answer(self, tenant: Tenant, request: RequestKey | None) -> Answer | None:
        record = first_answer(self.idempotency, tenant, request)
        return self._replayed(tenant, record.status, record.body) if record else None

    def _answer_of_the_first(self, tenant: Tenant, request: RequestKey | None) -> Answer:
        answer = self._first_answer(tenant, request)
        if answer is None:
            raise running()
        return answer

    def _replayed(self, tenant: Tenant, status: int, body: Mapping[str, Any]) -> Answer:
        """The record holds no secret: it is derived again, from what the answer says of it."""
        shows_secret = body.get("object") in ("webhook_endpoint", "webhook_secret")
        return Answer(status, self._with_secret(tenant, body) if shows_secret else body, replayed=True)

    def _with_secret(self, tenant: Tenant, shown: Mapping[str, Any]) -> dict[str, Any]:
        owner = str(shown.get("id", SESSION_URLS))
        return {**shown, "secret": signing_secret(self.signing_key(), tenant, owner, shown["secret_generation"])}


def _changed(endpoint: Endpoint, change: Change) -> Endpoint:
    after = replace(
        endpoint,
        url=change.url or endpoint.url,
        events=tuple(dict.fromkeys(change.events)) if change.events is not None else endpoint.events,
        description=endpoint.description if change.description is None else change.description or None,
    )
    if change.enabled is None:
        return after
    return enabled_again(after) if change.enabled else replace(after, enabled=False)


def _persistently(write: Callable[[], T]) -> T:
    """Two who change an endpoint at once, or create and delete, meet; one of them has to read and write again."""
    for _ in range(_ATTEMPTS):
        try:
            return write()
        except WriteConflict:
            continue
    raise _busy()


def _not_found(param: str | None = None) -> NotFound:
    return NotFound("webhook_endpoint_not_found", "no such webhook endpoint", param=param)


def _busy() -> Conflict:
    return Conflict("webhook_endpoint_busy", "the webhook endpoint is changing too fast", retry_after_s=1)
