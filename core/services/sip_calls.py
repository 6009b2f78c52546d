"""Calls that a PBX brings by SIP, without a carrier: who may come in, and the leg of whoever does.

A gateway asks here; it knows sessions, legs and passwords by nothing else. Every call here may block.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import groupby

from core.domain import ids
from core.domain.access import Tenant, stream_token
from core.domain.digest import DigestResponse, is_right
from core.domain.leg_views import telephoned
from core.domain.legs import IncomingCall, LegEnd, changed, has_room, incoming, over
from core.domain.rotation import Secret
from core.domain.sessions import Role, Session
from core.domain.sip import NOBODY, REALM, Sip, with_headers
from core.domain.telephony import Carrier
from core.errors import KallglotError, NotFound, PermissionDenied
from core.ports import Commit
from core.services.call_places import CallPlaces
from core.services.changes import Changes
from core.services.dialing import too_many_legs
from core.services.leg_changes import LegChanges
from core.services.streams import SessionEnded
from core.sip_ports import SipStore
from core.telephony_ports import CallPlace

_log = logging.getLogger(__name__)
# Whoever asks for nobody costs as many reads as whoever asks for somebody.
_NOBODY = Tenant("nobody", False)
_NO_SESSION = "sess_0"
_LONGEST = 255


class NotAllowed(PermissionDenied):
    """The caller's address is in none of the tenant's networks."""


@dataclass(frozen=True, slots=True)
class Admission:
    """A session that waits for calls, as whoever asked found it. `needs_digest`: let nobody in without a password."""

    session: Session
    settings: Sip = field(repr=False)
    realm: str = REALM

    @property
    def needs_digest(self) -> bool:
        return self.settings.needs_digest


@dataclass(frozen=True, slots=True)
class Caller:
    """`user` is whom the request was for; `participant` what the header of ours says; `headers` are its X- headers."""

    call_id: str
    source_host: str
    from_uri: str
    user: str
    participant: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Connected:
    """`participant`: a role, or the id of one of the session's participants; `token` opens the session's stream."""

    leg_id: str
    token: str = field(repr=False)
    participant: str


@dataclass(frozen=True, slots=True)
class SipCallService:
    """`domain`: what PBXs call, as legs show it; empty where it has no name."""

    changes: Changes
    settings: SipStore
    places: CallPlaces
    token_key: Secret
    domain: str = ""

    def admission(self, session_id: str, source_host: str) -> Admission:
        """The same reads whether there is such a session or not, another's or a word that is no id at all.

        Raises NotFound, NotAllowed, or SessionEnded, also when it waits for nobody any more.
        """
        is_one = ids.is_session_id(session_id)
        asked = session_id if is_one else _NO_SESSION
        tenant = self.changes.sessions.tenant_of(asked)
        settings = self.settings.of(tenant or _NOBODY)
        session = self.changes.sessions.find(tenant or _NOBODY, asked)
        if tenant is None or session is None or not is_one:
            raise _not_found()
        if not settings.lets_in(source_host):
            raise NotAllowed("source_not_allowed", "this address is in none of the allowed networks")
        self._check_open(session)
        return Admission(session, settings)

    def is_genuine(self, admission: Admission, response: DigestResponse) -> bool:
        """Whether it was made with a password of the tenant's. Whose the nonce is, and how often it was used, is the
        gateway's to know, and that `uri` is the request's."""
        now = self.changes.clock.now()
        credential = admission.settings.named(response.username)
        accepted = (credential or NOBODY).accepted(response.algorithm, now)
        matches = [is_right(response, ha1) for ha1 in accepted]
        return any(matches) and credential is not None and response.realm == admission.realm

    def connect(self, admission: Admission, caller: Caller) -> Connected:
        """A leg, connected from the beginning; the provider's state, the event and the metadata come in one write.

        Raises SessionEnded, Conflict `too_many_legs` or `too_many_calls`.
        """
        session, leg_id = admission.session, self.changes.ids.new(ids.LEG)
        call = self._call(session, caller)
        self.places.take(session.tenant, admission.settings.max_calls, leg_id)
        try:
            stored = self.changes.apply(session, lambda current: self._answered(current, call, leg_id, caller.headers))
        except BaseException:
            # What is not given up now runs out by itself.
            with suppress(KallglotError):
                self.places.give_up(session.tenant, leg_id)
            raise
        return Connected(leg_id, self._token(stored), call.participant)

    def token(self, of: Admission | CallPlace) -> str:
        """A fresh one, for a line that comes again. Raises NotFound when the session is gone."""
        if isinstance(of, Admission):
            return self._token(of.session)
        session = self.changes.sessions.find(of.tenant, of.session_id)
        if session is None:
            raise _not_found()
        return self._token(session)

    def over(self, place: CallPlace, end: LegEnd) -> None:
        """Once is enough, and twice does no harm."""
        now = self.changes.clock.now()
        session = self.changes.sessions.find(place.tenant, place.session_id)
        if session is not None:
            LegChanges(self.changes).apply(session, place.leg_id, lambda _, leg: over(leg, end, now))
        self.places.give_up(place.tenant, place.leg_id)

    def renew(self, places: Sequence[CallPlace]) -> None:
        """Every minute, for the calls that are alive. One tenant's trouble is not the others'; raises the last one."""
        trouble: KallglotError | None = None
        for tenant, held in groupby(sorted(places, key=lambda place: str(place.tenant)), lambda place: place.tenant):
            try:
                self.places.renew(tenant, {place.leg_id for place in held})
            except KallglotError as error:
                trouble = error
        if trouble is not None:
            raise trouble

    def _answered(self, current: Session, call: IncomingCall, leg_id: str, headers: Mapping[str, str]) -> Commit:
        self._check_open(current)
        legs = self.changes.sessions.legs(current.tenant, current.id)
        if not has_room(legs):
            raise too_many_legs()
        leg = incoming(call, leg_id, current.id, self.changes.clock.now())
        after = replace(telephoned(current, changed(legs, leg)), metadata=with_headers(current.metadata, headers))
        return replace(self.changes.commit_of(current, after), legs=(leg,))

    def _call(self, session: Session, caller: Caller) -> IncomingCall:
        to = f"sip:{session.id}@{self.domain}" if self.domain else f"sip:{session.id}"
        return IncomingCall(
            carrier=Carrier.SIP,
            call_id=caller.call_id[:_LONGEST],
            connection_id="",
            to_number=to,
            from_number=caller.from_uri[:_LONGEST],
            participant=_participant(session, caller.participant),
        )

    def _check_open(self, session: Session) -> None:
        left = session.disconnected_at
        too_late = left is not None and self.changes.clock.now() - left >= self.changes.timeouts.reconnect
        if session.is_closed or too_late:
            raise SessionEnded(session.id)

    def _token(self, session: Session) -> str:
        now = self.changes.clock.now()
        key = self.token_key().in_use(now).value
        return stream_token(key, session.tenant, session.id, session.created_at, now).text


def _participant(session: Session, named: str | None) -> str:
    """Who calls without a word about it is a customer. A name that the session does not know is no reason to lose a
    call either."""
    known = {*(role.value for role in Role), *(p.id for p in session.participants if p.id)}
    if named is None or named in known:
        return named or Role.CUSTOMER.value
    _log.warning("a call by SIP named a participant that its session has not", extra={"session_id": session.id})
    return Role.CUSTOMER.value


def _not_found() -> NotFound:
    return NotFound("session_not_found", "no such session")
