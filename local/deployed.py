"""A deployed Kallglot as its operator reaches it: by the names of its stacks, with the AWS credentials at hand."""

from __future__ import annotations

from collections.abc import Mapping

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from core.adapters import clients
from core.adapters.dynamodb.access import DynamoAccess
from core.adapters.dynamodb.keys import DynamoKeys
from core.adapters.dynamodb.telephony import DynamoTelephony
from core.adapters.dynamodb.transactions import Tables
from core.adapters.secrets import CachedSecrets
from core.adapters.system import SystemClock
from core.errors import DependencyRefused, KallglotError

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
        self.access = DynamoAccess(clients.dynamodb(), self._outputs["AccessTable"])
        tables = Tables(self._outputs["SessionsTable"], self._outputs["AccessTable"], outbox="")
        self.keys = DynamoKeys(clients.dynamodb(), tables, SystemClock())
        self.telephony = DynamoTelephony(clients.dynamodb(), self._outputs["AccessTable"])

    def pepper(self) -> bytes:
        return CachedSecrets(clients.secrets_manager()).read(self._outputs["ApiKeyPepperSecretArn"])


def outputs(stack: str) -> Mapping[str, str]:
    """What a stack tells, by name. Raises what FAILURES names."""
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
