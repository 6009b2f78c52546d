"""A call's socket. `Stream` is what one uses; what it decides is in modules that touch nothing."""

from kallglot.stream.closing import (
    Closing,
    MessageRefused,
    ReconnectWindowOver,
    SessionNotFound,
    SessionOver,
    StreamClosed,
    TokenRejected,
    TooMuchData,
)
from kallglot.stream.link import Address
from kallglot.stream.reconnecting import Reconnecting
from kallglot.stream.sound import TELEPHONE, WIDE, SoundFormat
from kallglot.stream.stream import Stream

__all__ = [
    "TELEPHONE",
    "WIDE",
    "Address",
    "Closing",
    "MessageRefused",
    "ReconnectWindowOver",
    "Reconnecting",
    "SessionNotFound",
    "SessionOver",
    "SoundFormat",
    "Stream",
    "StreamClosed",
    "TokenRejected",
    "TooMuchData",
]
