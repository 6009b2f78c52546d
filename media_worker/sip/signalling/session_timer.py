"""How long a call is good without a sign of life (RFC 4028). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from media_worker.sip.signalling import writing
from media_worker.sip.signalling.reading import Asked

SHORTEST_S = 90
_LONGEST_S = 24 * 3600


class TooShort(ValueError):
    """Answered 422: refreshes would come more often than we want to be asked."""


@dataclass(frozen=True, slots=True)
class SessionTimer:
    """`ours`: it is on us to send the refreshes, at half of the interval."""

    interval_s: int
    ours: bool

    @property
    def fields(self) -> writing.Fields:
        """What our answer says. The other side must know of timers when it is to refresh."""
        who = "uas" if self.ours else "uac"
        agreed = [("Session-Expires", f"{self.interval_s};refresher={who}")]
        return agreed if self.ours else [*agreed, ("Require", "timer")]

    @property
    def refresh_in_s(self) -> float:
        return self.interval_s / 2

    @property
    def over_in_s(self) -> float:
        """Without a refresh, a little before the other side gives up, too (section 10)."""
        return self.interval_s - min(32.0, self.interval_s / 3)


def agreed(asked: Asked) -> SessionTimer | None:
    """None when nobody asks for one. Raises TooShort, or ValueError for what is no interval."""
    header = asked.header("Session-Expires")
    if header is None:
        return None
    number, *parameters = (part.strip() for part in header.split(";"))
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise ValueError("not an interval")
    interval_s = min(int(number), _LONGEST_S)
    if interval_s < SHORTEST_S:
        raise TooShort
    knows = "timer" in asked.options("Supported")
    wanted = next((p.partition("=")[2].strip().lower() for p in parameters if p.lower().startswith("refresher")), "")
    return SessionTimer(interval_s, ours=not knows or wanted == "uas")
