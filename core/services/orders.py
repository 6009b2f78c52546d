"""What a carrier is given to do with a leg, and how its requests to us name the leg."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain import ids
from core.domain.legs import Direction, Leg
from core.domain.sessions import Session
from core.services.sessions import StreamAddress
from core.telephony_ports import Order


@dataclass(frozen=True, slots=True)
class Addresses:
    """`public_url` is the origin of the REST API as carriers reach it, without `/v1`."""

    public_url: str
    stream: StreamAddress

    def order(self, session: Session, leg: Leg, now: datetime) -> Order:
        stream = self.stream.of(session, now)
        return Order(
            leg=leg,
            stream_url=stream["url"],
            token=stream["token"],
            status_url=self._of(leg, "status"),
            return_url=self._of(leg, "voice"),
        )

    def _of(self, leg: Leg, what: str) -> str:
        """A call that we placed is named by us; of one that came in, the carrier's name is known from the beginning.

        The one parameter needs no escaping, so that there is one way to write the URL that the carrier signs.
        """
        named = f"?leg={leg.session_id}.{leg.id}" if leg.direction is Direction.OUTBOUND else ""
        return f"{self.public_url.rstrip('/')}/v1/telephony/{leg.carrier}/{what}{named}"


def named_leg(text: str) -> tuple[str, str] | None:
    """Session and leg from the parameter `leg`; None when it is none of ours."""
    session_id, _, leg_id = text.partition(".")
    return (session_id, leg_id) if ids.is_session_id(session_id) and ids.is_one(leg_id, ids.LEG) else None
