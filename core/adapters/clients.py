"""AWS clients with the time they may take. Made once per process by a wiring and handed to the adapters.

One session for all: a session of its own for every client loads the service models and the credentials again. It is
botocore's, which makes boto3's clients, too: what boto3 puts on top (resources, threads that transfer files) nothing
here uses, and importing it took a tenth of a cold import.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

    from core.adapters.ec2 import InterfacesClient

LONG_POLL_S = 20


def config(read_timeout_s: float = 3.0, connections: int = 10) -> Config:
    """Three tries in all; a caller waits at most about three times the read timeout."""
    return Config(
        connect_timeout=1.0,
        read_timeout=read_timeout_s,
        retries={"total_max_attempts": 3, "mode": "standard"},
        max_pool_connections=connections,
    )


def once(read_timeout_s: float, connections: int) -> Config:
    """One try, and not for long."""
    return config(read_timeout_s, connections).merge(Config(retries={"total_max_attempts": 1, "mode": "standard"}))


def dynamodb(connections: int = 10) -> DynamoDBClient:
    client: DynamoDBClient = _client("dynamodb", config=config(connections=connections))
    return client


def dynamodb_once(read_timeout_s: float) -> DynamoDBClient:
    """For what a request can do without."""
    client: DynamoDBClient = _client("dynamodb", config=once(read_timeout_s, 10))
    return client


def sqs(read_timeout_s: float = LONG_POLL_S + 5.0) -> SQSClient:
    """By default with room for a long poll; who only sends should not wait that long."""
    client: SQSClient = _client("sqs", config=config(read_timeout_s))
    return client


def s3(connections: int = 10) -> S3Client:
    # Said outright, or links would be signed in the way of 2006, which buckets of most regions refuse.
    signed = config(read_timeout_s=20.0, connections=connections).merge(Config(signature_version="s3v4"))
    client: S3Client = _client("s3", config=signed)
    return client


def ecs() -> ECSClient:
    client: ECSClient = _client("ecs", config=config())
    return client


def ec2() -> InterfacesClient:
    """For one question at a start: its service model is by far the largest."""
    client: InterfacesClient = _client("ec2", config=config())
    return client


def functions() -> LambdaClient:
    client: LambdaClient = _client("lambda", config=config())
    return client


def secrets_manager() -> SecretsManagerClient:
    client: SecretsManagerClient = _client("secretsmanager", config=config())
    return client


def event_bridge(read_timeout_s: float = 5.0) -> EventBridgeClient:
    client: EventBridgeClient = _client("events", config=config(read_timeout_s))
    return client


def sockets(endpoint_url: str, connections: int = 10) -> ApiGatewayManagementApiClient:
    """`connections` are those to API Gateway that are open at once."""
    client: ApiGatewayManagementApiClient = _client(
        "apigatewaymanagementapi", endpoint_url=endpoint_url, config=config(2.0, connections)
    )
    return client


@cache
def session() -> Session:
    return Session()


def _client(service: str, **options: Any) -> Any:
    return session().create_client(service, **options)
