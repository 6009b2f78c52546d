"""A call by SIP to a session: whether it is let in, and what is written down of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain import ids
from core.domain.access import stream_token
from core.domain.legs import LegEnd
from core.domain.rotation import Secret
from core.domain.sessions import Role, Session
from core.errors import NotFound, PermissionDenied
from core.ports import AccessStore
from core.services.changes import Changes
from core.services.streams import SessionEnded
from core.telephony_ports import CallPlace


class NotAllowed(PermissionDenied):
    """The organization takes no calls from this address."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`headers` are the X- ones; `source_host` is where the request really came from."""

    call_id: str
    source_host: str
    from_uri: str
    user: str
    participant: str | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Admission:
    session: Session
    needs_digest: bool = False


@dataclass(frozen=True, slots=True)
class Connected:
    leg_id: str
    token: str
    participant: str


@dataclass(frozen=True, slots=True)
class SipCallService:
    """Blocking: to be called off the event loop."""

    changes: Changes
    access: AccessStore
    token_key: Secret

    def admission(self, session_id: str, source_host: str) -> Admission:
        """Raises NotFound, NotAllowed or SessionEnded."""
        tenant = self.changes.sessions.tenant_of(session_id) if ids.is_session_id(session_id) else None
        session = self.changes.sessions.find(tenant, session_id) if tenant else None
        if session is None:
            raise NotFound("session_not_found", "no such session")
        if session.is_closed:
            raise SessionEnded(session.id)
        return Admission(session)

    def connect(self, admission: Admission, caller: Caller) -> Connected:
        """Raises Conflict when there are too many calls."""
        leg_id = self.changes.ids.new(ids.LEG)
        return Connected(leg_id, self.token(admission), caller.participant or Role.CUSTOMER)

    def token(self, admission: Admission) -> str:
        """What the session's stream is opened with, now."""
        session, now = admission.session, self.changes.clock.now()
        key = self.token_key().in_use(now).value
        return stream_token(key, session.tenant, session.id, session.created_at, now).text

    def over(self, place: CallPlace, end: LegEnd) -> None:
        """The call has ended."""

    def renew(self, places: Sequence[CallPlace]) -> None:
        """These calls are alive."""
