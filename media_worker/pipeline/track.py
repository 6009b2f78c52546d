"""One speaker's way through a conversation: which leg carries the voice, where it lies in time, who listens to it."""

from __future__ import annotations

from media_worker.pipeline.lane import Lane
from media_worker.pipeline.leg import Leg
from media_worker.pipeline.timeline import Timeline

_SILENT_S = 2.0


class Track:
    """Two legs with one voice would garble each other: the one that joined last has it, until it falls silent."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.timeline = Timeline()
        self._leg: Leg | None = None
        self._heard_at = 0.0

    def accepts(self, leg: Leg, now: float) -> bool:
        held = self._leg
        if held is not None and held is not leg:
            if leg.number < held.number and now - self._heard_at < _SILENT_S:
                return False
            self.lane.cut()
        self._leg, self._heard_at = leg, now
        return True
