"""The carriers of the organization that is attacked: their numbers, their credentials, and their signatures."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qs

from requests.auth import AuthBase
from requests.models import PreparedRequest
from twilio.request_validator import RequestValidator

from core.adapters import clients
from core.adapters.credentials import SecretCredentialWriter
from core.adapters.dynamodb.telephony import DynamoTelephony
from core.domain.access import Tenant
from core.domain.telephony import Carrier, Connection, Credentials, Number, Telephony, connected, numbered, secret_name
from local.telephones import PREFIX
from tests.fakes.carrier_requests import TELNYX_KEY, telnyx_credentials, twilio_credentials

NUMBERS = {Carrier.TWILIO: "+14155551234", Carrier.TELNYX: "+34911111111"}
"""The first is the one that the document's example of a dial shows."""
SIGN_ME = "sign-me"
"""Stands where a signature of what is sent belongs; what schemathesis makes up stays as it is."""
_CREDENTIALS: Mapping[Carrier, Callable[[], Credentials]] = {
    Carrier.TWILIO: twilio_credentials,
    Carrier.TELNYX: telnyx_credentials,
}
_TWILIO, _TELNYX, _SENT_AT = "X-Twilio-Signature", "telnyx-signature-ed25519", "telnyx-timestamp"


def connect(tenant: Tenant, access_table: str) -> None:
    """A connection to each carrier, and a number on each."""
    telephony, writer = Telephony(), SecretCredentialWriter(clients.secrets_manager())
    for carrier, number in NUMBERS.items():
        connection_id = f"pcon_attacked{carrier.value}"
        secret = secret_name(PREFIX, tenant, connection_id)
        writer.put(secret, _CREDENTIALS[carrier]())
        telephony = connected(telephony, Connection(connection_id, carrier, carrier.value, secret), default=False)
        telephony = numbered(telephony, Number(number, connection_id, source_language="en", target_language="es"))
    DynamoTelephony(clients.dynamodb(), access_table).put(tenant, telephony)


class Signed(AuthBase):
    """Signs what is sent, byte for byte, as the carrier would."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        assert isinstance(body, bytes), "nothing is streamed here"
        if request.headers.get(_TWILIO) == SIGN_ME:
            fields = _Form(parse_qs(body.decode(errors="replace"), keep_blank_values=True))
            validator = RequestValidator(twilio_credentials().auth_token)
            request.headers[_TWILIO] = validator.compute_signature(request.url, fields)
        if request.headers.get(_TELNYX) == SIGN_ME:
            sent_at = str(int(time.time()))
            signature = TELNYX_KEY.sign(f"{sent_at}|".encode() + body).signature
            request.headers[_SENT_AT] = sent_at
            request.headers[_TELNYX] = base64.b64encode(signature).decode()
        return request


class _Form(dict[str, list[str]]):
    """As Twilio's validator reads it."""

    def getlist(self, name: str) -> Sequence[str]:
        return self[name]
