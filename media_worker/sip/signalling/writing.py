"""Answers and requests as bytes. Header fields that belong to the other side go back letter by letter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from media_worker.sip.signalling.reading import Asked

AGENT = "Kallglot"
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO"
SDP = "application/sdp"

PHRASES: Mapping[int, str] = MappingProxyType(
    {
        100: "Trying",
        200: "OK",
        400: "Bad Request",
        401: "Unauthorized",
        403: "Forbidden",
        404: "Not Found",
        405: "Method Not Allowed",
        408: "Request Timeout",
        410: "Gone",
        415: "Unsupported Media Type",
        420: "Bad Extension",
        422: "Session Interval Too Small",
        480: "Temporarily Unavailable",
        481: "Call/Transaction Does Not Exist",
        482: "Loop Detected",
        483: "Too Many Hops",
        486: "Busy Here",
        487: "Request Terminated",
        488: "Not Acceptable Here",
        491: "Request Pending",
        500: "Server Internal Error",
        503: "Service Unavailable",
    }
)

Fields = Iterable[tuple[str, str]]


def answer(asked: Asked, code: int, *, tag: str = "", fields: Fields = (), body: bytes = b"") -> bytes:
    """`tag` is ours in the dialog; an answer to the first request of one that has none gets it. RFC 3261, 8.2.6."""
    request = asked.request
    to_header = request.headers["To"]
    if tag and not asked.to_tag:
        to_header = f"{to_header};tag={tag}"
    lines = [
        f"SIP/2.0 {code} {PHRASES[code]}",
        *(f"Via: {value}" for value in _vias(asked)),
        f"From: {request.headers['From']}",
        f"To: {to_header}",
        f"Call-ID: {asked.call_id}",
        f"CSeq: {asked.sequence} {asked.method}",
    ]
    if asked.method == "INVITE" and 100 < code < 300:
        lines += [f"Record-Route: {value}" for value in request.headers.getlist("Record-Route")]
    return _whole([*lines, *_lines(fields), f"Server: {AGENT}"], body)


def request(method: str, uri: str, via: str, fields: Fields, body: bytes = b"") -> bytes:
    """`via` is the whole of ours, branch and `rport` included."""
    lines = [f"{method} {uri} SIP/2.0", f"Via: {via}", *_lines(fields)]
    return _whole([*lines, "Max-Forwards: 70", f"User-Agent: {AGENT}"], body)


def _vias(asked: Asked) -> Sequence[str]:
    """With where the request really came from at the top one (RFC 3261, 18.2.1; RFC 3581, 4)."""
    first, *others = asked.request.headers.getlist("Via")
    top, comma, rest = first.partition(",")
    words = [word for word in top.split(";") if word.strip().partition("=")[0].strip().lower() not in _OURS]
    wants_port = any(word.strip().lower() == "rport" for word in top.split(";")[1:])
    top = ";".join([*words, f"received={asked.flow.host}", *([f"rport={asked.flow.port}"] if wants_port else [])])
    return [f"{top}{comma}{rest}", *others]


_OURS = ("received", "rport")


def _lines(fields: Fields) -> Iterable[str]:
    return (f"{name}: {value}" for name, value in fields)


def _whole(lines: Sequence[str], body: bytes) -> bytes:
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}"])
    return f"{head}\r\n\r\n".encode(errors="surrogateescape") + body
