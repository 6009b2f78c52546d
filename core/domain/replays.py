"""What happened in a stretch of time, told to an endpoint once more, a page of events after the other.

Each page is an event between our own parts, so it goes the way of all events: it is not lost, and when it comes twice
it changes nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.domain import ids
from core.domain.access import Tenant
from core.domain.events import Event, EventType, of_tenant
from core.domain.webhooks import EVERYTHING, covers

# As long as events are kept.
LONGEST_AGO = timedelta(days=7)
MOST_EVENTS = 10_000
PAGE = 50
# Behind an id and before every other.
_BEHIND = "!"


@dataclass(frozen=True, slots=True)
class Replay:
    """`since` belongs to it, `until` does not. `types` are filters as an endpoint has them."""

    id: str
    tenant: Tenant
    endpoint_id: str
    since: datetime
    until: datetime
    types: tuple[str, ...] = (EVERYTHING,)
    only_failed: bool = False

    @property
    def first_id(self) -> str:
        return f"{ids.EVENT}_{ids.time_of(self.since)}"

    @property
    def last_id(self) -> str:
        """Before every id of that moment."""
        return f"{ids.EVENT}_{ids.time_of(self.until)}"

    def wants(self, kind: EventType) -> bool:
        return any(covers(pattern, kind) for pattern in self.types)


def page_event(replay: Replay, first: str, now: datetime) -> Event:
    """The one page that begins there; its id says so, whoever makes it."""
    seen = hashlib.sha256(f"{replay.id}|{first}".encode()).digest()[:10]
    data = {
        "id": replay.id,
        "endpoint_id": replay.endpoint_id,
        "since": replay.since.isoformat(),
        "until": replay.until.isoformat(),
        "types": list(replay.types),
        "only_failed": replay.only_failed,
        "first": first,
    }
    event_id = f"{ids.EVENT}_{ids.with_time(ids.time_of(now), seen)}"
    return of_tenant(event_id, EventType.WEBHOOK_REPLAY, replay.tenant, now, data)


def replay_of(event: Event) -> tuple[Replay, str]:
    """And where its page begins. Raises KeyError for what is no page."""
    data: Mapping[str, Any] = event.data
    replay = Replay(
        data["id"],
        event.tenant,
        data["endpoint_id"],
        datetime.fromisoformat(data["since"]),
        datetime.fromisoformat(data["until"]),
        tuple(data["types"]),
        bool(data["only_failed"]),
    )
    return replay, str(data["first"])


def next_page(events: Sequence[Event]) -> str | None:
    """Where the page after this one begins; None when this was the last."""
    return f"{events[-1].id}{_BEHIND}" if len(events) >= PAGE else None
