"""IAM is evaluated: what is not granted does not work, here as in AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import boto3
import botocore.session
import httpx
import pytest
from botocore.exceptions import ClientError

from local.deploy import Outputs, gateway_environment, worker_environment
from local.stack import Stack
from tests.integration.store import function_named
from tests.integration.test_rest import SESSION

pytestmark = pytest.mark.asyncio(loop_scope="session")

_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403")


@contextmanager
def denied(role: str, action: str) -> Iterator[None]:
    """Take a grant away for the duration of the block."""
    iam = boto3.client("iam")
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName="taken-away", PolicyDocument=policy)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="taken-away")


async def test_a_function_without_its_grant_fails_and_says_nothing_of_it(http: httpx.AsyncClient) -> None:
    role = function_named("lambdas.rest.app.handler")["Role"].rpartition("/")[2]
    with denied(role, "dynamodb:*"):
        response = await http.post("/sessions", json=SESSION)
    assert response.status_code in (500, 503), response.text
    assert response.json()["error"]["type"] == "api_error"
    assert "dynamodb" not in response.text.lower()
    assert (await http.post("/sessions", json=SESSION)).status_code == 201


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("dynamodb", "scan", {"TableName": "{access_table}"}),
        ("dynamodb", "delete_table", {"TableName": "{sessions_table}"}),
        ("s3", "delete_bucket", {"Bucket": "{recordings_bucket}"}),
        ("secretsmanager", "get_secret_value", {"SecretId": "{api_key_pepper_secret_arn}"}),
    ],
)
@pytest.mark.parametrize("environment_of", [worker_environment, gateway_environment])
async def test_a_task_may_not_do_what_is_not_its_work(
    stack: Stack,
    environment_of: Callable[[Outputs], dict[str, str]],
    service: str,
    operation: str,
    arguments: dict[str, str],
) -> None:
    refused(stack, environment_of(stack.outputs), service, operation, arguments)


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("dynamodb", "put_item", {"TableName": "{access_table}", "Item": {"pk": {"S": "key#1"}}}),
        ("dynamodb", "query", {"TableName": "{access_table}", "KeyConditionExpression": "pk = x"}),
        ("s3", "get_object", {"Bucket": "{recordings_bucket}", "Key": "chunks/1"}),
        ("sqs", "list_queues", {}),
        ("ec2", "describe_vpcs", {}),
    ],
)
async def test_a_gateway_may_less_than_a_worker(
    stack: Stack, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    """It is what the whole world may send packets to."""
    refused(stack, gateway_environment(stack.outputs), service, operation, arguments)


def refused(
    stack: Stack, environment: Mapping[str, str], service: str, operation: str, arguments: Mapping[str, Any]
) -> None:
    client = botocore.session.Session().create_client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"],
    )
    outputs = asdict(stack.outputs)
    filled = {name: value.format_map(outputs) if isinstance(value, str) else value for name, value in arguments.items()}
    with pytest.raises(ClientError) as denial:
        getattr(client, operation)(**filled)
    assert denial.value.response["Error"]["Code"] in _DENIED
