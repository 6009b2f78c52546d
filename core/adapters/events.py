"""Events onto the bus. `source` is `kallglot`, `detail-type` the event type, `detail` the published envelope plus
`tenant` (`org_…:live`) and the session's own `webhook_url`, which consumers inside the product need and customers never
see.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.adapters.aws_errors import translated
from core.domain.events import Event, envelope
from core.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE = "kallglot"
MAX_ENTRIES = 10
MAX_BYTES = 256 * 1024
# Time (14), source, detail type and bus count too.
_ENTRY_OVERHEAD_BYTES = 256


@dataclass(frozen=True, slots=True)
class EventBridgePublisher:
    client: EventBridgeClient
    bus: str

    def publish(self, events: Sequence[Event]) -> None:
        for group in _groups([self._entry(event) for event in events]):
            with translated("PutEvents"):
                answer = self.client.put_events(Entries=group)
            if answer.get("FailedEntryCount"):
                raise Unavailable("dependency_unavailable", "the bus took only a part of the events", retry_after_s=1)

    def _entry(self, event: Event) -> PutEventsRequestEntryTypeDef:
        detail = {**envelope(event), "tenant": str(event.tenant)}
        if event.webhook_url is not None:
            detail["webhook_url"] = event.webhook_url
        return {
            "Source": SOURCE,
            "DetailType": event.type.value,
            "Detail": json.dumps(detail, ensure_ascii=False),
            "EventBusName": self.bus,
            "Time": event.created_at,
        }


def _groups(entries: Sequence[PutEventsRequestEntryTypeDef]) -> Iterator[list[PutEventsRequestEntryTypeDef]]:
    """The limits of one call: ten entries, and a quarter of a megabyte in all."""
    group: list[PutEventsRequestEntryTypeDef] = []
    group_bytes = 0
    for entry in entries:
        entry_bytes = len(entry.get("Detail", "").encode()) + _ENTRY_OVERHEAD_BYTES
        if group and (len(group) == MAX_ENTRIES or group_bytes + entry_bytes > MAX_BYTES):
            yield group
            group, group_bytes = [], 0
        group.append(entry)
        group_bytes += entry_bytes
    if group:
        yield group
