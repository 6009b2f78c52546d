"""Answers to those who want a password before they take our call (RFC 3261, 22; RFC 7616; RFC 8760). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.domain import digest
from core.domain.digest import Algorithm, MalformedDigest
from core.domain.sip import TrunkCredentials
from media_worker.sip.signalling.reading import Answered

# By the code of whoever asks: where its challenge is, and where the answer goes.
_WHERE = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}
_LONGEST = 1024
# A nonce is answered once: the next request that is challenged gets a new one.
_COUNT = "00000001"
_KNOWN = {algorithm.value: algorithm for algorithm in Algorithm}


@dataclass(frozen=True, slots=True)
class Challenge:
    """`header` is the name of the field that answers it. Without `has_qop` it is of the kind before RFC 2617."""

    header: str
    realm: str
    nonce: str
    algorithm: Algorithm
    has_qop: bool
    opaque: str | None = None

    def answer(self, credentials: TrunkCredentials, method: str, uri: str, cnonce: str) -> str:
        """The field's value. `uri` is the request's own, letter by letter."""
        ha1 = digest.ha1(self.algorithm, credentials.username, self.realm, credentials.password)
        told = {"username": credentials.username, "realm": self.realm, "nonce": self.nonce, "uri": uri}
        plain = [f"algorithm={self.algorithm.value}"]
        if self.has_qop:
            made = digest.answer(self.algorithm, ha1, method, uri, self.nonce, _COUNT, cnonce)
            told |= {"response": made, "cnonce": cnonce}
            plain += [f"qop={digest.QOP}", f"nc={_COUNT}"]
        else:
            told |= {"response": digest.answer_without_qop(self.algorithm, ha1, method, uri, self.nonce)}
        told |= {} if self.opaque is None else {"opaque": self.opaque}
        return "Digest " + ", ".join([*(f'{name}="{_quoted(value)}"' for name, value in told.items()), *plain])


def challenge_in(answer: Answered) -> Challenge | None:
    """The strongest that can be answered; None for an answer without one."""
    names = _WHERE.get(answer.code)
    if names is None:
        return None
    found = _readable(answer.response.headers.getlist(names[0]), names[1])
    return min(found, key=lambda challenge: list(Algorithm).index(challenge.algorithm), default=None)


def _readable(values: Iterable[str], header: str) -> Iterable[Challenge]:
    for value in values:
        scheme, _, rest = value.strip().partition(" ")
        if scheme.lower() != "digest" or len(rest) > 8 * _LONGEST:
            continue
        try:
            told = digest.parameters_of(rest)
        except MalformedDigest:
            continue
        algorithm = _KNOWN.get(told.get("algorithm", "MD5").upper())
        kinds = {kind.strip().lower() for kind in told.get("qop", "").split(",")} - {""}
        is_whole = {"realm", "nonce"} <= told.keys() and all(len(said) <= _LONGEST for said in told.values())
        if algorithm is not None and is_whole and (not kinds or digest.QOP in kinds):
            yield Challenge(header, told["realm"], told["nonce"], algorithm, bool(kinds), told.get("opaque"))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
