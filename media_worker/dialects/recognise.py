"""Which dialect a socket speaks, told by its first frame."""

from __future__ import annotations

import msgspec

from media_worker.dialects.base import Dialect
from media_worker.dialects.native import NativeDialect
from media_worker.dialects.telnyx import TelnyxDialect
from media_worker.dialects.twilio import TwilioDialect

_EVENTS = ("connected", "start")


class _First(msgspec.Struct, gc=False):
    """Both carriers begin with `connected`; only Twilio names its protocol there. Some gateways begin with `start`."""

    event: str
    protocol: str | None = None
    streamSid: str | None = None


_DECODER = msgspec.json.Decoder(_First)


def recognise(first_frame: bytes | None, session_id: str) -> Dialect:
    """None when the token came with the upgrade: such a client expects to be greeted first.

    Whatever is no carrier's first word is the product's own JSON, which says what is wrong with it.
    """
    if first_frame is None:
        return NativeDialect(session_id)
    try:
        first = _DECODER.decode(first_frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return NativeDialect(session_id)
    if first.event not in _EVENTS:
        return NativeDialect(session_id)
    return TwilioDialect() if first.protocol is not None or first.streamSid is not None else TelnyxDialect()
