"""What two sides of a call have agreed to call each other, and the requests that can be sent in it (RFC 3261, 12)."""

from __future__ import annotations

from dataclasses import dataclass, field

from media_worker.sip.signalling import writing
from media_worker.sip.signalling.flows import Flow
from media_worker.sip.signalling.reading import UNREADABLE, Answered, Asked

_MOST_ROUTES = 16
# In the Contact of calls that we make: the dialog is found by its names, not by whom it is for.
_USER = "kallglot"


class NoDialog(ValueError):
    """This message begins no dialog: it says nobody whom to answer."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where we are reached, as the other side is told."""

    host: str
    port: int
    secure_host: str = ""
    secure_port: int = 0

    def contact(self, flow: Flow, user: str) -> str:
        return f"<sip:{user}@{self._address(flow)}{_PARAMETER[flow.transport]}>"

    def via(self, flow: Flow, branch: str) -> str:
        return f"SIP/2.0/{flow.transport} {self._address(flow)};branch={branch};rport"

    def _address(self, flow: Flow) -> str:
        if flow.transport == "TLS" and self.secure_host:
            return f"{self.secure_host}:{self.secure_port}"
        return f"{self.host}:{self.port}"


_PARAMETER = {"UDP": "", "TCP": ";transport=tcp", "TLS": ";transport=tls"}


@dataclass(slots=True, eq=False)
class Dialog:
    """Requests go back the way the first one came: it is the only way that is known to lead through every NAT and
    balancer. `ours` and `theirs` are whole header values, tags included."""

    call_id: str
    our_tag: str
    their_tag: str
    ours: str
    theirs: str
    target: str
    routes: tuple[str, ...]
    flow: Flow
    place: Place
    user: str
    sequence: int = 0
    their_sequence: int = field(default=0)

    @property
    def key(self) -> tuple[str, str]:
        return self.call_id, self.our_tag

    @classmethod
    def answering(cls, invite: Asked, our_tag: str, place: Place) -> Dialog:
        """Raises NoDialog."""
        headers = invite.request.headers
        try:
            target = str(invite.request.contact[0].uri)
            routes = tuple(str(route) for route in invite.request.record_route)
        except UNREADABLE:
            raise NoDialog from None
        if not invite.from_tag or len(routes) > _MOST_ROUTES:
            raise NoDialog
        return cls(
            call_id=invite.call_id,
            our_tag=our_tag,
            their_tag=invite.from_tag,
            ours=f"{headers['To']};tag={our_tag}",
            theirs=headers["From"],
            target=target,
            routes=routes,
            flow=invite.flow,
            place=place,
            user=invite.user,
            their_sequence=invite.sequence,
        )

    @classmethod
    def calling(cls, call_id: str, our_tag: str, from_uri: str, to_uri: str, flow: Flow, place: Place) -> Dialog:
        """Of a call that we make; `answered` completes it."""
        return cls(
            call_id=call_id,
            our_tag=our_tag,
            their_tag="",
            ours=f"<{from_uri}>;tag={our_tag}",
            theirs=f"<{to_uri}>",
            target=to_uri,
            routes=(),
            flow=flow,
            place=place,
            user=_USER,
        )

    def answered(self, answer: Answered) -> None:
        """Of a call that we made: by whom it was taken. Raises NoDialog."""
        response = answer.response
        try:
            self.target = str(response.contact[0].uri)
            routes = tuple(str(route) for route in reversed(response.record_route))
        except UNREADABLE:
            raise NoDialog from None
        if not answer.to_tag or len(routes) > _MOST_ROUTES:
            raise NoDialog
        self.their_tag, self.theirs, self.routes = answer.to_tag, response.headers["To"], routes

    def is_in_order(self, asked: Asked) -> bool:
        """A request that is older than one we had is none (RFC 3261, 12.2.2)."""
        if asked.sequence <= self.their_sequence:
            return False
        self.their_sequence = asked.sequence
        return True

    def moved(self, asked: Asked) -> None:
        """A re-INVITE or UPDATE may say a new address to reach them at."""
        try:
            contacts = asked.request.contact
        except UNREADABLE:
            return
        if contacts:
            self.target = str(contacts[0].uri)
        self.flow = asked.flow

    @property
    def contact(self) -> str:
        return self.place.contact(self.flow, self.user)

    def next_sequence(self) -> int:
        self.sequence += 1
        return self.sequence

    def request(self, method: str, branch: str, sequence: int, fields: writing.Fields = (), body: bytes = b"") -> bytes:
        kind = [("Content-Type", writing.SDP)] if body else []
        return writing.request(
            method,
            self.target,
            self.place.via(self.flow, branch),
            [
                ("From", self.ours),
                ("To", self.theirs),
                ("Call-ID", self.call_id),
                ("CSeq", f"{sequence} {method}"),
                ("Contact", self.contact),
                *(("Route", route) for route in self.routes),
                *fields,
                *kind,
            ],
            body,
        )
