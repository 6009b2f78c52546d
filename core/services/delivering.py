"""One attempt: take a place at the target, claim the attempt, ask, write down what came of it, plan the next.

Every step may be repeated by a second copy of the same message, and every step may be the last one before a crash.
A place left taken is free again when it must be; a claim left behind passes on; a delivery whose next attempt never
reached the queue is found by the sweep.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from core.domain import ids
from core.domain.attempts import Outcome, Result
from core.domain.breakers import Health, is_given_up, opened_until
from core.domain.deliveries import Delivery, Handoff, attempted, handoff, plan
from core.domain.events import Event, EventType, envelope, of_tenant
from core.domain.webhook_views import endpoint_object
from core.domain.webhooks import (
    SESSION_URLS,
    DisabledReason,
    Endpoint,
    Signing,
    given_up,
    headers,
    signing_secret,
)
from core.errors import Unavailable, WriteConflict
from core.ports import Clock, Ids
from core.webhook_ports import (
    DeliveryQueue,
    DeliveryStore,
    EndpointStore,
    Entry,
    EventStore,
    HealthStore,
    WebhookCaller,
)

# Longer than a request with all that is around it; after that a claim, or a place, is anybody's.
CLAIM_LASTS = timedelta(seconds=45)
_LONGEST_WAIT_S = 15
# Some ten minutes of waiting. Then the sweep brings it again, which would otherwise send copies after it.
_MOST_WAITS = 50
_log = logging.getLogger(__name__)


class Done(StrEnum):
    """What became of a message."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    NO_ROOM = "no_room"
    DUPLICATE = "duplicate"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Stores:
    endpoints: EndpointStore
    deliveries: DeliveryStore
    health: HealthStore
    events: EventStore


@dataclass(frozen=True, slots=True)
class Delivering:
    """`most_at_once`: requests to one target. `local` lets test keys reach loopback. `dice`: numbers from 0 to 1."""

    stores: Stores
    queue: DeliveryQueue
    caller: WebhookCaller
    clock: Clock
    ids: Ids
    dice: Callable[[], float]
    signing_key: Callable[[], bytes]
    most_at_once: int
    local: bool = False

    def attempt(self, handed: Handoff) -> Done:
        entry = self.stores.health.enter(
            handed.tenant, handed.target_id, self.clock.now(), self.most_at_once, forced=handed.last
        )
        if entry is Entry.FULL:
            return self._wait(handed)
        if entry is Entry.OPEN:
            return self._skip(handed)
        verdict: bool | None = None
        try:
            done, verdict = self._make(handed)
        finally:
            self._leave(handed, verdict)
        return done

    def _wait(self, handed: Handoff) -> Done:
        """Room for one target's own messages only: it comes again soon, the others go by."""
        if handed.waited >= _MOST_WAITS:
            return Done.NO_ROOM
        longest = min(2 ** (handed.waited + 1), _LONGEST_WAIT_S)
        delay_s = math.ceil(longest * (0.5 + 0.5 * self.dice()))
        self.queue.send([replace(handed, waited=handed.waited + 1)], delay_s)
        return Done.NO_ROOM

    def _skip(self, handed: Handoff) -> Done:
        claim = self._claimed_with(handed)
        if claim is None:
            return Done.DUPLICATE
        claimed, token = claim
        return Done.SKIPPED if self._finish(claimed, token, Result(Outcome.CIRCUIT_OPEN)) else Done.LOST

    def _make(self, handed: Handoff) -> tuple[Done, bool | None]:
        """And what it says of the target."""
        claim = self._claimed_with(handed)
        if claim is None:
            return Done.DUPLICATE, None
        claimed, token = claim
        result = self._ask(claimed)
        verdict = result.outcome is Outcome.SUCCEEDED if result.outcome.was_asked else None
        if not self._finish(claimed, token, result):
            return Done.LOST, verdict
        return Done.SUCCEEDED if verdict else Done.FAILED, verdict

    def _claimed_with(self, handed: Handoff) -> tuple[Delivery, str] | None:
        now, token = self.clock.now(), self.ids.new("claim")
        claimed = self.stores.deliveries.claim(handed, token, now, now + CLAIM_LASTS)
        return (claimed, token) if claimed else None

    def _ask(self, delivery: Delivery) -> Result:
        event = self.stores.events.find(delivery.tenant, delivery.event_id)
        if event is None:
            return Result(Outcome.EVENT_EXPIRED)
        if delivery.target.url is not None:
            signing = self.stores.endpoints.session_signing(delivery.tenant)
            return self._post(delivery, event, delivery.target.url, SESSION_URLS, signing)
        endpoint = self.stores.endpoints.find(delivery.tenant, delivery.target.id)
        if endpoint is None or not (endpoint.enabled or event.type is EventType.WEBHOOK_TEST):
            return Result(Outcome.ENDPOINT_DISABLED)
        result = self._post(delivery, event, endpoint.url, endpoint.id, endpoint.signing)
        if result.outcome is Outcome.GONE:
            self._give_up(endpoint, DisabledReason.GONE)
        return result

    def _post(self, delivery: Delivery, event: Event, url: str, owner: str, signing: Signing) -> Result:
        now, key = self.clock.now(), self.signing_key()
        body = json.dumps(envelope(event), ensure_ascii=False, separators=(",", ":")).encode()
        secrets = [signing_secret(key, delivery.tenant, owner, generation) for generation in signing.generations(now)]
        local = self.local and not delivery.tenant.livemode
        return self.caller.post(url, headers(delivery, secrets, body, now), body, local=local)

    def _finish(self, delivery: Delivery, token: str, result: Result) -> bool:
        """Write it down, then hand the next attempt over; what the queue does not take now, the sweep finds."""
        now = self.clock.now()
        after = attempted(delivery, result, now, self.dice())
        planned = plan(after, now)
        if not self.stores.deliveries.finish(after, token, planned.due_at):
            return False
        if planned.delay_s is not None:
            try:
                self.queue.send([handoff(after)], planned.delay_s)
            except Unavailable:
                _log.warning("an attempt is left to the sweep", extra={"delivery_id": delivery.id})
        return True

    def _leave(self, handed: Handoff, verdict: bool | None) -> None:
        now = self.clock.now()
        health = self.stores.health.leave(handed.tenant, handed.target_id, now, verdict)
        if verdict is not False:
            return
        if until := opened_until(health, now):
            self.stores.health.open(handed.tenant, handed.target_id, health.failures, until)
        if is_given_up(health, now):
            self._fails_for_days(handed, health)

    def _fails_for_days(self, handed: Handoff, health: Health) -> None:
        endpoint = self.stores.endpoints.find(handed.tenant, handed.target_id)
        if endpoint is not None and endpoint.enabled:
            _log.warning("an endpoint is given up", extra={"endpoint_id": endpoint.id, "failures": health.failures})
            self._give_up(endpoint, DisabledReason.FAILING)

    def _give_up(self, endpoint: Endpoint, reason: DisabledReason) -> None:
        """With the event that tells of it. Whoever changed the endpoint meanwhile has had another look at it."""
        if not endpoint.enabled:
            return
        now = self.clock.now()
        after = given_up(endpoint, reason, now)
        shown = endpoint_object(after, now)
        told = of_tenant(self.ids.new(ids.EVENT), EventType.WEBHOOK_DISABLED, endpoint.tenant, now, shown)
        try:
            self.stores.endpoints.replace(after, told)
            # A breaker would keep what is on its way from finding out.
            self.stores.health.forget(endpoint.tenant, endpoint.id)
        except WriteConflict:
            _log.info("an endpoint was changed while it was given up", extra={"endpoint_id": endpoint.id})
