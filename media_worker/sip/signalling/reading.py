"""Bytes → a request or an answer of which everything that is needed later has been read. Nothing here raises.

The grammar is `sipmessage`'s. What it does not do: fold lines together, and look at what a message must have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sipmessage import Message, Request, Response

from media_worker.sip.signalling.flows import Flow

_MOST_HEADERS = 128
_LONGEST_VALUE = 4096
_FOLD = re.compile(rb"\r\n[ \t]+")
# What the library raises for one hostile message or the other; `;self=1` makes it a TypeError.
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AssertionError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `key` is the same for an INVITE, its ACK after a refusal, and its CANCEL."""

    request: Request = field(repr=False)
    flow: Flow
    method: str
    user: str
    call_id: str
    from_tag: str
    to_tag: str
    sequence: int
    branch: str
    sent_by: str
    answer_port: int | None

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        return self.branch, self.sent_by, self.call_id, self.from_tag, self.sequence

    def header(self, name: str) -> str | None:
        return self.request.headers.get(name)

    def options(self, name: str) -> set[str]:
        """A header that is a list of words, in lower case."""
        words = ",".join(self.request.headers.getlist(name)).split(",")
        return {word.strip().lower() for word in words} - {""}

    def answer(self, data: bytes) -> None:
        """To where the request came from; without `rport`, to the port that its Via names (RFC 3261, 18.2.2)."""
        self.flow.send(data, self.answer_port)


@dataclass(frozen=True, slots=True)
class Answered:
    response: Response = field(repr=False)
    flow: Flow
    code: int
    method: str
    sequence: int
    branch: str
    call_id: str
    to_tag: str


def read(data: bytes, flow: Flow) -> Asked | Answered | None:
    """None for what is no SIP message, or lacks what nobody can do without."""
    try:
        message = Message.parse(_FOLD.sub(b" ", data))
        if not _is_modest(message):
            return None
        return _asked(message, flow) if isinstance(message, Request) else _answered(message, flow)
    except UNREADABLE:
        return None


def _is_modest(message: Request | Response) -> bool:
    values = [value for name in message.headers.keys() for value in message.headers.getlist(name)]  # noqa: SIM118
    return len(values) <= _MOST_HEADERS and all(len(value) <= _LONGEST_VALUE for value in values)


def _asked(request: Request, flow: Flow) -> Asked | None:
    via, number = request.via[0], request.cseq
    if number.method != request.method or number.sequence >= 2**31:
        return None
    _cut(request)
    wants_port = "rport" in via.parameters
    return Asked(
        request=request,
        flow=flow,
        method=request.method,
        user=request.uri.user or "",
        call_id=request.call_id,
        from_tag=request.from_address.parameters.get("tag") or "",
        to_tag=request.to_address.parameters.get("tag") or "",
        sequence=number.sequence,
        branch=via.parameters.get("branch") or "",
        sent_by=f"{via.host}:{via.port}",
        answer_port=None if flow.is_reliable or wants_port else via.port or 5060,
    )


def _answered(response: Response, flow: Flow) -> Answered | None:
    vias, number = response.via, response.cseq
    if len(vias) != 1 or not 100 <= response.code < 700:
        return None
    return Answered(
        response=response,
        flow=flow,
        code=response.code,
        method=number.method,
        sequence=number.sequence,
        branch=vias[0].parameters.get("branch") or "",
        call_id=response.call_id,
        to_tag=response.to_address.parameters.get("tag") or "",
    )


def _cut(request: Request) -> None:
    """A datagram may be longer than its message, and then the rest is nothing (RFC 3261, 18.3)."""
    length = request.content_length
    if length is not None:
        if not 0 <= length <= len(request.body):
            raise ValueError("a body shorter than it says")
        request.body = request.body[:length]
