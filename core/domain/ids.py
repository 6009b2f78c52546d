"""Identifiers: a prefix that says what it is, and a ULID (26 Crockford characters: 48 bits of time, 80 random)."""

from __future__ import annotations

import re
from datetime import datetime

SESSION = "sess"
RECORDING = "rec"
EVENT = "evt"
SEGMENT = "seg"
REQUEST = "req"
API_KEY = "key"
LEG = "leg"
ORGANIZATION = "org"

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BYTES = 10
_RECORDING_ID = re.compile(r"rec_[0-9A-Za-z]{1,40}")
_SESSION_ID = re.compile(r"sess_[0-9A-Za-z]{1,40}")


def ulid(at: datetime, random: bytes) -> str:
    """26 characters that sort by time. `random` is exactly 10 bytes from a cryptographic source."""
    if len(random) != _RANDOM_BYTES:
        raise ValueError("a ULID takes 10 random bytes")
    number = int(at.timestamp() * 1000) << 80 | int.from_bytes(random, "big")
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def is_session_id(text: str) -> bool:
    """Cheap shape check before anything is looked up."""
    return _SESSION_ID.fullmatch(text) is not None


def is_recording_id(text: str) -> bool:
    return _RECORDING_ID.fullmatch(text) is not None
