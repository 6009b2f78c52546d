"""The composition root of the functions that speak with carriers, as `wiring` is of the rest.

What knows a carrier's own library is imported by the one function that needs it: they are the largest things here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial

from core.adapters import clients
from core.adapters.carriers.lazy import LazyLine
from core.adapters.credentials import SecretCredentials
from core.adapters.dynamodb.access import DynamoAccess, DynamoIdempotency
from core.adapters.dynamodb.telephony import DynamoTelephony
from core.adapters.secrets import CachedSecrets
from core.adapters.system import SystemClock
from core.domain.engines import ENGINE_SETS
from core.domain.telephony import CREDENTIALS, Carrier, Connection, Credentials
from core.ports import Clock, Ids
from core.services.calls import CallService
from core.services.creating import SessionCreation
from core.services.orders import Addresses
from core.services.placing import Placing
from core.services.sessions import StreamAddress
from core.telephony_ports import CarrierLine, CredentialReader, SignatureCheck
from lambdas.runtime import agent_wiring, session_wiring, settings


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What the function behind `/v1/telephony` is made of. `nobodys` and `dummies` stand in for what is not there."""

    calls: CallService
    credentials: CredentialReader
    signatures: Mapping[Carrier, SignatureCheck]
    nobodys: Mapping[Carrier, Connection]
    dummies: Mapping[Carrier, Credentials]
    ids: Ids
    clock: Clock
    public_url: str
    docs_url: str


@cache
def webhooks() -> Webhooks:
    from core.adapters.carriers.signatures import TelnyxSignature, TwilioSignature, nobodys_credentials  # noqa: PLC0415

    env = settings.CarrierWebhookSettings.read(os.environ)
    clock = SystemClock()
    dynamo = clients.dynamodb()
    changes, addresses = session_wiring.changes(dynamo, env, clock), _addresses(env)
    telephony = DynamoTelephony(dynamo, env.access_table)
    creation = SessionCreation(
        changes=changes,
        idempotency=DynamoIdempotency(dynamo, env.access_table, clock),
        seating=session_wiring.seating(dynamo, env, changes),
        credits=session_wiring.credits(dynamo, env.sessions_table, clock),
        address=addresses.stream,
        descriptions=agent_wiring.descriptions(dynamo, env, clock),
    )
    access = DynamoAccess(dynamo, env.access_table)
    nobodys = {c: Connection("pcon_nobody", c, "Nobody", f"{env.connection_secrets}/nobody/{c}") for c in CREDENTIALS}
    return Webhooks(
        calls=CallService(changes, telephony, telephony, access, creation, addresses, ENGINE_SETS[env.engines]),
        credentials=SecretCredentials(clients.secrets_manager(), clock),
        signatures={Carrier.TWILIO: TwilioSignature(), Carrier.TELNYX: TelnyxSignature()},
        nobodys=nobodys,
        dummies=nobodys_credentials(),
        ids=changes.ids,
        clock=clock,
        public_url=env.public_url,
        docs_url=env.docs_url,
    )


@cache
def placing() -> Placing:
    env = settings.DialSettings.read(os.environ)
    clock = SystemClock()
    dynamo = clients.dynamodb()
    telephony = DynamoTelephony(dynamo, env.access_table)
    return Placing(
        changes=session_wiring.changes(dynamo, env, clock),
        telephony=telephony,
        calls=telephony,
        credentials=SecretCredentials(clients.secrets_manager(), clock),
        lines={
            Carrier.TWILIO: LazyLine(partial(_twilio, env.twilio_api_url)),
            Carrier.TELNYX: LazyLine(partial(_telnyx, env.telnyx_api_url)),
        },
        addresses=_addresses(env),
        wait=time.sleep,
    )


def _twilio(api_url: str) -> CarrierLine:
    from core.adapters.carriers.twilio import TwilioLine  # noqa: PLC0415

    return TwilioLine(api_url)


def _telnyx(api_url: str) -> CarrierLine:
    from core.adapters.carriers.telnyx import TelnyxLine  # noqa: PLC0415

    return TelnyxLine(api_url)


def _addresses(env: settings.TelephonySettings) -> Addresses:
    secrets = CachedSecrets(clients.secrets_manager())
    stream = StreamAddress(env.stream_base_url, partial(secrets.versions, env.stream_token_secret_arn))
    return Addresses(env.public_url, stream)
