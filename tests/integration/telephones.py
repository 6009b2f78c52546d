"""The carriers' side of a deployed stack: credentials, the calls that ring, and the requests they make to us."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import boto3
import httpx
from nacl.signing import SigningKey

from core.adapters import clients
from core.adapters.credentials import SecretCredentialWriter
from core.domain.legs import Leg
from core.domain.sessions import Session
from core.domain.telephony import Carrier, TelnyxCredentials, TwilioCredentials
from local import telephones
from local.stack import Stack
from tests.fakes.carrier_requests import TELNYX_KEY, Request, event_from_telnyx, form_from_telnyx, from_twilio
from tests.fakes.carrier_server import ACCOUNT, API_KEY, APPLICATION, AUTH_TOKEN, CarrierServer, Fault, RingingCall
from tests.integration.store import TENANT, Store, function_named

# A function that is started for the first time imports Telnyx's client, and a machine may be busy.
PATIENCE_S = 90.0
_numbers = itertools.count(1)
T = TypeVar("T")


def connect() -> None:
    """Give the local connections the credentials that the carriers' server knows."""
    writer = SecretCredentialWriter(clients.secrets_manager())
    public_key = base64.b64encode(bytes(TELNYX_KEY.verify_key)).decode()
    writer.put(telephones.connection(Carrier.TWILIO).secret, TwilioCredentials(ACCOUNT, AUTH_TOKEN))
    writer.put(telephones.connection(Carrier.TELNYX).secret, TelnyxCredentials(API_KEY, public_key, APPLICATION))


@dataclass(frozen=True)
class Telephones:
    """`theirs` is a number that no other test calls. `public_url` is the front door, as carriers are given it."""

    stack: Stack
    store: Store
    http: httpx.AsyncClient
    server: CarrierServer
    theirs: str

    def fail(self, *faults: Fault) -> None:
        self.server.faults_to[self.theirs] = list(faults)

    @property
    def calls(self) -> list[RingingCall]:
        return self.server.calls_to(self.theirs)

    @property
    def commands(self) -> list[Mapping[str, Any]]:
        return self.server.commands_to(self.theirs)

    @property
    def public_url(self) -> str:
        return self.stack.addresses.api_url.removesuffix("/v1")

    async def session(self) -> str:
        body = {"mode": "bidirectional_translation", "source_language": "en", "target_language": "es"}
        response = await self.http.post("/sessions", json=body)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    async def dial(self, session_id: str, key: str | None = None, **body: str) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.http.post(f"/sessions/{session_id}/dial", json={"to": self.theirs, **body}, headers=headers)

    async def provider(self, session_id: str) -> Mapping[str, Any]:
        provider: Mapping[str, Any] = (await self.http.get(f"/sessions/{session_id}")).json()["provider"]
        return provider

    def leg(self, session_id: str) -> Leg:
        (leg,) = self.store.sessions.legs(TENANT, session_id)
        return leg

    def stored(self, session_id: str) -> Session:
        session = self.store.sessions.find(TENANT, session_id)
        assert session is not None
        return session

    async def ringing(self) -> RingingCall:
        """The call that the carrier was asked for."""
        return await until(lambda: self.calls[-1] if self.calls else None)

    async def send(self, request: Request) -> httpx.Response:
        async with httpx.AsyncClient(timeout=60) as nobody:
            return await nobody.post(request.url, content=request.body, headers=request.headers)

    async def twilio(self, path: str, fields: Mapping[str, str], auth_token: str = AUTH_TOKEN) -> httpx.Response:
        url = path if path.startswith("http") else f"{self.public_url}/v1/telephony/twilio/{path}"
        return await self.send(from_twilio(url, fields, auth_token))

    async def telnyx(self, path: str, fields: Mapping[str, str], key: SigningKey = TELNYX_KEY) -> httpx.Response:
        url = f"{self.public_url}/v1/telephony/telnyx/{path}"
        return await self.send(form_from_telnyx(url, fields, int(time.time()), key))

    async def telnyx_event(self, url: str, kind: str, **payload: str) -> httpx.Response:
        return await self.send(event_from_telnyx(url, kind, payload, int(time.time())))

    def invoke_dial(self, session_id: str, leg_id: str) -> list[str]:
        """The function itself, as the queue would call it; the messages that come again."""
        detail = {
            "id": "evt_again", "type": "internal.dial_requested", "tenant": str(TENANT), "session_id": session_id,
            "sequence": None, "created_at": "2026-03-26T11:00:00Z", "data": {"leg_id": leg_id},
        }  # fmt: skip
        record = {"messageId": "m1", "body": json.dumps({"detail": detail})}
        name = function_named("lambdas.telephony.dial.handler")["FunctionName"]
        answered = boto3.client("lambda").invoke(FunctionName=name, Payload=json.dumps({"Records": [record]}).encode())
        told = json.loads(answered["Payload"].read())
        return [failure["itemIdentifier"] for failure in told["batchItemFailures"]]


def telephones_of(stack: Stack, store: Store, http: httpx.AsyncClient, server: CarrierServer) -> Telephones:
    connect()
    return Telephones(stack, store, http, server, f"+4930{next(_numbers):07d}")


async def until(look: Callable[[], T | None]) -> T:
    """What is there in the end. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if found := look():
                return found
            await asyncio.sleep(0.1)  # polls what functions of the stack write
