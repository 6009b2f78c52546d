"""What carriers ask and report: who answers a call to one of our numbers, and what became of a call.

Whoever asks has only said so far; `target` tells whose credentials must have signed it. Nothing else here is to be
called before that was checked.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from core.domain.access import Tenant
from core.domain.engines import EngineSet
from core.domain.legs import IncomingCall, Leg, Report, placed, reported
from core.domain.organizations import Organization
from core.domain.sessions import Recording, Session
from core.domain.telephony import Carrier, Connection, Number
from core.errors import Conflict, CreditsExhausted, RateLimited
from core.ports import AccessStore
from core.services.changes import Changes
from core.services.creating import NewSession, SessionCreation
from core.services.leg_changes import LegChanges
from core.services.orders import Addresses
from core.telephony_ports import CallDirectory, CallPlace, Order, TelephonyStore

_log = logging.getLogger(__name__)

# Whoever asks for nobody costs as many reads as whoever asks for somebody.
NOBODY = Tenant("nobody", False)


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a request is about: a leg that it names, or one of our numbers."""

    tenant: Tenant
    connection: Connection
    place: CallPlace | None = None


@dataclass(frozen=True, slots=True)
class HangUp:
    """The session is over, or this is not its call."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Nobody can answer now, and nobody is charged."""


Instruction = Order | HangUp | Busy


@dataclass(frozen=True, slots=True)
class CallService:
    changes: Changes
    telephony: TelephonyStore
    directory: CallDirectory
    access: AccessStore
    creation: SessionCreation
    addresses: Addresses
    engines: EngineSet

    def target(self, carrier: Carrier, place: tuple[str, str] | None, number: str) -> Target | None:
        """`place` is session and leg, where the request names one. None for what is not ours."""
        if place is not None:
            return self._of_leg(carrier, *place)
        tenant = self.telephony.owner_of(number)
        connection = self.telephony.of(tenant or NOBODY).connection_of(number)
        if tenant is None or connection is None or connection.carrier is not carrier:
            return None
        return Target(tenant, connection)

    def answer(self, target: Target, call_id: str, to_number: str, from_number: str) -> Instruction:
        """What the carrier is to do with this call: the same session however often it asks."""
        place = target.place or self._known(target, call_id)
        if place is not None:
            return self._again(place, call_id)
        number = self.telephony.of(target.tenant).numbers.get(to_number)
        return self._first(target, number, call_id, from_number) if number else HangUp()

    def report(self, target: Target, call_id: str, report: Report) -> None:
        """Of a call of ours; one that nobody knows says nothing."""
        place = target.place or self._known(target, call_id)
        session = self.changes.sessions.find(place.tenant, place.session_id) if place else None
        if place is None or session is None:
            return
        now = self.changes.clock.now()

        def told(_: Session, leg: Leg) -> Leg:
            if leg.call_id not in (None, call_id):
                _log.error("another call for one leg", extra={"leg_id": leg.id, "call_id": call_id})
                return leg
            return reported(placed(leg, call_id), report, now)

        LegChanges(self.changes).apply(session, place.leg_id, told)

    def _first(self, target: Target, number: Number, call_id: str, from_number: str) -> Instruction:
        organization = self.access.organization(target.tenant.organization_id)
        new = self._session_for(organization, number) if organization and organization.active else None
        if organization is None or new is None:
            _log.warning("nobody can answer", extra={"connection_id": number.connection_id})
            return Busy()
        carrier = target.connection.carrier
        call = IncomingCall(
            carrier, call_id, number.connection_id, number.number, from_number, number.participant.value
        )
        try:
            self.creation.create(target.tenant, organization, new, call=call)
        except (RateLimited, CreditsExhausted) as refused:
            _log.warning("not answered", extra={"code": refused.code, "connection_id": number.connection_id})
            return Busy()
        except Conflict:
            # The carrier asks twice at once, and the other one was faster; or the tables are busy.
            if self._known(target, call_id) is None:
                raise
        place = self._known(target, call_id)
        return self._again(place, call_id) if place else HangUp()

    def _session_for(self, organization: Organization, number: Number) -> NewSession | None:
        """None when nobody has said what is spoken there, and the engines cannot tell."""
        defaults = organization.defaults
        source = number.source_language or defaults.source_language
        target = number.target_language or defaults.target_language
        if not self.engines.detects_language and not (source and target):
            return None
        return NewSession(
            mode=number.mode,
            source_language=source,
            target_language=target,
            recording=number.recording or defaults.recording or Recording(),
            webhook_url=defaults.webhook_url,
        )

    def _again(self, place: CallPlace, call_id: str) -> Instruction:
        """On with the stream, for as long as the session lives and waits for it."""
        session = self.changes.sessions.find(place.tenant, place.session_id)
        leg = self._leg(session, place.leg_id) if session else None
        now = self.changes.clock.now()
        if session is None or leg is None or self._is_over(session, leg, call_id, now):
            return HangUp()
        return self.addresses.order(session, leg, now)

    def _is_over(self, session: Session, leg: Leg, call_id: str, now: datetime) -> bool:
        left = session.disconnected_at
        too_late = left is not None and now - left >= self.changes.timeouts.reconnect
        return session.is_closed or too_late or leg.call_id not in (None, call_id)

    def _known(self, target: Target, call_id: str) -> CallPlace | None:
        place = self.directory.place_of(target.connection.carrier, call_id)
        return place if place and place.tenant == target.tenant else None

    def _of_leg(self, carrier: Carrier, session_id: str, leg_id: str) -> Target | None:
        tenant = self.changes.sessions.tenant_of(session_id)
        connections = self.telephony.of(tenant or NOBODY).connections
        session = self.changes.sessions.find(tenant or NOBODY, session_id)
        leg = self._leg(session, leg_id) if session else None
        connection = connections.get(leg.connection_id) if leg else None
        if tenant is None or connection is None or connection.carrier is not carrier:
            return None
        return Target(tenant, connection, CallPlace(tenant, session_id, leg_id))

    def _leg(self, session: Session, leg_id: str) -> Leg | None:
        legs = self.changes.sessions.legs(session.tenant, session.id)
        return next((leg for leg in legs if leg.id == leg_id), None)
