"""When a conversation began, was last heard and was left: its clocks, on the monotonic time of this worker. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.sessions import Session


@dataclass(slots=True)
class Presence:
    """`left_at` is None while a leg is connected; `heard` says whether anything came since it was last asked."""

    began_at: float | None
    active_at: float
    left_at: float | None
    heard: bool = False

    @classmethod
    def of(cls, session: Session, date: datetime, now: float) -> Presence:
        """A session that goes on here brings its times with it."""

        def then(at: datetime) -> float:
            return now - (date - at).total_seconds()

        began_at = then(session.started_at) if session.started_at else None
        return cls(began_at, then(session.last_audio_at or session.created_at), now)

    def elapsed_s(self, now: float) -> float:
        return 0.0 if self.began_at is None else now - self.began_at

    def touch(self, now: float) -> None:
        self.active_at, self.heard = now, True

    def was_heard(self) -> bool:
        heard, self.heard = self.heard, False
        return heard

    def is_over(self, now: float, *, idle_s: float, reconnect_s: float) -> bool:
        without_leg = self.left_at is not None and now - self.left_at >= reconnect_s
        return without_leg or now - self.active_at >= idle_s
