"""What is done with an event that has happened: onto the bus, at once or, where that failed, later."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from core.domain.events import Event
from core.errors import DependencyRefused, Unavailable
from core.ports import Clock, EventPublisher, Kept, Outbox

_log = logging.getLogger(__name__)
_AT_ONCE = 10
# Until then the stream itself is trying.
WAITED = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class EventRelay:
    """Outbox → bus, in order, at least once."""

    publisher: EventPublisher
    outbox: Outbox
    at_once: int = _AT_ONCE

    def relay(self, kept: Sequence[Kept]) -> int:
        """How many, from the first on, are done with; fewer than given when the bus stopped taking them.

        What nobody can read is passed over: it stays among the unpublished, where somebody will look for it.
        """
        done = self._publish(kept)
        try:
            self.outbox.published([each.key for each in kept[:done] if each.event is not None])
        except (Unavailable, DependencyRefused) as error:
            # They are on the bus. The worst is that they will be told again.
            _log.warning("published and not noted", extra={"events": done, "error": type(error).__name__})
        return done

    def _publish(self, kept: Sequence[Kept]) -> int:
        for start in range(0, len(kept), self.at_once):
            group = [each.event for each in kept[start : start + self.at_once] if each.event is not None]
            try:
                self.publisher.publish(group)
            except Unavailable:
                return start
        return len(kept)


@dataclass(slots=True)
class Republished:
    """`unreadable` and `refused` are keys in the outbox: of what no commit wrote, and of what the bus does not take."""

    found: int = 0
    published: int = 0
    unreadable: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Republishing:
    """What the relay should have told, and did not: looked for now and then, wherever it was lost."""

    publisher: EventPublisher
    outbox: Outbox
    clock: Clock

    def run(self, until: datetime, waited: timedelta = WAITED) -> Republished:
        """Raises Unavailable when the bus takes nothing at all, and DependencyRefused."""
        made = Republished()
        found = iter(self.outbox.unpublished(self.clock.now() - waited))
        while group := list(islice(found, _AT_ONCE)):
            if self.clock.now() >= until:
                made.finished = False
                break
            self._tell(group, made)
        return made

    def _tell(self, group: Sequence[Kept], made: Republished) -> None:
        made.found += len(group)
        made.unreadable += [each.key for each in group if each.event is None]
        told = list(self._taken([each for each in group if each.event is not None], made))
        self.outbox.published([each.key for each in told])
        made.published += len(told)

    def _taken(self, group: Sequence[Kept], made: Republished) -> Iterator[Kept]:
        """All at once, or else one by one: one that the bus does not take must not hold up the others."""
        try:
            self.publisher.publish(_events(group))
        except Unavailable as error:
            refused = [each for each in group if not self._is_taken(each)]
            if len(refused) == len(group) and not made.published:
                raise error
            made.refused += [each.key for each in refused]
            yield from (each for each in group if each not in refused)
        else:
            yield from group

    def _is_taken(self, kept: Kept) -> bool:
        try:
            self.publisher.publish(_events([kept]))
        except Unavailable:
            return False
        return True


def _events(kept: Sequence[Kept]) -> list[Event]:
    return [each.event for each in kept if each.event is not None]
