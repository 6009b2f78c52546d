"""Keys that make a repeated POST return its first answer. The record is part of the effect's own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.domain.access import Tenant
from core.errors import Conflict, InvalidRequest
from core.ports import Clock, IdempotencyRecord, IdempotencyStore

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RequestKey:
    """`request_hash` covers the canonical body, so that another body under the same key is noticed."""

    route: str
    key: str
    request_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a POST returns: status, body, and whether it is the repeat of an earlier answer."""

    status: int
    body: Mapping[str, Any]
    replayed: bool = False


def first_answer(store: IdempotencyStore, tenant: Tenant, request: RequestKey | None) -> IdempotencyRecord | None:
    if request is None:
        return None
    record = store.find(tenant, request.route, request.key)
    if record is not None and record.request_hash != request.request_hash:
        raise InvalidRequest("idempotency_mismatch", "this Idempotency-Key was used with another request body")
    return record


def replayed(store: IdempotencyStore, tenant: Tenant, request: RequestKey | None) -> Answer | None:
    """The first answer as it was given; None when this is the first request with its key."""
    record = first_answer(store, tenant, request)
    return Answer(record.status, record.body, replayed=True) if record else None


def answer_of_the_first(store: IdempotencyStore, tenant: Tenant, request: RequestKey | None) -> Answer:
    """For who has lost the key to somebody else. Raises Conflict while their answer is not stored yet."""
    if answer := replayed(store, tenant, request):
        return answer
    raise running()


def running() -> Conflict:
    """Somebody else holds the key, and their answer is not stored yet: come again."""
    return Conflict("idempotency_conflict", "the first request with this key is running", retry_after_s=1)


def record_of(
    clock: Clock, tenant: Tenant, request: RequestKey | None, status: int, body: Mapping[str, Any]
) -> IdempotencyRecord | None:
    if request is None:
        return None
    return IdempotencyRecord(tenant, request.route, request.key, request.request_hash, status, body, clock.now() + KEPT)
