"""A change of one telephone leg, with its session, decided again after a lost race."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.domain.events import EventType
from core.domain.leg_views import telephoned
from core.domain.legs import Leg, changed
from core.domain.sessions import Session
from core.ports import Commit
from core.services.changes import Changes


@dataclass(frozen=True, slots=True)
class Changed:
    """Both as they are stored now. `by_us`: whether this change is what made them so."""

    session: Session
    leg: Leg
    by_us: bool


@dataclass(frozen=True, slots=True)
class LegChanges:
    changes: Changes

    def apply(self, session: Session, leg_id: str, change: Callable[[Session, Leg], Leg]) -> Changed | None:
        """Store what `change` makes of the leg; the same leg back means that nothing is to be done.

        None when there is no such leg. Raises Conflict when others were faster too often.
        """
        seen: list[tuple[Leg, bool]] = []

        def decide(current: Session) -> Commit | None:
            seen.clear()
            legs = self.changes.sessions.legs(current.tenant, current.id)
            before = next((leg for leg in legs if leg.id == leg_id), None)
            if before is None:
                return None
            after = change(current, before)
            seen.append((after, after != before))
            if after == before:
                return None
            telephone = telephoned(current, changed(legs, after))
            return replace(self.changes.commit_of(current, telephone, *_told(current, before, after)), legs=(after,))

        stored = self.changes.apply(session, decide)
        return Changed(stored, *seen[0]) if seen else None


def _told(session: Session, before: Leg, after: Leg) -> Iterator[tuple[EventType, Mapping[str, Any]]]:
    """A call of which we learn when its session is over is hung up, too."""
    if session.is_closed and after.is_live and after.is_placed and not (before.is_live and before.is_placed):
        yield EventType.HANGUP_REQUESTED, {}
