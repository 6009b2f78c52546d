"""AWS clients with the time they may take. Made once per process by a wiring and handed to the adapters.

Low-level clients: `boto3.resource` costs a cold start more and gives nothing the adapters use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

LONG_POLL_S = 20


def config(read_timeout_s: float = 3.0, connections: int = 10) -> Config:
    """Three tries in all; a caller waits at most about three times the read timeout."""
    return Config(
        connect_timeout=1.0,
        read_timeout=read_timeout_s,
        retries={"total_max_attempts": 3, "mode": "standard"},
        max_pool_connections=connections,
    )


def dynamodb(connections: int = 10) -> DynamoDBClient:
    return boto3.client("dynamodb", config=config(connections=connections))


def sqs() -> SQSClient:
    """The read timeout leaves room for a long poll."""
    return boto3.client("sqs", config=config(read_timeout_s=LONG_POLL_S + 5.0))


def s3(connections: int = 10) -> S3Client:
    return boto3.client("s3", config=config(read_timeout_s=20.0, connections=connections))


def secrets_manager() -> SecretsManagerClient:
    return boto3.client("secretsmanager", config=config())


def event_bridge() -> EventBridgeClient:
    return boto3.client("events", config=config(read_timeout_s=5.0))


def sockets(endpoint_url: str) -> ApiGatewayManagementApiClient:
    return boto3.client("apigatewaymanagementapi", endpoint_url=endpoint_url, config=config())
