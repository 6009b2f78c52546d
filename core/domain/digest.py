"""Digest access authentication as SIP uses it: RFC 3261 section 22, RFC 7616, RFC 8760. Pure.

SHA-256 and MD5, both with qop=auth and nothing less; MD5 is there because most PBXs know nothing else. A server keeps
HA1, never a password.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Algorithm(StrEnum):
    """The strongest first: who is challenged takes the first that it knows (RFC 8760, 2.4)."""

    SHA_256 = "SHA-256"
    MD5 = "MD5"


class MalformedDigest(ValueError):
    """It is no answer to a challenge of ours. The text quotes nothing of it."""


QOP = "auth"
_LONGEST = 512
_PARAMETER = re.compile(r'\s*([A-Za-z0-9_-]{1,32})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)')
_COUNT = re.compile("[0-9A-Fa-f]{8}")


@dataclass(frozen=True, slots=True)
class DigestResponse:
    """What a caller answered. `count` is `nc` as it was sent, 8 hexadecimal digits; `uri` as it was hashed: whoever
    asks compares it with the request's."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str = field(repr=False)
    algorithm: Algorithm
    cnonce: str
    count: str
    method: str

    @property
    def nonce_count(self) -> int:
        return int(self.count, 16)


def ha1(algorithm: Algorithm, username: str, realm: str, password: str) -> str:
    return _hash(algorithm, f"{username}:{realm}:{password}")


def answer(algorithm: Algorithm, ha1: str, method: str, uri: str, nonce: str, count: str, cnonce: str) -> str:
    """What whoever has HA1 says to a challenge, as a server checks it and a client makes it."""
    ha2 = _hash(algorithm, f"{method}:{uri}")
    return _hash(algorithm, f"{ha1}:{nonce}:{count}:{cnonce}:{QOP}:{ha2}")


def answer_without_qop(algorithm: Algorithm, ha1: str, method: str, uri: str, nonce: str) -> str:
    """For those who ask as RFC 2069 did; we answer so, and never ask so."""
    return _hash(algorithm, f"{ha1}:{nonce}:{_hash(algorithm, f'{method}:{uri}')}")


def is_right(given: DigestResponse, ha1: str) -> bool:
    """In constant time."""
    made = answer(given.algorithm, ha1, given.method, given.uri, given.nonce, given.count, given.cnonce)
    return hmac.compare_digest(made.encode(), given.response.lower().encode(errors="replace"))


def challenge(realm: str, nonce: str, algorithm: Algorithm, *, stale: bool = False) -> str:
    """The value of `WWW-Authenticate`; one header for each algorithm."""
    told = f'Digest realm="{realm}", nonce="{nonce}", algorithm={algorithm.value}, qop="{QOP}"'
    return f"{told}, stale=true" if stale else told


def read(header: str, method: str) -> DigestResponse:
    """The value of `Authorization`. Raises MalformedDigest."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() != "digest" or len(rest) > 8 * _LONGEST:
        raise MalformedDigest("not a digest")
    return of_parameters(parameters_of(rest), method)


def of_parameters(parameters: Mapping[str, str], method: str) -> DigestResponse:
    """Unquoted values by names in lower case. Raises MalformedDigest."""
    names = ("username", "realm", "nonce", "uri", "response", "cnonce")
    found = {name: parameters.get(name, "") for name in names}
    if not all(found.values()) or any(len(value) > _LONGEST for value in found.values()):
        raise MalformedDigest("a parameter is missing, or too long")
    if parameters.get("qop", "").lower() != QOP:
        raise MalformedDigest(f"qop is not {QOP}")
    count = parameters.get("nc", "")
    if not _COUNT.fullmatch(count):
        raise MalformedDigest("nc is not 8 hexadecimal digits")
    return DigestResponse(**found, algorithm=_algorithm(parameters.get("algorithm", "MD5")), count=count, method=method)


def _algorithm(name: str) -> Algorithm:
    found = next((known for known in Algorithm if known.value == name.upper()), None)
    if found is None:
        raise MalformedDigest("an algorithm that was not asked for")
    return found


def parameters_of(text: str) -> dict[str, str]:
    """What follows the scheme: unquoted values by names in lower case. Raises MalformedDigest."""
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        match = _PARAMETER.match(text, place)
        if match is None or match[1].lower() in found:
            raise MalformedDigest("the parameters cannot be read")
        quoted = match[2]
        found[match[1].lower()] = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else match[3]
        place = match.end()
    return found


def _hash(algorithm: Algorithm, text: str) -> str:
    data = text.encode(errors="surrogateescape")
    if algorithm is Algorithm.SHA_256:
        return hashlib.sha256(data).hexdigest()
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
