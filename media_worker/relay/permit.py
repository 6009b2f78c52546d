"""Proof that a request comes from another worker of this deployment: a MAC over the session, the way and the time.

Its key is derived from the secret of the stream tokens, which every worker reads anyway, under a label of its own: no
token is a permit, and no permit a token. Pure; times are dates.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

HEADER = "X-Kallglot-Relay"
FRESH_FOR = timedelta(seconds=30)
"""How far two workers' clocks and a connect may lie apart."""

_LABEL = b"kallglot relay between workers, 1"
_REMEMBERED = 20_000
_PARTS = 4


class NotPermitted(Exception):
    """No permit, a false one, an old one, or one that was used before."""


def relay_key(token_key: bytes) -> bytes:
    return hmac.new(token_key, _LABEL, hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class Way:
    """Which session's frames go from which worker to which."""

    session_id: str
    sender: str
    receiver: str


def permit(token_key: bytes, way: Way, now: datetime, nonce: str) -> str:
    """The header's value; `nonce` is new every time and, as worker ids, without a dot."""
    at = str(int(now.timestamp()))
    return ".".join((way.sender, at, nonce, _mac(token_key, way, at, nonce)))


@dataclass(slots=True)
class Gate:
    """The receiver's side. Remembers the permits of the last minute, and takes none while it can remember no more."""

    worker_id: str
    _used: dict[str, datetime] = field(default_factory=dict)

    def check(self, token_keys: Sequence[bytes], shown: str, session_id: str, now: datetime) -> None:
        """Raises NotPermitted when it was made with none of them. Constant time as far as the keys are concerned."""
        parts = shown.split(".")
        if len(parts) != _PARTS:
            raise NotPermitted
        sender, at, nonce, mac = parts
        way = Way(session_id, sender, self.worker_id)
        matches = [hmac.compare_digest(_mac(key, way, at, nonce).encode(), mac.encode()) for key in token_keys]
        if not any(matches):
            raise NotPermitted
        self._check_once(nonce, datetime.fromtimestamp(int(at), now.tzinfo), now)

    def _check_once(self, nonce: str, at: datetime, now: datetime) -> None:
        if abs(now - at) > FRESH_FOR or nonce in self._used:
            raise NotPermitted
        if len(self._used) >= _REMEMBERED:
            self._used = {used: until for used, until in self._used.items() if until > now}
        if len(self._used) >= _REMEMBERED:
            raise NotPermitted
        self._used[nonce] = at + 2 * FRESH_FOR


def _mac(token_key: bytes, way: Way, at: str, nonce: str) -> str:
    text = "|".join((way.session_id, way.sender, way.receiver, at, nonce))
    return hmac.new(relay_key(token_key), text.encode(), hashlib.sha256).hexdigest()
