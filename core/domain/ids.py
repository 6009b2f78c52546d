"""Identifiers: a prefix that says what it is, and a ULID (26 Crockford characters: 48 bits of time, 80 random)."""

from __future__ import annotations

import re
from datetime import datetime

SESSION = "sess"
RECORDING = "rec"
EVENT = "evt"
SEGMENT = "seg"
REQUEST = "req"
ENDPOINT = "wh"
DELIVERY = "wh_del"
REPLAY = "rpl"
API_KEY = "key"
LEG = "leg"
CONNECTION = "pcon"
SIP_CREDENTIAL = "sipc"
AGENT = "agt"
KNOWLEDGE_BASE = "kb"
DOCUMENT = "doc"
TOOL_CALL = "call"
ORGANIZATION = "org"

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BYTES = 10
_RECORDING_ID = re.compile(r"rec_[0-9A-Za-z]{1,40}")
_SESSION_ID = re.compile(r"sess_[0-9A-Za-z]{1,40}")


def ulid(at: datetime, random: bytes) -> str:
    """26 characters that sort by time. `random` is exactly 10 bytes from a cryptographic source."""
    return with_time(time_of(at), random)


def time_of(at: datetime) -> str:
    """The first 10 characters of every ULID of this millisecond."""
    return _crockford(int(at.timestamp() * 1000), 10)


def with_time(time: str, random: bytes) -> str:
    """A ULID whose time is given as its 10 characters."""
    if len(random) != _RANDOM_BYTES:
        raise ValueError("a ULID takes 10 random bytes")
    return time + _crockford(int.from_bytes(random, "big"), 16)


def is_session_id(text: str) -> bool:
    """Cheap shape check before anything is looked up."""
    return _SESSION_ID.fullmatch(text) is not None


def is_recording_id(text: str) -> bool:
    return _RECORDING_ID.fullmatch(text) is not None


def is_one(text: str, prefix: str) -> bool:
    """Whether it looks like an identifier of ours with this prefix."""
    return re.fullmatch(f"{prefix}_[0-9A-Za-z]{{1,40}}", text) is not None


def _crockford(number: int, characters: int) -> str:
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(characters)))
