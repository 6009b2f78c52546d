"""What ECS says of a service, and what is read of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from core.adapters.ecs import EcsReleases
from core.errors import DependencyRefused, Unavailable

_DEFINITION = "arn:aws:ecs:eu-west-1:000000000000:task-definition/"


def deployment(status: str, definition: str) -> dict[str, str]:
    return {"id": "ecs-svc/1", "status": status, "taskDefinition": _DEFINITION + definition}


def asked(answer: Mapping[str, Any] | str) -> str:
    """`answer`: what ECS says, or the code of its error."""
    client = boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as ecs:
        if isinstance(answer, str):
            ecs.add_client_error("describe_services", answer)
        else:
            ecs.add_response("describe_services", dict(answer), {"cluster": "calls", "services": ["workers"]})
        return EcsReleases(client, "calls", "workers").in_service()


def test_the_primary_deployment_says_what_is_meant_to_run_even_if_it_is_the_older_one() -> None:
    deployments = [deployment("ACTIVE", "worker:8"), deployment("PRIMARY", "worker:7"), deployment("INACTIVE", "w:1")]
    assert asked({"services": [{"deployments": deployments}]}) == "worker:7"


@pytest.mark.parametrize("answer", [{"services": []}, {"services": [{"deployments": []}]}])
def test_a_service_that_is_not_there_is_no_release(answer: Mapping[str, Any]) -> None:
    with pytest.raises(DependencyRefused):
        asked(answer)


@pytest.mark.parametrize(
    ("code", "error"), [("ThrottlingException", Unavailable), ("AccessDeniedException", DependencyRefused)]
)
def test_a_refusal_says_whether_to_ask_again(code: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        asked(code)
