"""Calls that a gateway places by SIP through a tenant's trunk, never twice (docs/adr/0018, 0049).

The attempt is one conditional write, and only its winner sends an INVITE. Nobody can be asked about a call by SIP
afterwards: of an attempt whose gateway has died nothing is known, and it is not repeated. Every call here may block.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from core.domain.access import Tenant
from core.domain.legs import PLACED_WITHIN, Leg, LegEnd, LegStatus, Report, attempt, over, placed, reported
from core.domain.sessions import Session
from core.domain.sip import Sip, Trunk, TrunkCredentials, uri_at
from core.domain.telephony import Carrier
from core.errors import KallglotError, NotFound
from core.services.changes import Changes
from core.services.leg_changes import Changed, LegChanges
from core.services.sip_calls import SipCallService
from core.services.streams import SessionEnded
from core.sip_ports import TrunkSecretReader
from core.telephony_ports import CallPlace

_log = logging.getLogger(__name__)
# Longer than any gateway rings (`media_worker.sip.dialing.dialer`), with what its last messages may take.
DIALED_WITHIN = timedelta(seconds=120)


class Left(Enum):
    """What there is for somebody to do who may not dial: look again, as another gateway may be dialing, or nothing."""

    NOTHING = auto()
    LATER = auto()


@dataclass(frozen=True, slots=True)
class SipOrder:
    """A call that is this gateway's to place. `participant` is a role, or somebody's id."""

    place: CallPlace
    participant: str
    call_id: str
    to_uri: str
    from_uri: str
    trunk: Trunk
    credentials: TrunkCredentials | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class SipDialing:
    calls: SipCallService
    secrets: TrunkSecretReader

    def claim(self, tenant: Tenant, session_id: str, leg_id: str, call_id: str) -> SipOrder | Left:
        """`call_id` is what the call will be known by, here and at the other side."""
        place = CallPlace(tenant, session_id, leg_id)
        session, leg = self._find(place)
        if session is None or leg is None or not leg.is_live or leg.carrier is not Carrier.SIP:
            return Left.NOTHING
        if leg.first_attempted_at is not None:
            return self._of_others(session, leg)
        if session.is_closed or self._now() - leg.created_at >= PLACED_WITHIN:
            return self._end(session, leg, LegEnd.CANCELED if session.is_closed else LegEnd.FAILED)
        return self._first(place, session, leg, call_id)

    def ringing(self, place: CallPlace) -> None:
        self._report(place, lambda leg: reported(leg, Report(LegStatus.RINGING), None))

    def answered(self, place: CallPlace) -> None:
        """Raises SessionEnded, or NotFound: there is nothing any more that the call could be led into."""
        now = self._now()
        session = self._report(place, lambda leg: reported(leg, Report(LegStatus.CONNECTED), now))
        if session is None:
            raise NotFound("session_not_found", "no such session")
        if session.is_closed:
            raise SessionEnded(session.id)

    def is_wanted(self, place: CallPlace) -> bool:
        """Whether somebody still waits for a call that rings."""
        session, leg = self._find(place)
        return session is not None and leg is not None and leg.is_live and not session.is_closed

    def over(self, place: CallPlace, end: LegEnd) -> None:
        self.calls.over(place, end)

    def _of_others(self, session: Session, leg: Leg) -> Left:
        """A gateway is dialing, has dialed, or has died of it."""
        assert leg.first_attempted_at is not None
        if leg.status is LegStatus.CONNECTED:
            return Left.NOTHING
        if self._now() - leg.first_attempted_at < DIALED_WITHIN:
            return Left.LATER
        return self._end(session, leg, LegEnd.UNCONFIRMED)

    def _first(self, place: CallPlace, session: Session, leg: Leg, call_id: str) -> SipOrder | Left:
        settings = self.calls.settings.of(place.tenant)
        order = self._order(settings.trunk, place, leg, call_id)
        if order is None:
            _log.warning("no trunk, or no password for it", extra={"leg_id": leg.id})
            return self._end(session, leg, LegEnd.REFUSED)
        claimed = self._claimed(session, leg, call_id)
        if claimed is None:
            return Left.LATER
        if not self._has_place(settings, place):
            return self._end(claimed.session, claimed.leg, LegEnd.REFUSED)
        return order

    def _order(self, trunk: Trunk | None, place: CallPlace, leg: Leg, call_id: str) -> SipOrder | None:
        """None when the tenant's settings do not allow it, which they did when the call was promised."""
        if trunk is None:
            return None
        credentials = self.secrets.of(trunk.secret) if trunk.secret else None
        if trunk.secret and credentials is None:
            return None
        to_uri = uri_at(trunk, leg.to_number)
        return SipOrder(place, leg.participant, call_id, to_uri, leg.from_number, trunk, credentials)

    def _claimed(self, session: Session, leg: Leg, call_id: str) -> Changed | None:
        """None when the leg is not any more what the decision was made on."""
        now = self._now()
        claimed = self._legs.apply(
            session,
            leg.id,
            lambda current, held: held if current.is_closed or held != leg else placed(attempt(held, now), call_id),
        )
        return claimed if claimed and claimed.by_us else None

    def _has_place(self, settings: Sip, place: CallPlace) -> bool:
        try:
            self.calls.places.take(place.tenant, settings.max_calls, place.leg_id)
        except KallglotError as error:
            _log.warning("no place for another call", extra={"leg_id": place.leg_id, "code": error.code})
            return False
        return True

    def _end(self, session: Session, leg: Leg, end: LegEnd) -> Left:
        """Unless somebody has written meanwhile: it may be news of the call."""
        now = self._now()
        self._legs.apply(session, leg.id, lambda _, held: over(held, end, now) if held == leg else held)
        return Left.NOTHING

    def _report(self, place: CallPlace, change: Callable[[Leg], Leg]) -> Session | None:
        session = self._changes.sessions.find(place.tenant, place.session_id)
        if session is None:
            return None
        changed = self._legs.apply(session, place.leg_id, lambda _, held: change(held))
        return changed.session if changed else session

    def _find(self, place: CallPlace) -> tuple[Session | None, Leg | None]:
        session = self._changes.sessions.find(place.tenant, place.session_id)
        legs = self._changes.sessions.legs(place.tenant, place.session_id) if session else []
        return session, next((leg for leg in legs if leg.id == place.leg_id), None)

    def _now(self) -> datetime:
        return self._changes.clock.now()

    @property
    def _changes(self) -> Changes:
        return self.calls.changes

    @property
    def _legs(self) -> LegChanges:
        return LegChanges(self._changes)
