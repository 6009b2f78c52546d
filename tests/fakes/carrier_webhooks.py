"""The function behind `/v1/telephony` on fakes, and API Gateway's side of a carrier's request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from core.adapters.carriers.signatures import TelnyxSignature, TwilioSignature, nobodys_credentials
from core.domain.telephony import Carrier, Connection
from lambdas.runtime.telephony_wiring import Webhooks
from lambdas.telephony.webhooks import answer
from tests.builders import ACME
from tests.fakes.carrier_requests import (
    Request,
    event_from_telnyx,
    form_from_telnyx,
    from_twilio,
    telnyx_credentials,
    twilio_credentials,
)
from tests.fakes.telephones import OURS, THEIRS, TelephoneWorld
from tests.fakes.telephony import a_telephony

PUBLIC_URL = "https://api.example.com/stage"
TELNYX_NUMBER = "+34910000000"


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def code(self) -> str:
        return str(json.loads(self.text)["error"]["code"])


@dataclass
class WebhookWorld(TelephoneWorld):
    asked_for: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        telnyx = a_telephony(TELNYX_NUMBER, "pcon_2", Carrier.TELNYX)
        held = self.telephony.of(ACME)
        both = {**held.connections, **telnyx.connections}
        self.telephony.put(
            ACME, type(held)(both, {**held.numbers, **telnyx.numbers}, held.default_connection, held.version)
        )
        self.secrets.put(both["pcon_1"].secret, twilio_credentials())
        self.secrets.put(both["pcon_2"].secret, telnyx_credentials())
        self.webhooks = Webhooks(
            calls=self.calls,
            credentials=self,
            signatures={Carrier.TWILIO: TwilioSignature(), Carrier.TELNYX: TelnyxSignature()},
            nobodys={carrier: Connection("pcon_nobody", carrier, "Nobody", "nobody") for carrier in Carrier},
            dummies=nobodys_credentials(),
            ids=self.ids,
            clock=self.clock,
            public_url=PUBLIC_URL,
            docs_url="https://api.example.com/docs",
        )

    def of(self, connection: Connection) -> Any:
        """CredentialReader that remembers what it was asked for."""
        self.asked_for.append(connection.secret)
        return self.secrets.of(connection)

    @property
    def at(self) -> int:
        return int(self.clock.now().timestamp())

    def twilio(self, what: str, query: str = "", auth_token: str = "local-auth-token", **fields: str) -> Answered:
        url = f"{PUBLIC_URL}/v1/telephony/twilio/{what}{query}"
        return self.ask(from_twilio(url, {"CallSid": "CA1", "To": OURS, "From": THEIRS} | fields, auth_token))

    def telnyx(self, what: str, sent_at: int | None = None, **fields: str) -> Answered:
        url = f"{PUBLIC_URL}/v1/telephony/telnyx/{what}"
        at = self.at if sent_at is None else sent_at
        return self.ask(form_from_telnyx(url, {"CallSid": "v3:1", "To": TELNYX_NUMBER, "From": THEIRS} | fields, at))

    def telnyx_event(self, query: str, kind: str, **payload: str) -> Answered:
        url = f"{PUBLIC_URL}/v1/telephony/telnyx/status{query}"
        return self.ask(event_from_telnyx(url, kind, {"call_control_id": "v3:1"} | payload, self.at))

    def ask(self, request: Request, **changes: Any) -> Answered:
        answered = answer(self.webhooks, delivered(request) | changes)
        return Answered(answered["statusCode"], answered["headers"], answered["body"])


def delivered(request: Request) -> dict[str, Any]:
    """As API Gateway hands it on: another host, and neither scheme nor stage."""
    url = urlsplit(request.url)
    query = parse_qs(url.query, keep_blank_values=True)
    return {
        "httpMethod": "POST",
        "path": url.path.removeprefix(urlsplit(PUBLIC_URL).path),
        "headers": {**request.headers, "Host": "abc.execute-api.amazonaws.com"},
        "multiValueHeaders": {name: [value] for name, value in request.headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "body": request.body.decode(),
        "isBase64Encoded": False,
    }
