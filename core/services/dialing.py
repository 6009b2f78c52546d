"""`POST /v1/sessions/{id}/dial`: promise a call. It is placed elsewhere, from the outbox (`core.services.placing`)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.domain import ids
from core.domain.access import Tenant
from core.domain.events import EventType
from core.domain.leg_views import leg_object, telephoned
from core.domain.legs import MOST_LEGS, MOST_LIVE, Direction, Leg, changed, has_room
from core.domain.sessions import Provider, Role, Session
from core.domain.sip import DIALED_URI, IS_SIP_URI, LONGEST_DIALED, Transport, Trunk, caller_at
from core.domain.telephony import Carrier, Connection, Telephony
from core.errors import Conflict, IdempotencyKeyTaken, NotFound, ValidationFailed, invalid_field
from core.ports import Commit, IdempotencyStore
from core.services.changes import Changes
from core.services.credits import CreditService
from core.services.idempotency import Answer, RequestKey, answer_of_the_first, record_of, replayed
from core.services.organizations import OrganizationService
from core.sip_ports import SipStore
from core.telephony_ports import TelephonyStore

ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Dial:
    """A validated request: `to_number` is a number, or begins as a SIP URI does. `participant` is a role, or the id of
    one of the session's participants."""

    to_number: str
    from_number: str | None = None
    participant: str = Role.CUSTOMER.value


@dataclass(frozen=True, slots=True)
class DialService:
    changes: Changes
    idempotency: IdempotencyStore
    telephony: TelephonyStore
    organizations: OrganizationService
    credits: CreditService
    sip: SipStore | None = None
    """None where no gateway places calls by SIP."""

    def dial(self, tenant: Tenant, session_id: str, dial: Dial, request: RequestKey | None = None) -> Answer:
        """One leg for one key: leg, event and key are one write.

        Raises CreditsExhausted, NotFound, Conflict or ValidationFailed.
        """
        if answer := replayed(self.idempotency, tenant, request):
            return answer
        session = self._find(tenant, session_id)
        self.credits.check(self.organizations.of(tenant))
        leg_id = self.changes.ids.new(ids.LEG)
        made: list[Leg] = []

        def decide(current: Session) -> Commit:
            legs = self.changes.sessions.legs(tenant, session_id)
            leg = self._leg(current, legs, leg_id, dial)
            made[:] = [leg]
            after = telephoned(current, changed(legs, leg))
            commit = self.changes.commit_of(current, after, (EventType.DIAL_REQUESTED, _told(leg)))
            record = record_of(self.changes.clock, tenant, request, ACCEPTED, leg_object(leg))
            return replace(commit, legs=(leg,), idempotency=record)

        try:
            self.changes.apply(session, decide)
        except IdempotencyKeyTaken:
            return answer_of_the_first(self.idempotency, tenant, request)
        return Answer(ACCEPTED, leg_object(made[0]))

    def _leg(self, session: Session, legs: list[Leg], leg_id: str, dial: Dial) -> Leg:
        if session.is_closed:
            raise Conflict("session_ended", f"session {session.id} has ended")
        if not has_room(legs):
            raise too_many_legs()
        _check_participant(session, dial.participant)
        carrier, connection_id, from_number = self._line(session, dial)
        return Leg(
            id=leg_id,
            session_id=session.id,
            direction=Direction.OUTBOUND,
            participant=dial.participant,
            carrier=carrier,
            connection_id=connection_id,
            to_number=dial.to_number,
            from_number=from_number,
            created_at=self.changes.clock.now(),
        )

    def _line(self, session: Session, dial: Dial) -> tuple[Carrier, str, str]:
        """A SIP URI goes by the trunk; so does a number of a session by SIP, unless it names a carrier's number to call
        from. Raises ValidationFailed `no_route`."""
        telephony = self.telephony.of(session.tenant)
        is_uri = IS_SIP_URI.match(dial.to_number) is not None
        of_carrier = dial.from_number is not None and telephony.connection_of(dial.from_number) is not None
        by_sip = session.provider is not None and session.provider.type == Carrier.SIP.value
        if is_uri or (by_sip and not of_carrier):
            trunk = self._trunk(session.tenant, dial.to_number)
            return Carrier.SIP, "", caller_at(trunk, dial.from_number, session.id)
        connection, from_number = line_of(telephony, session.provider, dial.from_number)
        return connection.carrier, connection.id, from_number

    def _trunk(self, tenant: Tenant, to: str) -> Trunk:
        if IS_SIP_URI.match(to) and not (len(to) <= LONGEST_DIALED and DIALED_URI.fullmatch(to)):
            raise invalid_field("to", "must be a number as +4930123456, or a SIP URI as sip:user@host")
        trunk = self.sip.of(tenant).trunk if self.sip is not None else None
        if trunk is None:
            raise ValidationFailed("no_route", "to: the organization has no SIP trunk to call by", param="to")
        if to.startswith("sips:") and trunk.transport is not Transport.TLS:
            raise ValidationFailed("no_route", "to: a sips: URI needs a trunk by TLS", param="to")
        return trunk

    def _find(self, tenant: Tenant, session_id: str) -> Session:
        session = self.changes.sessions.find(tenant, session_id) if ids.is_session_id(session_id) else None
        if session is None:
            raise NotFound("session_not_found", "no such session")
        return session


def line_of(telephony: Telephony, provider: Provider | None, asked: str | None) -> tuple[Connection, str]:
    """The connection to dial with, and the number to show: the one that is asked for, the session's own, the first one
    on the session's connection, or on the default one. Raises ValidationFailed `no_route`.
    """
    if asked is not None:
        connection = telephony.connection_of(asked)
        if connection is None:
            raise ValidationFailed("no_route", "from: not a number of this organization", param="from")
        return connection, asked
    own = provider.phone_number if provider else None
    if own is not None and (connection := telephony.connection_of(own)):
        return connection, own
    preferred = [provider.details.get("connection_id") if provider else None, telephony.default_connection]
    for connection in (telephony.connections.get(name or "") for name in preferred):
        if connection is not None and (number := telephony.number_on(connection.id)):
            return connection, number
    raise ValidationFailed("no_route", "the organization has no number to call from", param="from")


def _told(leg: Leg) -> dict[str, str]:
    """By whom the call is placed is how the promise finds him."""
    return {"leg_id": leg.id, "carrier": leg.carrier.value}


def too_many_legs() -> Conflict:
    return Conflict("too_many_legs", f"a session has at most {MOST_LIVE} calls at once, and {MOST_LEGS} in all")


def _check_participant(session: Session, named: str) -> None:
    known = {*(role.value for role in Role), *(p.id for p in session.participants if p.id)}
    if named not in known:
        raise ValidationFailed(
            "invalid_field_value",
            "participant: must be customer, agent or the id of a participant of the session",
            param="participant",
        )
