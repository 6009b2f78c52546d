"""What REST sets for calls by SIP with, from the clients that `wiring` made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from secrets import token_bytes
from typing import TYPE_CHECKING

from core.adapters.dynamodb.sip import DynamoSip
from core.adapters.secrets import CachedSecrets
from core.adapters.trunk_secrets import TrunkSecrets
from core.ports import Clock, IdempotencyStore, Ids
from core.services.sip_credentials import SipCredentialService
from core.services.sip_settings import SipSettingsService
from lambdas.runtime import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True, slots=True)
class Sip:
    settings: SipSettingsService
    credentials: SipCredentialService


def sip(
    dynamo: DynamoDBClient,
    secrets_manager: SecretsManagerClient,
    env: settings.RestSettings,
    clock: Clock,
    ids: Ids,
    idempotency: IdempotencyStore,
    secrets: CachedSecrets,
) -> Sip:
    store = DynamoSip(dynamo, env.access_table, clock)
    pepper = partial(secrets.versions, env.api_key_pepper_secret_arn)
    return Sip(
        SipSettingsService(store, TrunkSecrets(secrets_manager), env.connection_secrets, env.sip_domain),
        SipCredentialService(store, idempotency, pepper, token_bytes, clock, ids),
    )


def trunks(dynamo: DynamoDBClient, env: settings.RestSettings, clock: Clock) -> DynamoSip | None:
    """What calls go out by; None in a deployment without gateways, where nobody would place them."""
    return DynamoSip(dynamo, env.access_table, clock) if env.sip_domain else None
