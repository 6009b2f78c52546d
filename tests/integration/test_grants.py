"""IAM is evaluated: what is not granted does not work, here as in AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import boto3
import botocore.session
import httpx
import pytest
from botocore.exceptions import ClientError

from local.deploy import worker_environment
from local.stack import Stack
from tests.integration.store import function_named
from tests.integration.test_rest import SESSION

pytestmark = pytest.mark.asyncio(loop_scope="session")


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
async def test_the_worker_may_not_do_what_is_not_its_work(
    stack: Stack, service: str, operation: str, arguments: dict[str, str]
) -> None:
    environment = worker_environment(stack.outputs)
    client = botocore.session.Session().create_client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"],
    )
    filled = {name: value.format_map(asdict(stack.outputs)) for name, value in arguments.items()}
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**filled)
    assert refused.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException", "403")
