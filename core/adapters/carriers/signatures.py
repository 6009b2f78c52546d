"""Whether a request is the carrier's own: Twilio's HMAC, by Twilio's validator, and Telnyx's Ed25519, by libsodium.

A Twilio request carries no time, so that it can be repeated by whoever has seen it; it is answered alike. A Telnyx
request is good for five minutes.

Source: Twilio's page "Webhooks security", Telnyx's page "Receiving webhooks".
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nacl.exceptions import BadSignatureError, CryptoError
from nacl.signing import SigningKey, VerifyKey
from twilio.request_validator import RequestValidator

from core.domain.telephony import Carrier, Credentials, TelnyxCredentials, TwilioCredentials
from core.telephony_ports import SignedRequest

TOLERANCE = timedelta(minutes=5)
_LONGEST = 200


class TwilioSignature:
    def is_genuine(self, credentials: Credentials, request: SignedRequest, _now: datetime) -> bool:
        assert isinstance(credentials, TwilioCredentials)
        given = request.headers.get("x-twilio-signature", "")
        if not given.isascii() or len(given) > _LONGEST:
            return False
        return bool(RequestValidator(credentials.auth_token).validate(request.url, _Fields(request.fields), given))


@dataclass(frozen=True, slots=True)
class _Fields(Mapping[str, Sequence[str]]):
    """A form as the validator reads it: every value of a field that comes several times."""

    fields: Mapping[str, Sequence[str]]

    def getlist(self, name: str) -> Sequence[str]:
        return self.fields[name]

    def __getitem__(self, name: str) -> Sequence[str]:
        return self.fields[name]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


class TelnyxSignature:
    def is_genuine(self, credentials: Credentials, request: SignedRequest, now: datetime) -> bool:
        assert isinstance(credentials, TelnyxCredentials)
        sent_at = request.headers.get("telnyx-timestamp", "")
        if not _is_recent(sent_at, now):
            return False
        try:
            key = VerifyKey(base64.b64decode(credentials.public_key, validate=True))
            signature = base64.b64decode(request.headers.get("telnyx-signature-ed25519", ""), validate=True)
            key.verify(sent_at.encode() + b"|" + request.body, signature)
        except (BadSignatureError, CryptoError, binascii.Error, ValueError):
            return False
        return True


def _is_recent(sent_at: str, now: datetime) -> bool:
    """Seconds since 1970, in digits and nothing else."""
    if not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) <= 12):
        return False
    return abs(now.timestamp() - int(sent_at)) <= TOLERANCE.total_seconds()


def nobodys_credentials() -> Mapping[Carrier, Credentials]:
    """Made for this process, and forgotten by whoever made them: what is checked against them is never genuine."""
    public_key = base64.b64encode(bytes(SigningKey.generate().verify_key)).decode()
    return {
        Carrier.TWILIO: TwilioCredentials("", secrets.token_hex(16)),
        Carrier.TELNYX: TelnyxCredentials("", public_key, ""),
    }
