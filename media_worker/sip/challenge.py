"""Passwords: who must show one, and whether it was the right one (RFC 3261, section 22; RFC 8760)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from core.domain import digest
from core.domain.digest import Algorithm, DigestResponse, MalformedDigest
from core.domain.nonces import Nonces, Standing, nonce_key
from core.domain.rotation import Secret
from core.services.sip_calls import Admission
from media_worker.pipeline.offload import Offload
from media_worker.sip.floodgate import Floodgate
from media_worker.sip.refused import Refused
from media_worker.sip.signalling.reading import Asked

_AUTHORIZATION = "Authorization"
# RFC 8760 would have SHA-256 offered as well. baresip 1.0 and SIPp, and with them whatever is built on the same
# libraries, give up on a challenge in which it stands, wherever it stands. Passwords are 192 bits of chance, and MD5 is
# weak where somebody may choose or guess them. An answer by SHA-256 is taken all the same.
_OFFERED = (Algorithm.MD5,)


@dataclass(slots=True)
class Challenge:
    """`is_genuine` is the service's: pure, and no reading. `time` is seconds since 1970."""

    is_genuine: Callable[[Admission, DigestResponse], bool]
    token_key: Secret
    offload: Offload
    floodgate: Floodgate
    time: Callable[[], float]
    random: Callable[[int], bytes]
    _keys: tuple[bytes, ...] = ()
    _nonces: Nonces = field(init=False)

    def __post_init__(self) -> None:
        self._nonces = Nonces(lambda: self._keys, self.time, self.random)

    async def check(self, asked: Asked, admission: Admission) -> None:
        """Raises Refused: 401 for whoever has to try, 403 for a wrong password."""
        if not admission.needs_digest:
            return
        known = await self.offload(self.token_key)
        self._keys = tuple(nonce_key(key) for key in known.values)
        header = asked.header(_AUTHORIZATION)
        if header is None:
            raise self._asking(asked, admission)
        try:
            given = digest.read(header, asked.method)
        except MalformedDigest:
            raise Refused(400) from None
        self._judge(asked, admission, given)

    def _judge(self, asked: Asked, admission: Admission, given: DigestResponse) -> None:
        """The count of a nonce is taken last, so that nobody fills that memory who has no password."""
        standing = self._nonces.standing(given.nonce, asked.flow.host)
        if standing is Standing.FOREIGN:
            raise self._asking(asked, admission)
        if not (_is_about(given, asked) and self.is_genuine(admission, given)):
            self.floodgate.failed(asked.flow.host)
            raise Refused(403, late=True)
        if standing is Standing.STALE or not self._nonces.use(given.nonce, given.nonce_count):
            raise self._asking(asked, admission, stale=True)

    def _asking(self, asked: Asked, admission: Admission, *, stale: bool = False) -> Refused:
        nonce = self._nonces.new(asked.flow.host)
        wanted = [digest.challenge(admission.realm, nonce, algorithm, stale=stale) for algorithm in _OFFERED]
        return Refused(401, *(("WWW-Authenticate", value) for value in wanted))


def _is_about(given: DigestResponse, asked: Asked) -> bool:
    """Telephones hash their own idea of the address: with a port, without the user. Another user it may not be."""
    _, at, _ = given.uri.partition("@")
    user = given.uri.partition("@")[0].partition(":")[2] if at else ""
    return user in ("", asked.user)
