"""`POST /v1/sessions/{id}/dial`: promise a call. It is placed elsewhere, from the outbox (`core.services.placing`)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.domain import ids
from core.domain.access import Tenant
from core.domain.events import EventType
from core.domain.leg_views import leg_object, telephoned
from core.domain.legs import MOST_LEGS, MOST_LIVE, Direction, Leg, changed, has_room
from core.domain.sessions import Provider, Role, Session
from core.domain.telephony import Connection, Telephony
from core.errors import Conflict, IdempotencyKeyTaken, NotFound, ValidationFailed
from core.ports import Commit, IdempotencyStore
from core.services.changes import Changes
from core.services.credits import CreditService
from core.services.idempotency import Answer, RequestKey, answer_of_the_first, record_of, replayed
from core.services.organizations import OrganizationService
from core.telephony_ports import TelephonyStore

ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Dial:
    """A validated request. `participant` is a role, or the id of one of the session's participants."""

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
            commit = self.changes.commit_of(current, after, (EventType.DIAL_REQUESTED, {"leg_id": leg_id}))
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
        connection, from_number = line_of(self.telephony.of(session.tenant), session.provider, dial.from_number)
        return Leg(
            id=leg_id,
            session_id=session.id,
            direction=Direction.OUTBOUND,
            participant=dial.participant,
            carrier=connection.carrier,
            connection_id=connection.id,
            to_number=dial.to_number,
            from_number=from_number,
            created_at=self.changes.clock.now(),
        )

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
