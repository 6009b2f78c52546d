"""Placing the calls that were promised, never twice, and hanging up those whose session is over.

Carriers take no idempotency key that lasts, so a command whose answer is lost is a doubt. It is written down before it
is sent; whoever finds it written and too old to be on its way looks for the call at the carrier before he sends another
(docs/adr/0018). Several may come at once: an attempt is a conditional write, and only its winner sends.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.access import Tenant
from core.domain.legs import (
    PLACED_WITHIN,
    Leg,
    LegEnd,
    LegStatus,
    attempt,
    is_attempted,
    may_repeat,
    not_placed,
    over,
    placed,
)
from core.domain.sessions import Session
from core.domain.telephony import Carrier, Credentials
from core.errors import KallglotError
from core.services.changes import Changes
from core.services.leg_changes import Changed, LegChanges
from core.services.orders import Addresses
from core.telephony_ports import (
    CallDirectory,
    CallRefused,
    CarrierBusy,
    CarrierLine,
    CredentialReader,
    OutcomeUnknown,
    TelephonyStore,
)

_log = logging.getLogger(__name__)

# Who was held up for longer between writing an attempt down and sending it does not send: others may look by then.
SENT_WITHIN = timedelta(seconds=5)
_BUSY_TRIES = 3
_LONGEST_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Placing:
    changes: Changes
    telephony: TelephonyStore
    calls: CallDirectory
    credentials: CredentialReader
    lines: Mapping[Carrier, CarrierLine]
    addresses: Addresses
    wait: Callable[[float], None]

    def place(self, tenant: Tenant, session_id: str, leg_id: str) -> bool:
        """True when nothing is left to do here; False when somebody must look again."""
        session = self.changes.sessions.find(tenant, session_id)
        leg = self._leg(session, leg_id) if session else None
        if session is None or leg is None:
            return True
        if leg.status is not LegStatus.REQUESTED or is_of_gateway(leg):
            return True
        if is_attempted(leg, self._now()):
            return False
        return self._first(session, leg) if leg.attempted_at is None else self._after_doubt(session, leg)

    def hang_up(self, tenant: Tenant, session_id: str) -> bool:
        """Every live leg of a session that is over. True when nothing is left to do."""
        session = self.changes.sessions.find(tenant, session_id)
        if session is None or not session.is_closed:
            return True
        legs = self.changes.sessions.legs(tenant, session_id)
        live = [leg for leg in legs if leg.is_live and not is_of_gateway(leg)]
        return all([self._hung_up(session, leg) for leg in live])

    def _first(self, session: Session, leg: Leg) -> bool:
        if session.is_closed:
            return self._end(session, leg, LegEnd.CANCELED)
        if self._now() - leg.created_at >= PLACED_WITHIN:
            return self._end(session, leg, LegEnd.FAILED)
        return self._attempt(session, leg)

    def _after_doubt(self, session: Session, leg: Leg) -> bool:
        """The answer to an attempt was lost: the call may exist."""
        credentials = self._credentials(session.tenant, leg)
        if credentials is None:
            return self._end(session, leg, LegEnd.UNCONFIRMED)
        late = self._now() - leg.created_at >= PLACED_WITHIN
        try:
            found = self._found(session, leg, credentials)
        except (CallRefused, CarrierBusy, OutcomeUnknown):
            return late and self._end(session, leg, LegEnd.UNCONFIRMED)
        if len(found) == 1:
            return self._placed(session, leg, found[0])
        if not found and session.is_closed:
            return self._end(session, leg, LegEnd.CANCELED)
        if not found and may_repeat(leg, self._now()):
            return self._attempt(session, leg)
        return late and self._end(session, leg, LegEnd.UNCONFIRMED)

    def _found(self, session: Session, leg: Leg, credentials: Credentials) -> list[str]:
        """Calls that may be this leg's: those that the carrier knows and no other leg has."""
        order = self.addresses.order(session, leg, self._now())
        found = self.lines[leg.carrier].find(credentials, order)
        places = {call_id: self.calls.place_of(leg.carrier, call_id) for call_id in found}
        return [call_id for call_id, place in places.items() if place is None or place.leg_id == leg.id]

    def _attempt(self, session: Session, leg: Leg) -> bool:
        credentials = self._credentials(session.tenant, leg)
        if credentials is None:
            return self._end(session, leg, LegEnd.REFUSED)
        for _ in range(_BUSY_TRIES):
            claimed = self._claim(session, leg)
            if claimed is None:
                return False
            try:
                return self._send(claimed, credentials)
            except CarrierBusy as busy:
                session, leg = self._free(claimed)
                self.wait(min(busy.retry_after_s, _LONGEST_WAIT_S))
        return False

    def _claim(self, session: Session, leg: Leg) -> Changed | None:
        """Write the attempt down; None when the leg is not any more what the decision was made on."""
        now = self._now()
        claimed = self._legs.apply(
            session,
            leg.id,
            lambda current, held: held if current.is_closed or held != leg else attempt(held, now),
        )
        return claimed if claimed and claimed.by_us else None

    def _send(self, claimed: Changed, credentials: Credentials) -> bool:
        """Raises CarrierBusy."""
        session, leg = claimed.session, claimed.leg
        assert leg.attempted_at is not None
        if self._now() - leg.attempted_at > SENT_WITHIN:
            self._free(claimed)
            return False
        order = self.addresses.order(session, leg, self._now())
        try:
            call_id = self.lines[leg.carrier].place(credentials, order)
        except CallRefused as refused:
            _log.warning("a call was refused", extra={"leg_id": leg.id, "carrier_code": str(refused)})
            return self._end(session, leg, LegEnd.REFUSED)
        except OutcomeUnknown:
            _log.warning("a carrier's answer was lost", extra={"leg_id": leg.id})
            return False
        return self._placed(session, leg, call_id)

    def _free(self, claimed: Changed) -> tuple[Session, Leg]:
        """The attempt was certainly not carried out."""
        freed = self._legs.apply(
            claimed.session, claimed.leg.id, lambda _, held: not_placed(held) if held == claimed.leg else held
        )
        return (freed.session, freed.leg) if freed else (claimed.session, claimed.leg)

    def _placed(self, session: Session, leg: Leg, call_id: str) -> bool:
        self._legs.apply(session, leg.id, lambda _, held: placed(held, call_id))
        return True

    def _hung_up(self, session: Session, leg: Leg) -> bool:
        if not leg.is_live:
            return True
        if leg.call_id is None:
            return leg.attempted_at is None and self._end(session, leg, LegEnd.CANCELED)
        credentials = self._credentials(session.tenant, leg)
        if credentials is not None:
            try:
                self.lines[leg.carrier].hang_up(credentials, leg.call_id)
            except (CallRefused, CarrierBusy, OutcomeUnknown) as error:
                _log.warning("a call was not hung up", extra={"leg_id": leg.id, "error": type(error).__name__})
                return False
        now = self._now()
        self._legs.apply(session, leg.id, lambda _, held: over(held, _end_of(held), now))
        return True

    def _end(self, session: Session, leg: Leg, end: LegEnd) -> bool:
        """Unless somebody has written meanwhile: it may be news of the very call that we know nothing of."""
        now = self._now()
        stored = self._legs.apply(session, leg.id, lambda _, held: over(held, end, now) if held == leg else held)
        return stored is None or not stored.leg.is_live

    def _credentials(self, tenant: Tenant, leg: Leg) -> Credentials | None:
        connection = self.telephony.of(tenant).connections.get(leg.connection_id)
        found = self.credentials.of(connection) if connection else None
        if found is None:
            _log.warning("no credentials", extra={"leg_id": leg.id, "connection_id": leg.connection_id})
        return found

    def _leg(self, session: Session, leg_id: str) -> Leg | None:
        legs = self.changes.sessions.legs(session.tenant, session.id)
        return next((leg for leg in legs if leg.id == leg_id), None)

    def _now(self) -> datetime:
        return self.changes.clock.now()

    @property
    def _legs(self) -> LegChanges:
        return LegChanges(self.changes)


def is_of_gateway(leg: Leg) -> bool:
    """A call by SIP is held by a gateway, which places it, hears of the session's end by its stream, and hangs up."""
    return leg.carrier is Carrier.SIP


def _end_of(hung_up: Leg) -> LegEnd:
    return LegEnd.COMPLETED if hung_up.status is LegStatus.CONNECTED else LegEnd.CANCELED


def again(work: Callable[[], bool]) -> bool:
    """Whether `work` is done; a lost race or a table that does not answer is a reason to come again."""
    try:
        return work()
    except KallglotError as error:
        _log.warning("to be done again", extra={"code": error.code})
        return False
