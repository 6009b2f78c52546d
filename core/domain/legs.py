"""A telephone leg: one call by a carrier into a session, ours to place or ours to answer. Pure.

    requested ──taken by the carrier──▶ dialing ──▶ ringing ──▶ connected ──▶ ended

Carriers' reports come twice and out of order, so a leg only ever moves forward; `ended` is the last word, but for a leg
that was given up without knowing whether it had been placed: a report of it is news.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from core.domain.telephony import Carrier

MOST_LIVE = 8
MOST_LEGS = 100

# How long an attempt to place a call may be on its way. Whoever looks later knows that nobody is at it any more: the
# function that dials is stopped before (an infrastructure test holds its timeout below this).
ATTEMPT = timedelta(seconds=25)
# A call that could not be placed by then is not wanted any more: somebody waits for it.
PLACED_WITHIN = timedelta(seconds=90)
# After an attempt whose answer was lost another one is made this long after the first, and only then: the carriers
# that recognise a repeated command forget it after a minute.
REPEATED_WITHIN = timedelta(seconds=50)


class LegStatus(StrEnum):
    REQUESTED = "requested"
    DIALING = "dialing"
    RINGING = "ringing"
    CONNECTED = "connected"
    ENDED = "ended"


class LegEnd(StrEnum):
    """Why a leg ended. `refused`: the carrier would not place it; `unconfirmed`: nobody knows whether it was placed."""

    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    CANCELED = "canceled"
    FAILED = "failed"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


_ORDER: Mapping[LegStatus, int] = MappingProxyType({status: rank for rank, status in enumerate(LegStatus)})


@dataclass(frozen=True, slots=True)
class Leg:
    """`call_id` is the carrier's name of the call, known once it has taken it. `participant` is a role, or the id of
    one of the session's participants. A leg by SIP has no connection (empty), and URIs where others have numbers.

    `attempted_at`: a command to place it was sent then, and its answer is not known. `first_attempted_at` stays.
    """

    id: str
    session_id: str
    direction: Direction
    participant: str
    carrier: Carrier
    connection_id: str
    to_number: str
    from_number: str
    created_at: datetime
    status: LegStatus = LegStatus.REQUESTED
    ended_as: LegEnd | None = None
    call_id: str | None = None
    attempted_at: datetime | None = None
    first_attempted_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        return self.status is not LegStatus.ENDED

    @property
    def is_placed(self) -> bool:
        return self.call_id is not None


@dataclass(frozen=True, slots=True)
class Report:
    """What a carrier says of a call."""

    status: LegStatus
    ended_as: LegEnd | None = None


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """A call to one of our numbers, or by SIP to a session. `from_number` is empty when the caller does not show it."""

    carrier: Carrier
    call_id: str
    connection_id: str
    to_number: str
    from_number: str
    participant: str


def has_room(legs: Collection[Leg]) -> bool:
    """Whether a session with these may have another one."""
    return len(legs) < MOST_LEGS and sum(leg.is_live for leg in legs) < MOST_LIVE


def incoming(call: IncomingCall, leg_id: str, session_id: str, now: datetime) -> Leg:
    """Connected from the beginning: our answer is what picks it up."""
    return Leg(
        id=leg_id,
        session_id=session_id,
        direction=Direction.INBOUND,
        participant=call.participant,
        carrier=call.carrier,
        connection_id=call.connection_id,
        to_number=call.to_number,
        from_number=call.from_number,
        created_at=now,
        status=LegStatus.CONNECTED,
        call_id=call.call_id,
        connected_at=now,
    )


def attempt(leg: Leg, now: datetime) -> Leg:
    """Before the command is sent: whoever comes later must not send a second one without a look."""
    return replace(leg, attempted_at=now, first_attempted_at=leg.first_attempted_at or now)


def is_attempted(leg: Leg, now: datetime) -> bool:
    """Somebody may be placing it at this moment."""
    return leg.attempted_at is not None and now - leg.attempted_at < ATTEMPT


def may_repeat(leg: Leg, now: datetime) -> bool:
    """Whether a call that the carrier does not know of may be placed (again)."""
    first = leg.first_attempted_at
    return first is None or leg.attempted_at is None or now - first < REPEATED_WITHIN


def not_placed(leg: Leg) -> Leg:
    """The carrier has said so: the attempt leaves no doubt behind."""
    return replace(leg, attempted_at=None)


def placed(leg: Leg, call_id: str) -> Leg:
    return reported(replace(leg, call_id=leg.call_id or call_id, attempted_at=None), Report(LegStatus.DIALING), None)


def reported(leg: Leg, report: Report, now: datetime | None) -> Leg:
    """The leg after a carrier's report, or the same one when it says nothing new. `now` is for what has a date."""
    doubted = leg.ended_as is LegEnd.UNCONFIRMED and report.ended_as is not LegEnd.UNCONFIRMED
    if _ORDER[report.status] <= _ORDER[leg.status] and not doubted:
        return leg
    if report.status is LegStatus.ENDED:
        return replace(leg, status=LegStatus.ENDED, ended_as=report.ended_as, ended_at=now, attempted_at=None)
    connected_at = leg.connected_at or (now if report.status is LegStatus.CONNECTED else None)
    return replace(leg, status=report.status, ended_as=None, ended_at=None, connected_at=connected_at)


def over(leg: Leg, end: LegEnd, now: datetime) -> Leg:
    return reported(leg, Report(LegStatus.ENDED, end), now)


def changed(legs: Iterable[Leg], leg: Leg) -> list[Leg]:
    """All legs of a session, with this one as it is now; oldest first."""
    others = [other for other in legs if other.id != leg.id]
    return sorted([*others, leg], key=lambda each: (each.created_at, each.id))
