"""What is done with an event that has happened: onto the bus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.events import Event
from core.errors import Unavailable
from core.ports import EventPublisher


@dataclass(frozen=True, slots=True)
class EventRelay:
    """Outbox → bus, in order, at least once."""

    publisher: EventPublisher
    at_once: int = 10

    def relay(self, events: Sequence[Event]) -> int:
        """How many, from the first on, are safely on the bus; fewer than given when it stopped taking them."""
        for start in range(0, len(events), self.at_once):
            try:
                self.publisher.publish(events[start : start + self.at_once])
            except Unavailable:
                return start
        return len(events)
