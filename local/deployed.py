"""A deployed Kallglot as its operator reaches it: by the names of its stacks, with the AWS credentials at hand."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_bytes

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from core.adapters import clients
from core.adapters.dynamodb.access import DynamoAccess, DynamoIdempotency
from core.adapters.dynamodb.keys import DynamoKeys
from core.adapters.dynamodb.telephony import DynamoTelephony
from core.adapters.dynamodb.transactions import Tables
from core.adapters.secrets import CachedSecrets, RotatableSecret
from core.adapters.system import RandomIds, SystemClock
from core.domain.rotation import Version, Versions
from core.errors import DependencyRefused, KallglotError
from core.services.api_keys import ApiKeyService

USUAL_PREFIX = "kallglot-dev"
FAILURES = (BotoCoreError, ClientError, DependencyRefused, KallglotError)
"""What may go wrong on the way there; the message is for people."""


def api_url(prefix: str) -> str:
    """Where its REST API is, as the deployment printed it. Raises what FAILURES names."""
    return outputs(f"{prefix}-api")["ApiUrl"]


class Deployed:
    """`prefix` begins the names of the stacks, such as `kallglot-dev`."""

    def __init__(self, prefix: str) -> None:
        self._outputs = outputs(f"{prefix}-data")
        self._clock = SystemClock()
        self._secrets = CachedSecrets(clients.secrets_manager())
        self.access = DynamoAccess(clients.dynamodb(), self._outputs["AccessTable"])
        tables = Tables(self._outputs["SessionsTable"], self._outputs["AccessTable"], outbox="")
        self.keys = DynamoKeys(clients.dynamodb(), tables, self._clock)
        self.telephony = DynamoTelephony(clients.dynamodb(), self._outputs["AccessTable"])

    def pepper(self) -> Version:
        """The version that new keys are hashed with now."""
        return self._peppers().in_use(self._clock.now())

    def secret(self, output: str) -> RotatableSecret:
        """By the output of its stack that has its ARN."""
        return RotatableSecret(clients.secrets_manager(), self._outputs[output])

    def key_service(self) -> ApiKeyService:
        idempotency = DynamoIdempotency(clients.dynamodb(), self._outputs["AccessTable"], self._clock)
        ids = RandomIds(self._clock)
        return ApiKeyService(self.keys, idempotency, self._peppers, token_bytes, self._clock, ids)

    def _peppers(self) -> Versions:
        return self._secrets.versions(self._outputs["ApiKeyPepperSecretArn"])


def outputs(stack: str) -> Mapping[str, str]:
    """What a stack tells, by name. Raises what FAILURES names."""
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
