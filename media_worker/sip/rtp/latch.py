"""Where the other side of a call really is: behind address translation its description names an address nobody reaches.

So sound goes to where valid packets come from. A stranger who finds the port must not take the call over by one packet:
the address that was described always wins, and a source that speaks is kept until it has been silent for a while; one
that goes on with the same SSRC, which a stranger does not know, is followed sooner.
"""

from __future__ import annotations

from typing import Any

# A network that changes under a telephone, and a stranger who waits for a pause of the speaker.
_SILENT_SAME_S, _SILENT_OTHER_S = 0.5, 2.0


class Latch:
    """Addresses are (host, port)."""

    def __init__(self) -> None:
        self.target: tuple[str, int] = ("", 0)
        self._described: tuple[str, int] = ("", 0)
        self._source: tuple[str, int] | None = None
        self._ssrc: int | None = None
        self._heard_at = 0.0

    @property
    def is_latched(self) -> bool:
        return self._source is not None

    def aim(self, host: str, port: int) -> None:
        """Another description. If it names the same address, what was learnt is kept."""
        if (host, port) != self._described:
            self._described = self.target = (host, port)
            self._source = self._ssrc = None

    def admits(self, source: Any, ssrc: int, now: float) -> bool:
        """Whether a valid packet from there belongs to this call."""
        if source != self._source:
            if not self._may_move(source, ssrc, now):
                return False
            self._source = self.target = source
        self._ssrc = ssrc
        self._heard_at = now
        return True

    def _may_move(self, source: Any, ssrc: int, now: float) -> bool:
        if self._source is None or source == self._described:
            return True
        patience_s = _SILENT_SAME_S if ssrc == self._ssrc else _SILENT_OTHER_S
        return now - self._heard_at >= patience_s
