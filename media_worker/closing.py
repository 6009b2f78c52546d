"""What a refusal looks like on a socket: the one table of this edge (contract section 9)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from core.errors import AuthenticationFailed, KallglotError, NotFound, RateLimited
from core.services.streams import HeldElsewhere, ReconnectWindowOver, SessionEnded


class CloseCode(IntEnum):
    ENDED = 1000
    OUR_FAULT = 1011
    GOING_AWAY = 1012
    BAD_MESSAGE = 4400
    BAD_TOKEN = 4401
    NO_SUCH_SESSION = 4404
    SESSION_ENDED = 4409
    WINDOW_OVER = 4410
    TOO_MUCH = 4429


# 1012 asks the client to come again: to this worker, or to the one that holds the session.
_CODES: Mapping[type[Exception], CloseCode] = MappingProxyType(
    {
        AuthenticationFailed: CloseCode.BAD_TOKEN,
        NotFound: CloseCode.NO_SUCH_SESSION,
        SessionEnded: CloseCode.SESSION_ENDED,
        ReconnectWindowOver: CloseCode.WINDOW_OVER,
        RateLimited: CloseCode.TOO_MUCH,
        HeldElsewhere: CloseCode.GOING_AWAY,
    }
)


def close_code(error: KallglotError) -> CloseCode:
    """Of the nearest class that the table knows; anything else may go better at the next try."""
    return next((_CODES[kind] for kind in type(error).__mro__ if kind in _CODES), CloseCode.GOING_AWAY)
