"""One event on its way to one endpoint: a record, its attempts, and the schedule of the next one.

There is one record for an event and an endpoint, and its id says so, however often the two meet. `attempts` only grows,
so whoever comes with the number of an attempt that has been made comes too late.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain import ids
from core.domain.access import Tenant
from core.domain.attempts import Attempt, Outcome, Result, retry_after
from core.domain.events import Event, EventType

# How long after the one before an attempt is made; the first at once.
SCHEDULE = (
    timedelta(0),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=24),
)
# Never earlier than the schedule says, and up to this share later: what failed together does not come back together.
JITTER = 0.2
# What is due sooner waits in the queue itself; the longest that SQS holds a message back.
QUEUED_UP_TO = timedelta(minutes=15)
# How long after its time the sweep takes an attempt for lost between here and the queue.
OVERDUE_AFTER = timedelta(minutes=15)
KEPT = timedelta(days=30)
_KEPT_ATTEMPTS = 2 * len(SCHEDULE)


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom an event goes to: an endpoint by its id, or a session's own URL. `id` also groups messages and breakers."""

    id: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """`round_start` is how many attempts were made before it was last asked for anew; the schedule counts from there.
    `asked_by` says who asked, so that the same one asks only once.

    `next_attempt_at` is None once nothing more is to be done. `answer` is the last response's excerpt.
    """

    id: str
    tenant: Tenant
    event_id: str
    event_type: EventType
    target: Target
    created_at: datetime
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: int = 0
    round_start: int = 0
    asked_by: str | None = None
    next_attempt_at: datetime | None = None
    finished_at: datetime | None = None
    log: tuple[Attempt, ...] = ()
    answer: str = ""

    @property
    def is_last(self) -> bool:
        """Whether the attempt that is next is the last one of the schedule."""
        return self.attempts - self.round_start >= len(SCHEDULE) - 1

    @property
    def is_fresh(self) -> bool:
        """On its way, and not attempted since it was asked for."""
        return self.status is DeliveryStatus.PENDING and self.attempts == self.round_start

    @property
    def last(self) -> Attempt | None:
        return self.log[-1] if self.log else None


@dataclass(frozen=True, slots=True)
class Handoff:
    """What a queue carries: which attempt of which delivery. `waited` counts how often there was no room for it."""

    tenant: Tenant
    delivery_id: str
    target_id: str
    attempt: int
    last: bool = False
    waited: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Until when nobody has to look after a delivery, and the delay with which it goes into the queue, if it does."""

    due_at: datetime | None
    delay_s: int | None


def handoff(delivery: Delivery) -> Handoff:
    return Handoff(delivery.tenant, delivery.id, delivery.target.id, delivery.attempts + 1, delivery.is_last)


def plan(delivery: Delivery, now: datetime) -> Plan:
    """Soon: by the queue, and looked for when it is overdue. Later: found by the sweep when it is due."""
    if delivery.next_attempt_at is None:
        return Plan(None, None)
    wait = max(delivery.next_attempt_at - now, timedelta(0))
    if wait > QUEUED_UP_TO:
        return Plan(delivery.next_attempt_at, None)
    return Plan(delivery.next_attempt_at + OVERDUE_AFTER, math.ceil(wait.total_seconds()))


def delivery_id(event_id: str, target_id: str) -> str:
    """Of this event to this target, whoever makes it: the time of the event, and 80 bits of both names."""
    time = event_id.partition("_")[2][:10]
    random = hashlib.sha256(f"{event_id}|{target_id}".encode()).digest()[:10]
    return f"{ids.DELIVERY}_{ids.with_time(time, random)}"


def begun(event: Event, target: Target, now: datetime, asked_by: str | None = None) -> Delivery:
    return Delivery(
        id=delivery_id(event.id, target.id),
        tenant=event.tenant,
        event_id=event.id,
        event_type=event.type,
        target=target,
        created_at=now,
        asked_by=asked_by,
        next_attempt_at=now,
    )


def begun_again(delivery: Delivery, now: datetime, asked_by: str | None = None) -> Delivery:
    """The whole schedule from its beginning; what is on its way, or was asked for by the same one, stays as it is."""
    if delivery.status is DeliveryStatus.PENDING or (asked_by is not None and delivery.asked_by == asked_by):
        return delivery
    return replace(
        delivery,
        status=DeliveryStatus.PENDING,
        round_start=delivery.attempts,
        asked_by=asked_by,
        next_attempt_at=now,
        finished_at=None,
    )


def attempted(delivery: Delivery, result: Result, now: datetime, dice: float) -> Delivery:
    """The record after an attempt that ended `now`; `dice` is a random number from 0 to 1."""
    attempts = delivery.attempts + 1
    made = Attempt(attempts, now, result.outcome, result.status, result.duration_ms)
    after = replace(
        delivery,
        attempts=attempts,
        log=(*delivery.log, made)[-_KEPT_ATTEMPTS:],
        answer=result.answer if result.outcome.was_asked else delivery.answer,
    )
    if result.outcome.is_final or attempts - delivery.round_start >= len(SCHEDULE):
        ended = DeliveryStatus.SUCCEEDED if result.outcome is Outcome.SUCCEEDED else DeliveryStatus.FAILED
        return replace(after, status=ended, next_attempt_at=None, finished_at=now)
    return replace(after, next_attempt_at=now + _delay(after, result, now, dice))


def _delay(delivery: Delivery, result: Result, now: datetime, dice: float) -> timedelta:
    planned = SCHEDULE[delivery.attempts - delivery.round_start]
    return max(planned, retry_after(result.retry_after, now)) * (1 + JITTER * dice)
