"""Nonces of digest challenges: made by a key that all gateways have, so that any of them knows another's.

A nonce is its time, chance, and a MAC over both and over whom it was given to. How often it was used is known to one
process only: against another one a request can be repeated for as long as the nonce lives, and from the same address.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from enum import Enum, auto

LIFETIME_S = 300
REMEMBERED = 10_000
_TIME_BYTES, _RANDOM_BYTES, _MAC_BYTES = 6, 10, 16
_LENGTH = _TIME_BYTES + _RANDOM_BYTES + _MAC_BYTES


class Standing(Enum):
    """`STALE`: it was ours, and another one must be asked for; a password need not be (RFC 7616, 3.3)."""

    GOOD = auto()
    STALE = auto()
    FOREIGN = auto()


def nonce_key(token_key: bytes) -> bytes:
    """Of the key that stream tokens are derived from, under a label of its own."""
    return hmac.new(token_key, b"sip nonce", hashlib.sha256).digest()


class Nonces:
    """`keys`: the one in use first, then older ones that may still be shown. `time` is seconds since 1970, `random`
    gives that many bytes from a cryptographic source."""

    def __init__(
        self,
        keys: Callable[[], tuple[bytes, ...]],
        time: Callable[[], float],
        random: Callable[[int], bytes],
        most: int = REMEMBERED,
    ) -> None:
        self._keys, self._time, self._random, self._most = keys, time, random, most
        self._last_counts: dict[str, int] = {}
        # Of what was forgotten the newest: nothing as old may be used for a first time.
        self._forgotten_ms = 0

    def new(self, given_to: str) -> str:
        """`given_to`: the address that was challenged, and nobody else may answer from."""
        begun = int(self._time() * 1000).to_bytes(_TIME_BYTES, "big") + self._random(_RANDOM_BYTES)
        return base64.urlsafe_b64encode(begun + _mac(self._keys()[0], begun, given_to)).decode().rstrip("=")

    def standing(self, nonce: str, given_to: str) -> Standing:
        raw = _raw(nonce)
        if raw is None:
            return Standing.FOREIGN
        begun, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        matches = [hmac.compare_digest(_mac(key, begun, given_to), mac) for key in self._keys()]
        if not any(matches):
            return Standing.FOREIGN
        age_s = self._time() - _time_ms(raw) / 1000
        return Standing.GOOD if 0 <= age_s < LIFETIME_S else Standing.STALE

    def use(self, nonce: str, count: int) -> bool:
        """Once for a count, and only upwards; after the password was found right, so that nobody fills this who has
        none. False: answer with a fresh challenge, `stale`."""
        raw = _raw(nonce)
        last = self._last_counts.get(nonce)
        if raw is None or (last is None and _time_ms(raw) <= self._forgotten_ms):
            return False
        if count <= (last or 0):
            return False
        self._last_counts[nonce] = count
        self._forget()
        return True

    def _forget(self) -> None:
        while len(self._last_counts) > self._most:
            oldest = next(iter(self._last_counts))
            raw = _raw(oldest)
            self._forgotten_ms = max(self._forgotten_ms, _time_ms(raw) if raw else 0)
            del self._last_counts[oldest]


def _mac(key: bytes, begun: bytes, given_to: str) -> bytes:
    return hmac.new(key, begun + given_to.encode(errors="replace"), hashlib.sha256).digest()[:_MAC_BYTES]


def _raw(nonce: str) -> bytes | None:
    try:
        raw = base64.urlsafe_b64decode(nonce + "=" * (-len(nonce) % 4))
    except (binascii.Error, ValueError):
        return None
    # The decoder passes over what it does not know: only the one way to write it is it.
    written = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return raw if len(raw) == _LENGTH and written == nonce else None


def _time_ms(raw: bytes) -> int:
    return int.from_bytes(raw[:_TIME_BYTES], "big")
